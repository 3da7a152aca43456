#include "diagnosis/evaluation.h"

static const struct image *launcher_of(const struct image *image)
{
	const struct image *up = image->parent;

	while (up && up->pid == image->pid)
		up = up->parent;
	return up;
}

/* system() and pclose() wait inside libc: the launcher records no wait. */
static bool is_shell_spawn(const struct image *image)
{
	return image->handover && image->hop == HOP_SPAWN &&
	       !image->handover->has_child && image->handover->kind == KT_SPAWN;
}

/* A launcher's failure counts against a child, unless the child was stopped. A
 * child with a good end bears the failure only when no other child failed. */
static bool failed_launcher(const struct image *image)
{
	const struct image *up = image->waiter;

	if (!up && is_shell_spawn(image))
		up = launcher_of(image);
	return up && model_failed(up) && !model_was_stopped(image) &&
	       !(image->has_status && !image->status && up->child_failed);
}

bool failed_after(const struct reading *r)
{
	return model_failed(r->image) || failed_launcher(r->image);
}
