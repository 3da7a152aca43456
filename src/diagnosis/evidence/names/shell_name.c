#include "diagnosis/evidence/names/shell_name.h"

#include <ctype.h>

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool can_be_set_by_shell(struct str name)
{
	if (str_has_prefix(name, STR("INPUT_")))
		return true;
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_byte(name.at[i]))
			return false;
	return name.len && !isdigit((unsigned char)*name.at);
}

struct str limit_of_shells_in_words(struct arena *a, struct str name)
{
	return arena_print(a,
			   "no shell can set %.*s, `env '%.*s=...' COMMAND` "
			   "can",
			   STR_FMT(name), STR_FMT(name));
}
