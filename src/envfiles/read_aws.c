/* ~/.aws/credentials and ~/.aws/config: the section of the profile in use, told
 * by the names of the variables that stand for its entries. */
#include "envfiles/env_syntax.h"

#include <string.h>

static struct str profile(const struct env_text *t)
{
	const char *name =
		t->environment ? t->environment("AWS_PROFILE") : NULL;

	return name && *name ? str_of(name) : STR("default");
}

/* [NAME] of credentials, [profile NAME] of config. */
static bool is_section_of(const char *from, const char *to, struct str wanted)
{
	if (to - from > 8 && !memcmp(from, "profile ", 8))
		from = skip_spaces(from + 8, to);
	return str_eq((struct str){from, (size_t)(to - from)}, wanted);
}

static const char *variable_of(struct str entry)
{
	static const char *const names[][2] = {
		{"aws_access_key_id", "AWS_ACCESS_KEY_ID"},
		{"aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"},
		{"aws_session_token", "AWS_SESSION_TOKEN"},
		{"region", "AWS_REGION"},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(entry, str_of(names[i][0])))
			return names[i][1];
	return NULL;
}

static void take_line(struct env_text *t, const char *at, const char *end)
{
	const char *sign = memchr(at, '=', (size_t)(end - at)), *from, *name;

	if (!sign || *at == '#' || *at == ';')
		return;
	name = variable_of((struct str){at, (size_t)(trim_end(at, sign) - at)});
	if (!name)
		return;
	from = skip_spaces(sign + 1, end);
	assign_at(t, at, str_of(name),
		  value_copy(t, from, trim_end(from, end)));
}

void read_aws(struct env_text *t, unsigned flags)
{
	const char *at = t->begin, *end, *to;
	struct str wanted = profile(t);
	bool is_ours = false;

	(void)flags;
	for (; at < t->end; at = end + 1) {
		end = line_end(t, at);
		at = skip_spaces(at, end);
		to = trim_end(at, end);
		if (to - at > 1 && *at == '[' && to[-1] == ']')
			is_ours = is_section_of(at + 1, to - 1, wanted);
		else if (is_ours && at < to)
			take_line(t, at, to);
	}
}
