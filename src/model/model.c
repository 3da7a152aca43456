#include "model/build.h"

static void add_patterns(struct model *m, struct hashmap *known,
			 struct strs patterns)
{
	for (size_t i = 0; i < patterns.n; i++) {
		void **slot = hashmap_slot(known, NULL, patterns.at[i]);

		if (!*slot)
			m->watch.at[m->watch.n++] = patterns.at[i];
		*slot = m;
	}
}

static void build_watch(struct build *b)
{
	struct hashmap *known = hashmap_new(b->arena);
	size_t n = 0;

	for (size_t i = 0; i < b->trace->n; i++)
		n += b->trace->events[i].watch.n;
	b->model->watch.at = TAKE(b->arena, struct str, n + 1);
	for (size_t i = 0; i < b->trace->n; i++)
		if (!b->trace->events[i].owner)
			add_patterns(b->model, known,
				     b->trace->events[i].watch);
}

/* The wall clock in ms at an event, by the birth of its image; 0: not known. */
static uint64_t wall_of(const struct model *m, const struct event *e)
{
	for (size_t i = 0; i < m->n_images; i++) {
		const struct event *birth = m->images[i]->birth;

		if (birth && str_eq(m->images[i]->id, e->image) &&
		    birth->wall && e->t >= birth->t)
			return birth->wall + (e->t - birth->t) / 1000000;
	}
	return 0;
}

const struct event *model_full(const struct model *m, uint64_t *ret_wall)
{
	for (size_t i = 0; i < m->trace->n; i++) {
		const struct event *e = &m->trace->events[i];

		if (e->kind != KT_FULL)
			continue;
		*ret_wall = wall_of(m, e);
		return e;
	}
	return NULL;
}

struct variable *model_variable(const struct model *m, struct str name)
{
	for (size_t i = 0; i < m->n_variables; i++)
		if (str_eq(m->variables[i].name, name))
			return &m->variables[i];
	return NULL;
}

struct model *model_build(struct arena *arena, const struct trace *trace)
{
	struct build b = {.arena = arena, .trace = trace};

	b.model = TAKE(arena, struct model, 1);
	b.model->arena = arena;
	b.model->trace = trace;
	build_watch(&b);
	build_images(&b);
	build_folds(&b);
	build_handovers(&b);
	build_script_sites(&b);
	mark_commands(&b);
	build_pid_index(&b);
	build_exit_statuses(&b);
	if (build_claims(&b))
		build_exit_statuses(&b);
	build_parent_links(&b);
	build_failures(&b);
	build_env_histories(&b);
	build_language_copies(&b);
	build_requests(&b);
	build_program_names(&b);
	build_env_files(&b);
	build_readings(&b);
	build_losses(&b);
	return b.model;
}

const struct reading *model_reading(const struct image *image, struct str name)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (str_eq(r->name, name))
			return r;
	return NULL;
}

bool model_asked_for(const struct image *image, struct str name)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (r->outcome != READ_NONE && str_eq(r->name, name))
			return true;
	return false;
}
