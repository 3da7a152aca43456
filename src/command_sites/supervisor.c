/* Programs of supervisord: `command=` of its configuration, started by exec. */
#include "command_sites/lookup.h"

#include "command_sites/program_options.h"
#include "command_sites/ini_file.h"

static void add_includes(struct command_list *list, struct str names)
{
	struct str name;

	while (next_word(&names, &name))
		add_step(list, (struct list_step){.path = name});
}

/* " ;" begins a comment. */
static struct str without_comment(struct str value)
{
	const char *at = memmem(value.at, value.len, " ;", 2);

	return at ? (struct str){value.at, (size_t)(at - value.at)} : value;
}

static struct command_list parse_configuration(struct arena *a, struct str text)
{
	struct command_list list = {.arena = a};
	struct settings_reader r = {.rest = text, .continued = ' '};
	struct setting s;

	while (next_setting(a, &r, &s))
		if (str_eq(s.section, STR("[include]")) &&
		    str_eq(s.key, STR("files")))
			add_includes(&list, without_comment(s.value));
		else if (str_eq(s.key, STR("command")))
			add_command(&list, without_comment(s.value), '%',
				    s.line);
	return list;
}

/* Where supervisord looks without -c, in its order. */
static struct str default_configuration(struct arena *a,
					const struct image *supervisord)
{
	const struct strs *args = model_arguments(supervisord);
	struct str program = args->n > 1 ? args->at[1] : STR("");
	struct str bin = {program.at, program.len - str_base(program).len};
	struct str cwd = supervisord->cwd;
	const struct str paths[] = {
		arena_print(a, "%.*s../etc/supervisord.conf", STR_FMT(bin)),
		arena_print(a, "%.*s../supervisord.conf", STR_FMT(bin)),
		STR("supervisord.conf"),
		STR("etc/supervisord.conf"),
		STR("/etc/supervisord.conf"),
		STR("/etc/supervisor/supervisord.conf"),
	};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (is_written_there(path_below(a, cwd, paths[i])))
			return path_below(a, cwd, paths[i]);
	return (struct str){NULL, 0};
}

struct str find_in_supervisor(struct written_files *files,
			      const struct launched *l)
{
	struct arena *a = files->arena;
	struct str path;
	struct list_search s = begin_search(files, l, parse_configuration);

	if (!has_all_options(l->by))
		return (struct str){NULL, 0};
	path = value_of_option(l->by, 'c', "--configuration");
	path = path.len ? path_below(a, l->by->cwd, path)
			: default_configuration(a, l->by);
	if (path.len)
		s.directory = (struct str){path.at,
					   path.len - str_base(path).len - 1};
	search_list(&s, path);
	return found_site(&s);
}
