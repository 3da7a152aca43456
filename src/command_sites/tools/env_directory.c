#include "command_sites/tools/env_directory.h"

#include "command_sites/env_change_site.h"
#include "command_sites/program_options.h"

/* The first argument that is no option. */
static struct str first_operand(const struct strs *args)
{
	for (size_t i = 1; i < args->n; i++)
		if (args->at[i].len && *args->at[i].at != '-')
			return args->at[i];
	return (struct str){NULL, 0};
}

static struct str directory_of(struct arena *a, const struct image *tool)
{
	struct str name = str_base(tool->exe), directory = {NULL, 0};

	if (str_is_listed(name, "chpst"))
		directory = value_of_option(tool, 'e', "");
	else if (str_is_listed(name, "envdir s6-envdir"))
		directory = first_operand(model_arguments(tool));
	return directory.len ? path_below(a, tool->cwd, directory) : directory;
}

static void tell(struct written_files *files, struct str directory,
		 struct event *e, const struct values *changed)
{
	for (size_t i = 0; i < changed->n; i++) {
		struct str name = changed->at[i].name;
		struct str path = path_below(files->arena, directory, name);

		if (is_written_there(path))
			add_changed_line(files->arena, e, name,
					 site_at(files->arena, path, 1));
	}
}

void find_env_directory(struct written_files *files, const struct image *image)
{
	struct event *e = model_event_to_write(image->handover);
	const struct image *tool =
		image->parent ? model_program(image->parent) : NULL;
	struct str directory;

	if (!e || !tool || tool->owner || !(e->lost.n || e->env.n))
		return;
	directory = directory_of(files->arena, tool);
	if (!directory.len)
		return;
	tell(files, directory, e, &e->lost);
	tell(files, directory, e, &e->env);
}
