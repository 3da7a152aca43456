/* Scripts of shells. */
#include "command_sites/lookup.h"

#include "command_sites/partial_text.h"
#include "command_sites/shell/shell_parser.h"
#include "runtimes/runtime.h"

/* Once more where an include stands in a function or in a loop, and a move was
 * met behind the include. */
static void search_script(struct list_search *s, struct str path)
{
	size_t n_before;
	bool was_elsewhere;

	do {
		n_before = s->n_moved_to;
		was_elsewhere = s->is_elsewhere;
		search_list(s, path);
	} while (!s->is_uncertain && s->has_unordered_include &&
		 (s->n_moved_to > n_before || s->is_elsewhere > was_elsewhere));
}

struct str find_in_script(struct written_files *files, const struct launched *l)
{
	struct list_search s = begin_search(files, l, parse_shell);

	s.script = runtime_script(l->by);
	search_script(&s, path_below(files->arena, l->by->cwd, s.script));
	return found_site(&s);
}

struct str find_included_file(struct written_files *files,
			      const struct image *shell, struct str name)
{
	struct list_search s = {.files = files,
				.wanted = name,
				.parse = parse_shell,
				.reader = shell,
				.directory = shell->cwd,
				.script = runtime_script(shell)};

	search_script(&s, path_below(files->arena, shell->cwd, s.script));
	return found_site(&s);
}

static bool has_include(const struct command_list *list)
{
	for (size_t i = 0; i < list->n_steps; i++)
		if (list->steps[i].kind == STEP_INCLUDE)
			return true;
	return false;
}

bool is_in_shell_text(struct arena *a, struct str text,
		      const struct launched *l)
{
	struct command_list list = parse_shell(a, partial_masked(a, text));

	if (list.has_more || has_include(&list))
		return false;
	for (size_t i = 0; i < list.n; i++)
		if (may_be_launched(&list.at[i], l))
			return true;
	return false;
}
