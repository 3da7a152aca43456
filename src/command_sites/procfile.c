/* Procfiles, as honcho runs them: `name: command`, by `sh -c`. */
#include "command_sites/lookup.h"

#include "command_sites/program_options.h"

static struct command_list parse_procfile(struct arena *a, struct str text)
{
	struct command_list list = {.arena = a};
	unsigned long number = 0;
	struct str line;

	while (next_line(&text, &line)) {
		const char *colon =
			line.len ? memchr(line.at, ':', line.len) : NULL;

		number++;
		if (!colon || *line.at == '#')
			continue;
		line = (struct str){colon + 1,
				    (size_t)(line.at + line.len - colon - 1)};
		*ARRAY_ADD(a, list.at, list.n, list.room) =
			(struct written_command){.text = trim(line),
						 .line = number};
	}
	return list;
}

struct str find_in_procfile(struct written_files *files,
			    const struct launched *l)
{
	struct arena *a = files->arena;
	struct str directory, file;
	struct list_search s = begin_search(files, l, parse_procfile);

	if (!has_all_options(l->by))
		return (struct str){NULL, 0};
	directory = value_of_option(l->by, 'd', "--app-root --root");
	file = value_of_option(l->by, 'f', "--procfile");
	if (directory.len)
		s.directory = path_below(a, l->by->cwd, directory);
	search_list(&s, path_below(a, s.directory,
				   file.len ? file : STR("Procfile")));
	return found_site(&s);
}
