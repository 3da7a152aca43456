#include "command_sites/tools/turbo.h"

#include "base/path.h"
#include "command_sites/env_change_site.h"
#include "command_sites/program_options.h"

/* TASK of `turbo run TASK` and `turbo TASK`; len 0: several. */
static struct str task_of(const struct image *turbo)
{
	const struct strs *args = model_arguments(turbo);
	struct str task = {NULL, 0};

	for (size_t i = 1; i < args->n; i++) {
		if (str_eq(args->at[i], STR("--")))
			break;
		if (!args->at[i].len || *args->at[i].at == '-' ||
		    (!task.len && str_eq(args->at[i], STR("run"))))
			continue;
		if (task.len)
			return (struct str){NULL, 0};
		task = args->at[i];
	}
	return task;
}

/* turbo.json of the root, from the working directory up. */
static struct str settings_path(struct arena *a, struct str directory)
{
	while (directory.len > 1) {
		struct str path = path_below(a, directory, STR("turbo.json"));

		if (is_written_there(path))
			return path;
		directory = path_parent(directory);
	}
	return (struct str){NULL, 0};
}

/* "TASK": */
static bool has_key(struct str line, struct str key)
{
	const char *at = memmem(line.at, line.len, key.at, key.len);
	struct str behind;

	if (!at)
		return false;
	behind = trim(from(line, (size_t)(at - line.at) + key.len));
	return behind.len && *behind.at == ':';
}

static struct str find_task(struct written_files *files, const struct image *by,
			    struct str path, struct str task)
{
	struct arena *a = files->arena;
	struct str rest = read_written(files, path, by), line;
	struct str key = arena_print(a, "\"%.*s\"", STR_FMT(task));
	unsigned long n = 0, found = 0;

	while (next_line(&rest, &line)) {
		n++;
		if (!has_key(line, key))
			continue;
		if (found)
			return (struct str){NULL, 0};
		found = n;
	}
	return found ? site_at(a, path, found) : (struct str){NULL, 0};
}

void find_turbo_task(struct written_files *files, const struct image *image)
{
	struct event *e = model_event_to_write(image->handover);
	const struct image *by =
		image->parent ? model_program(image->parent) : NULL;
	struct str task, path, site = {NULL, 0};

	if (!e || !by || by->owner ||
	    !str_eq(str_base(image->exe), STR("turbo")) || e->argc > e->args.n)
		return;
	task = task_of(image);
	path = settings_path(files->arena, by->cwd);
	if (task.len && path.len)
		site = find_task(files, by, path, task);
	if (site.len)
		add_changed_line(files->arena, e, STR("*"), site);
}
