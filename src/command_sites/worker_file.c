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

/* `java Launch.java`: Java tells no line at all. */
static bool runs_source_of_java(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	const struct str ending = STR(".java");

	if (runtime_of(image)->id != RUNTIME_JAVA)
		return false;
	for (size_t i = 1; i < args->n; i++)
		if (args->at[i].len > ending.len &&
		    str_eq(from(args->at[i], args->at[i].len - ending.len),
			   ending))
			return true;
	return false;
}

/* What a helper became, which carries out the exec of `image`. */
static const struct image *worker_of(const struct image *image)
{
	return runtime_of(image)->runs_parents_exec && image->first_child
		       ? image->first_child
		       : image;
}

/* With the frames that started the worker; or null. */
static const struct event *start_of(const struct image *image)
{
	return image->hop == HOP_THREAD ? image->birth : image->handover;
}

/* The script of the launcher, if the launch has no line of the launcher's. */
static struct str script_of_launcher(struct arena *a, const struct image *by,
				     const struct image *image)
{
	if (by && by->observed &&
	    (count_frames(start_of(image)) || runs_source_of_java(by)))
		return own_script_of(a, by);
	return (struct str){NULL, 0};
}

struct str find_worker_file(struct written_files *files,
			    const struct image *image)
{
	const struct image *by =
		image->parent ? model_program(image->parent) : NULL;
	struct str worker = str_base(own_file_of(worker_of(image)));
	struct str path = script_of_launcher(files->arena, by, image);
	struct str text = {NULL, 0}, site = text, line;
	unsigned long n = 0;

	if (path.len && worker.len)
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
