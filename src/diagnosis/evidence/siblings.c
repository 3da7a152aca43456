#include "diagnosis/evidence/siblings.h"

const struct image *starter_of(const struct image *image)
{
	const struct image *up = image->parent;

	if (image->hop == HOP_EXEC && up && up->hop == HOP_FORK && up->parent &&
	    up->pid == image->pid)
		return up->parent;
	return up;
}

/* A fork that became another program is a part of that program's start. */
static bool only_prepared_exec(const struct image *image)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (c->hop == HOP_EXEC && c->pid == image->pid)
			return true;
	return false;
}

static bool are_alike(const struct image *a, const struct image *b)
{
	return a != b && a->owner == b->owner && str_eq(a->exe, b->exe) &&
	       str_eq(a->command, b->command) &&
	       (a->hop == HOP_THREAD) == (b->hop == HOP_THREAD);
}

bool are_siblings(const struct image *a, const struct image *b)
{
	return are_alike(a, b) && a->parent && b->parent &&
	       starter_of(a) == starter_of(b) && !only_prepared_exec(a) &&
	       !only_prepared_exec(b);
}

static bool ended_before(const struct image *a, const struct image *b)
{
	return a->ended && a->ended < b->born;
}

bool are_replicas(const struct image *a, const struct image *b)
{
	return are_alike(a, b) && !a->parent && !b->parent &&
	       str_eq(a->cwd, b->cwd) && !ended_before(a, b) &&
	       !ended_before(b, a);
}
