/* Opens of env and secret files, and what these files hold. */
#include "model/build.h"

#include "trace/env_file.h"

static size_t count(const struct image *image, enum kt_event kind)
{
	size_t n = 0;

	for (size_t i = 0; i < image->n_events; i++)
		n += image->events[i]->kind == kind;
	return n;
}

static void find_opens(struct arena *a, struct image *image)
{
	size_t n = count(image, KT_OPEN);

	if (!n)
		return;
	image->opens = TAKE(a, const struct event *, n);
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_OPEN)
			image->opens[image->n_opens++] = image->events[i];
}

static bool tells_contents(const struct event *e)
{
	return e->kind == KT_FILE && e->file && e->file->n;
}

void build_env_files(struct build *b)
{
	struct model *m = b->model;
	size_t n = 0;

	for (size_t i = 0; i < m->n_images; i++)
		find_opens(b->arena, m->images[i]);
	for (size_t i = 0; i < b->trace->n; i++)
		n += tells_contents(&b->trace->events[i]);
	m->env_files = TAKE(b->arena, const struct event *, n + 1);
	for (size_t i = 0; i < b->trace->n; i++)
		if (tells_contents(&b->trace->events[i]))
			m->env_files[m->n_env_files++] = &b->trace->events[i];
}
