/* Which image had a pid at a moment. Pids are used again, and each boot counts
 * from the beginning. */
#include "model/build.h"

#include <stdlib.h>

#include "base/compare.h"

static int by_birth(const void *a, const void *b)
{
	const struct image *x = *(struct image *const *)a;
	const struct image *y = *(struct image *const *)b;

	COMPARE(x->boot, y->boot);
	COMPARE(x->born, y->born);
	return ORDER(x->index, y->index);
}

static int by_pid(const void *a, const void *b)
{
	const struct image *x = *(struct image *const *)a;
	const struct image *y = *(struct image *const *)b;

	COMPARE(x->boot, y->boot);
	COMPARE(x->owner, y->owner);
	COMPARE(x->pid, y->pid);
	return by_birth(a, b);
}

void build_pid_index(struct build *b)
{
	struct model *m = b->model;

	if (m->n_images)
		qsort(m->images, m->n_images, sizeof(struct image *), by_birth);
	b->by_pid = TAKE(b->arena, struct image *, m->n_images + 1);
	for (size_t i = 0; i < m->n_images; i++) {
		m->images[i]->index = i;
		if (m->images[i]->pid && m->images[i]->hop != HOP_THREAD)
			b->by_pid[b->n_by_pid++] = m->images[i];
	}
	if (b->n_by_pid)
		qsort(b->by_pid, b->n_by_pid, sizeof(struct image *), by_pid);
}

struct image *find_image_by_pid(const struct build *b, struct process_id id,
				uint64_t t)
{
	struct image key = {
		.boot = id.boot, .owner = id.owner, .pid = id.pid, .born = t};
	const struct image *wanted = &key;
	size_t low = 0, high = b->n_by_pid;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_pid(&b->by_pid[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || b->by_pid[low - 1]->pid != id.pid ||
	    b->by_pid[low - 1]->boot != id.boot ||
	    b->by_pid[low - 1]->owner != id.owner)
		return NULL;
	return b->by_pid[low - 1];
}
