/* Scripts of shells. */
#include "command_sites/lookup.h"

#include "command_sites/open_text.h"
#include "command_sites/shell_text.h"
#include "runtimes/runtime.h"

struct str find_in_script(struct written_files *files, const struct launched *l)
{
	struct list_search s = {.files = files,
				.launched = l,
				.parse = parse_shell,
				.reader = l->by,
				.directory = l->by->cwd};

	search_list(&s, path_below(files->arena, l->by->cwd,
				   runtime_script(l->by)));
	return found_site(&s);
}

bool is_in_shell_text(struct arena *a, struct str text,
		      const struct launched *l)
{
	struct command_list list = parse_shell(a, open_masked(a, text));

	if (list.has_more || list.n_includes)
		return false;
	for (size_t i = 0; i < list.n; i++)
		if (may_be_launched(&list.at[i], l))
			return true;
	return false;
}
