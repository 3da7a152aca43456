/* Finds by pid the parents which no event names, and builds the tree of images.
 */
#include "model/build.h"

static bool is_alive(const struct image *image, uint64_t t)
{
	return !image->ended || image->ended >= t;
}

/* True when `before` may have become `image` by an exec which no hook saw: both
 * pids and both parent pids are equal, and `before` recorded nothing after the
 * birth of `image`. */
static bool is_unseen_exec(const struct image *before,
			   const struct image *image)
{
	const struct event *last = NULL;

	if (before->n_events)
		last = before->events[before->n_events - 1];
	return image->ppid && before->ppid == image->ppid &&
	       is_alive(before, image->born) &&
	       (!last || last->t <= image->born);
}

static struct process_id same_owner(const struct image *image, uint64_t pid)
{
	return (struct process_id){image->boot, pid, image->owner};
}

static void link_by_pid(const struct build *b, struct image *image)
{
	bool forked = !str_eq(image->birth->by, STR("exec"));
	struct image *near;

	near = find_image_by_pid(b, same_owner(image, image->pid), image->born);
	if (!forked && near && is_unseen_exec(near, image)) {
		image->parent = near;
		image->hop = HOP_EXEC;
		return;
	}
	near = find_image_by_pid(b, same_owner(image, image->ppid),
				 image->born);
	if (image->ppid && near && is_alive(near, image->born)) {
		image->parent = near;
		image->hop = forked ? HOP_FORK : HOP_SPAWN;
	}
}

/* A stranger may make up a tree of any depth. Deep trees would cost time which
 * grows with the square of the depth. */
static bool is_too_deep(const struct image *image)
{
	enum { MAX_DEPTH = 512 };

	return image->owner && image->parent->depth >= MAX_DEPTH;
}

/* A parent must stand before its child in m->images. Any other claim of a trace
 * is not believed: so no trace makes a ring. */
static void reject_bad_parent(struct image *image)
{
	bool is_older;

	if (!image->parent)
		return;
	is_older = image->parent->index < image->index;
	if (is_older && !is_too_deep(image))
		return;
	image->has_unseen_origin |= is_older;
	image->parent = NULL;
	image->handover = NULL;
	image->hop = HOP_ROOT;
}

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

	for (size_t i = 0; i < m->n_images; i++) {
		struct image *image = m->images[i];

		if (!image->parent && image->birth &&
		    image->events[0] == image->birth)
			link_by_pid(b, image);
		reject_bad_parent(image);
		inherit_from_parent(image);
	}
	list_children(m);
}
