#include "command_sites/command_sites.h"

#include "command_sites/go/go_launch.h"
#include "command_sites/launcher_climb.h"
#include "command_sites/tools/container.h"
#include "command_sites/tools/env_directory.h"
#include "command_sites/lookup.h"
#include "command_sites/tools/notebook.h"
#include "command_sites/tools/replaced_object.h"
#include "command_sites/outdated_places.h"
#include "command_sites/tools/turbo.h"
#include "command_sites/script_env_change.h"
#include "command_sites/servers/server_settings.h"
#include "command_sites/shell/client_expansions.h"
#include "command_sites/shell/shell_tests.h"
#include "command_sites/tool_settings.h"
#include "command_sites/unexported.h"
#include "model/place.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

/* The event in which the site of the image's command is told; null: none. */
static const struct event *event_of(const struct image *image)
{
	if (model_is_fork_or_thread(image))
		return NULL;
	return image->handover ? image->handover : image->birth;
}

/* True for a launch that a finding may be about: variables were lost, changed
 * or given at it, by what it starts, or out of sight; or the started program
 * has no lines of its own, or read an env file. */
static bool may_matter(const struct image *image)
{
	const struct event *e = image->handover;

	if (!e || !image->observed || image->n_opens || e->lost.n ||
	    e->changed || e->dropped || (e->added && e->env.n) ||
	    runtime_packaged_program(image).len ||
	    runtime_of(image)->runs_parents_exec)
		return true;
	for (size_t i = 0; i < image->n_events; i++)
		switch (image->events[i]->kind) {
		case KT_SET:
		case KT_UNSET:
		case KT_CLEAR:
		case KT_SWAP:
			return true;
		default:
			break;
		}
	return false;
}

/* bash names a file as `.` does: relative to where the script had gone. */
static void complete_site(struct written_files *files,
			  const struct image *image, struct event *e)
{
	const struct image *shell =
		image->parent ? model_program(image->parent) : NULL;
	struct str path;

	if (!place_has_line(e->site) || *e->site.at == '/' || !shell ||
	    !runtime_script(shell).len)
		return;
	path = find_included_file(files, shell, site_file(e->site));
	if (!path.len)
		return;
	e->site = site_at(files->arena, path, site_line(e->site));
	e->mapped_here = true;
}

/* A library made the worker thread, in no frame of the program. */
static void resolve_thread(struct written_files *files,
			   const struct image *image)
{
	struct event *e = model_event_to_write(image->birth);

	if (!e || e->command_site.len || own_line_of(e).len)
		return;
	e->command_site = find_worker_file(files, image);
	e->command_site_is_new = e->command_site.len;
}

static void resolve(struct written_files *files, const struct image *image)
{
	struct event *e = model_event_to_write(event_of(image));

	if (image->hop == HOP_THREAD)
		resolve_thread(files, image);
	if (!e || !may_matter(image))
		return;
	complete_site(files, image, e);
	if (e->command_site.len)
		return;
	e->command_site = find_command_site(files, image);
	e->command_site_is_new = e->command_site.len;
}

/* The files of another machine are not here. */
static bool is_of_this_machine(const struct trace *t)
{
	return !t->pack && !t->n_loose_files && t->n_files &&
	       trace_is_of_this_boot(t);
}

void command_sites_resolve(struct arena *a, struct trace *t)
{
	struct written_files files = written_files_of(a, t);
	const struct model *m;

	if (!is_of_this_machine(t))
		return;
	m = model_build(a, t);
	for (size_t i = 0; i < m->n_images; i++)
		resolve(&files, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		find_notebook_cells(&files, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		find_replaced_object(&files, m->images[i]);
	look_at_place_files(a, t, m);
	for (size_t i = 0; i < m->n_images; i++)
		find_script_changes(&files, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		find_tool_settings(&files, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		find_env_directory(&files, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		find_turbo_task(&files, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		find_server_settings(&files, m->images[i]);
	find_go_launches(&files, m);
	find_containers(&files, m);
	find_unexported(&files, m);
	find_shell_tests(&files, m);
	find_client_expansions(&files, m);
	find_expanded(&files, m);
}

static void take_site(struct event *to, const struct event *from)
{
	if (from->command_site_is_new)
		to->command_site = from->command_site;
	if (from->changed_lines_are_new)
		to->changed_lines = from->changed_lines;
	if (from->unexported_is_new)
		to->unexported = from->unexported;
	if (from->tested_is_new)
		to->tested = from->tested;
	if (from->expanded_is_new)
		to->expanded = from->expanded;
	to->command_site_is_new |= from->command_site_is_new;
	to->changed_lines_are_new |= from->changed_lines_are_new;
	to->unexported_is_new |= from->unexported_is_new;
	to->tested_is_new |= from->tested_is_new;
	to->expanded_is_new |= from->expanded_is_new;
	if (from->mapped_here && !to->mapped_here) {
		to->site = from->site;
		to->callers = from->callers;
		to->compiled = from->compiled;
		to->mapped_here = true;
	}
}

static void take_sites(struct arena *a, struct trace *to,
		       const struct trace *from)
{
	struct hashmap *events = hashmap_new(a);

	for (size_t i = 0; i < from->n; i++)
		if (from->events[i].command_site_is_new ||
		    from->events[i].changed_lines_are_new ||
		    from->events[i].unexported_is_new ||
		    from->events[i].tested_is_new ||
		    from->events[i].expanded_is_new ||
		    from->events[i].mapped_here)
			*hashmap_slot(events, from->events[i].line.at,
				      STR("")) = &from->events[i];
	for (size_t i = 0; i < to->n; i++) {
		const struct event *e =
			hashmap_find(events, to->events[i].line.at, STR(""));

		if (e)
			take_site(&to->events[i], e);
	}
}

void command_sites_resolve_unfolded(struct arena *a, struct trace *t)
{
	struct trace folded;

	if (!is_of_this_machine(t))
		return;
	folded = trace_folded_copy(a, t);
	command_sites_resolve(a, &folded);
	take_sites(a, t, &folded);
}
