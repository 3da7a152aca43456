/* Sites in a script, as the script was named when it was started: a path
 * relative to the directory of that moment. The program may have gone elsewhere
 * since, so the path is completed here. */
#include "model/build.h"

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
	struct str cwd = model_program(image)->cwd;

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
		/* A forked child may have gone elsewhere before it told of
		 * itself. */
		const struct image *program = model_program(image);
		struct script s = {b->arena, model_first_operand(program),
				   program->cwd};

		if (!s.name.len || *s.name.at == '/' || !s.cwd.len ||
		    *s.cwd.at != '/')
			continue;
		for (size_t k = 0; k < image->n_events; k++)
			complete_sites(&s,
				       model_event_to_write(image->events[k]));
	}
}
