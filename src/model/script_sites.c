/* Sites in a script, as the script was named when it was started: a path
 * relative to the directory of that moment. The program may have gone elsewhere
 * since, so the path is completed here. */
#include "model/build.h"

/* The first argument that is no option; len 0: none, or an absolute path. */
static struct str relative_script(const struct image *program)
{
	const struct strs *args = model_arguments(program);
	size_t i = 1;

	while (i < args->n && args->at[i].len && *args->at[i].at == '-')
		i++;
	if (i >= args->n || !args->at[i].len || *args->at[i].at == '/')
		return (struct str){NULL, 0};
	return args->at[i];
}

/* What was started: a forked child may have gone elsewhere before it told of
 * itself. */
static const struct image *program_of(const struct image *image)
{
	while (model_is_fork_or_thread(image) && image->parent)
		image = image->parent;
	return image;
}

static bool begins(struct str s, struct str with)
{
	return s.len > with.len && !memcmp(s.at, with.at, with.len);
}

/* The working directory is no link, so `..` leads to the directory above. */
static struct str complete(struct arena *a, struct str cwd, struct str path)
{
	for (;;) {
		if (begins(path, STR("./"))) {
			path = (struct str){path.at + 2, path.len - 2};
		} else if (begins(path, STR("../"))) {
			path = (struct str){path.at + 3, path.len - 3};
			while (cwd.len && cwd.at[--cwd.len] != '/')
				;
		} else {
			break;
		}
	}
	if (cwd.len == 1)
		cwd.len = 0;
	return arena_print(a, "%.*s/%.*s", STR_FMT(cwd), STR_FMT(path));
}

struct str model_script_path(struct arena *a, const struct image *image,
			     struct str script)
{
	struct str cwd = program_of(image)->cwd;

	if (!script.len || *script.at == '/' || !cwd.len || *cwd.at != '/')
		return script;
	return complete(a, cwd, script);
}

struct script {
	struct arena *arena;
	struct str name, cwd;
};

static void complete_site(const struct script *s, struct str *site)
{
	if (begins(*site, s->name) && site->at[s->name.len] == ':')
		*site = complete(s->arena, s->cwd, *site);
}

static void complete_sites(const struct script *s, struct event *e)
{
	struct strs callers = {TAKE(s->arena, struct str, e->callers.n + 1),
			       e->callers.n};

	complete_site(s, &e->site);
	for (size_t i = 0; i < callers.n; i++) {
		callers.at[i] = e->callers.at[i];
		complete_site(s, &callers.at[i]);
	}
	if (callers.n)
		e->callers = callers;
}

void build_script_sites(struct build *b)
{
	for (size_t i = 0; i < b->model->n_images; i++) {
		const struct image *image = b->model->images[i];
		const struct image *program = program_of(image);
		struct script s = {b->arena, relative_script(program),
				   program->cwd};

		if (!s.name.len || !s.cwd.len || *s.cwd.at != '/')
			continue;
		/* The trace is the caller's, and the model a view of it. */
		for (size_t k = 0; k < image->n_events; k++)
			complete_sites(&s, (struct event *)image->events[k]);
	}
}
