#include "commands/option_names.h"

#include "commands/command.h"

bool is_whole_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (strchr("= \t\n*?[", name.at[i]))
			return false;
	return name.len;
}

bool are_whole_names(struct arena *arena, const char *command,
		     const char *option, const struct texts *texts)
{
	for (size_t i = 0; i < texts->n; i++) {
		if (is_whole_name(str_of(texts->at[i])))
			continue;
		complain(arena,
			 "%s: %s takes the whole NAME of one variable, no "
			 "pattern, blank or value; repeat it for more, of the "
			 "names in keytrail report -v",
			 command, option);
		return false;
	}
	return true;
}
