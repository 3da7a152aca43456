/* The line that names a worker's file: a library starts the worker in a task of
 * its own, where no frame of the program is left. */
#include "command_sites/lookup.h"

#include "model/place.h"
#include "runtimes/runtime.h"
#include "trace/caller.h"
#include "trace/site.h"

/* The first file of the user's own that the program ran; len 0: none seen. */
static struct str own_file_of(const struct image *image)
{
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if (e->kind == KT_READ && own_line_of(e).len)
			return site_file(own_line_of(e));
	}
	return (struct str){NULL, 0};
}

/* The user's own script that the launcher runs; len 0: another program. */
static struct str own_script_of(struct arena *a, const struct image *launcher)
{
	const struct strs *args = model_arguments(launcher);
	size_t i = 1;

	if (!runtime_interprets(launcher) ||
	    runtime_packaged_program(launcher).len)
		return (struct str){NULL, 0};
	while (i < args->n && args->at[i].len && *args->at[i].at == '-')
		i++;
	return i < args->n ? path_below(a, launcher->cwd, args->at[i])
			   : (struct str){NULL, 0};
}

static bool has_before(struct str line, const char *at, const char *any)
{
	return at > line.at && strchr(any, at[-1]);
}

static bool has_behind(struct str line, const char *at, const char *any)
{
	return at < line.at + line.len && strchr(any, *at);
}

/* '/mail.js', or './mail' */
static bool names_file(struct str line, struct str base)
{
	const char *dot = memrchr(base.at, '.', base.len);
	struct str stem = {base.at, dot ? (size_t)(dot - base.at) : base.len};
	const char *at = line.at, *end = line.at + line.len;

	while (stem.len &&
	       (at = memmem(at, (size_t)(end - at), stem.at, stem.len))) {
		const char *behind = at + stem.len;
		size_t rest = base.len - stem.len;

		if ((size_t)(end - behind) >= rest &&
		    !memcmp(behind, base.at + stem.len, rest))
			behind += rest;
		if (has_before(line, at, "/'\"`") &&
		    has_behind(line, behind, "'\"`"))
			return true;
		at++;
	}
	return false;
}

static bool is_comment(struct str line)
{
	return line.len > 1 && (*line.at == '#' || *line.at == '*' ||
				!memcmp(line.at, "//", 2));
}

struct str find_worker_file(struct written_files *files,
			    const struct image *image)
{
	const struct image *by =
		image->parent ? model_program(image->parent) : NULL;
	struct str path = {NULL, 0}, text = path, site = path, line;
	struct str worker = str_base(own_file_of(image));
	unsigned long n = 0;

	if (by && by->observed && count_frames(image->handover) && worker.len)
		path = own_script_of(files->arena, by);
	if (path.len)
		text = read_written(files, path, by);
	while (next_line(&text, &line)) {
		n++;
		if (is_comment(trim(line)) || !names_file(line, worker))
			continue;
		if (site.len)
			return (struct str){NULL, 0};
		site = site_at(files->arena, path, n);
	}
	return site;
}
