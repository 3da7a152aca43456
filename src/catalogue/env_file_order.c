#include "catalogue/env_file_order.h"

static const char general[] = "base common default defaults shared global "
			      "fallback";

static struct str without_suffix(struct str name, struct str suffix)
{
	if (str_has_suffix(name, suffix))
		name.len -= suffix.len;
	return name;
}

/* .env.defaults, common.env */
static bool is_general(struct str base)
{
	for (size_t i = 0, n; i <= base.len; i += n + 1) {
		struct str word = {base.at + i, 0};

		while (i + word.len < base.len && word.at[word.len] != '.' &&
		       word.at[word.len] != '-' && word.at[word.len] != '_')
			word.len++;
		n = word.len;
		if (n && str_is_listed(word, general))
			return true;
	}
	return false;
}

/* .env.local continues .env; app.local.env continues app.env */
static bool continues(struct str file, struct str other)
{
	struct str end = STR(".env");

	if (!str_has_prefix(file, other)) {
		file = without_suffix(file, end);
		other = without_suffix(other, end);
	}
	return other.len && file.len > other.len &&
	       str_has_prefix(file, other) && file.at[other.len] == '.';
}

bool is_meant_to_override(struct str file, struct str other)
{
	file = str_base(file);
	other = str_base(other);
	if (is_general(file) || is_general(other))
		return is_general(other) && !is_general(file);
	return continues(file, other);
}
