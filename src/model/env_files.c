/* Opens of env and secret files, and what these files hold. */
#include "model/build.h"

#include "trace/env_file.h"

static bool tells_contents(const struct event *e)
{
	return e->kind == KT_FILE && e->file;
}

void build_env_files(struct build *b)
{
	struct model *m = b->model;
	size_t n = 0;

	for (size_t i = 0; i < m->n_images; i++)
		m->images[i]->opens =
			events_of_kind(b->arena, m->images[i], KT_OPEN,
				       &m->images[i]->n_opens);
	for (size_t i = 0; i < b->trace->n; i++)
		n += tells_contents(&b->trace->events[i]);
	m->env_files = TAKE(b->arena, const struct event *, n + 1);
	for (size_t i = 0; i < b->trace->n; i++)
		if (tells_contents(&b->trace->events[i]))
			m->env_files[m->n_env_files++] = &b->trace->events[i];
}
