#include "model/build.h"

#include <stdlib.h>

#define ORDER(a, b)                                                            \
	do {                                                                   \
		if ((a) != (b))                                                \
			return (a) < (b) ? -1 : 1;                             \
	} while (0)

static int by_birth(const void *a, const void *b)
{
	const struct image *x = *(struct image *const *)a;
	const struct image *y = *(struct image *const *)b;

	ORDER(x->boot, y->boot);
	ORDER(x->born, y->born);
	ORDER(x->index, y->index);
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct image *x = *(struct image *const *)a;
	const struct image *y = *(struct image *const *)b;

	ORDER(x->boot, y->boot);
	ORDER(x->owner, y->owner);
	ORDER(x->pid, y->pid);
	return by_birth(a, b);
}

static void index_by_pid(struct build *b)
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

static bool is_alive(const struct image *image, uint64_t t)
{
	return !image->ended || image->ended >= t;
}

/* Did `before` become the image with the same pid that was born at `t`, by an
 * exec that no hook saw? Then it fell silent. */
static bool exec_was_unseen(const struct image *before,
			    const struct image *image)
{
	const struct event *last = NULL;

	if (before->n_events)
		last = before->events[before->n_events - 1];
	return image->ppid && before->ppid == image->ppid &&
	       is_alive(before, image->born) &&
	       (!last || last->t <= image->born);
}

static struct process_id same_space(const struct image *image, uint64_t pid)
{
	return (struct process_id){image->boot, pid, image->owner};
}

static void link_by_pid(const struct build *b, struct image *image)
{
	bool forked = !str_eq(image->birth->by, STR("exec"));
	struct image *near;

	near = find_image_by_pid(b, same_space(image, image->pid), image->born);
	if (!forked && near && exec_was_unseen(near, image)) {
		image->parent = near;
		image->hop = HOP_EXEC;
		return;
	}
	near = find_image_by_pid(b, same_space(image, image->ppid),
				 image->born);
	if (image->ppid && near && is_alive(near, image->born)) {
		image->parent = near;
		image->hop = forked ? HOP_FORK : HOP_SPAWN;
	}
}

/* A stranger's made-up tree must not take us a time that grows with its square.
 */
static bool is_too_deep(const struct image *image)
{
	enum { DEEPEST = 512 };

	return image->owner && image->parent->depth >= DEEPEST;
}

/* Parents come before their children in m->images, or are not believed. */
static void inherit_from_parent(struct image *image)
{
	struct image *up = image->parent;

	image->root = up ? up->root : image;
	image->depth = up ? up->depth + 1 : 0;
	if (up && up->claimed)
		image->claimed = up->claimed;
	image->observed_from_root =
		image->observed &&
		(up ? up->observed_from_root && (image->handover ||
						 model_is_fork_or_thread(image))
		    : !image->has_unseen_origin);
	if (image->hop == HOP_EXEC)
		up->ended = image->born;
}

static void list_children(struct model *m)
{
	for (size_t i = m->n_images; i > 0; i--) {
		struct image *image = m->images[i - 1];

		if (!image->parent)
			continue;
		image->next_sibling = image->parent->first_child;
		image->parent->first_child = image;
	}
}

void build_parent_links(struct build *b)
{
	struct model *m = b->model;

	index_by_pid(b);
	build_exit_statuses(b);
	if (build_claims(b))
		build_exit_statuses(b);
	for (size_t i = 0; i < m->n_images; i++) {
		struct image *image = m->images[i];

		if (!image->parent && image->birth &&
		    image->events[0] == image->birth)
			link_by_pid(b, image);
		if (image->parent &&
		    (image->parent->index >= i || is_too_deep(image))) {
			image->has_unseen_origin |= image->parent->index < i;
			image->parent = NULL;
			image->handover = NULL;
			image->hop = HOP_ROOT;
		}
		inherit_from_parent(image);
	}
	list_children(m);
}
