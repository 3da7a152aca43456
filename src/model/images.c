#include "model/build.h"

#include "base/array.h"

struct image *add_image(struct build *b, struct str id, const struct event *e)
{
	struct model *m = b->model;
	struct image *image = TAKE(b->arena, struct image, 1);

	image->id = id;
	image->born = e->t;
	image->source = e->source;
	image->index = m->n_images;
	image->first_copy = SIZE_MAX;
	*ARRAY_ADD(b->arena, m->images, m->n_images, b->room) = image;
	return image;
}

struct str join_arguments(struct arena *a, const struct strs *args)
{
	size_t len = args->n;
	char *text, *at;

	for (size_t i = 0; i < args->n; i++)
		len += args->at[i].len;
	text = at = TAKE(a, char, len + 1);
	for (size_t i = 0; i < args->n; i++) {
		if (i)
			*at++ = ' ';
		if (args->at[i].len)
			memcpy(at, args->at[i].at, args->at[i].len);
		at += args->at[i].len;
	}
	return (struct str){text, (size_t)(at - text)};
}

/* The id is "PID.T": a pid is known even when the birth was lost. */
static uint64_t pid_of(struct str id)
{
	uint64_t pid = 0;

	for (size_t i = 0; i < id.len && id.at[i] >= '0' && id.at[i] <= '9';
	     i++)
		pid = pid * 10 + (uint64_t)(id.at[i] - '0');
	return pid;
}

static void set_birth(struct build *b, struct image *image,
		      const struct event *birth)
{
	image->birth = birth;
	image->observed = true;
	image->gap = GAP_NONE;
	image->command = join_arguments(b->arena, &birth->args);
	image->exe = birth->exe;
	image->cwd = birth->cwd;
	image->pid = birth->pid;
	image->ppid = birth->ppid;
	if (!image->owner)
		image->uid = birth->uid;
}

/* The image which recorded `e`. The first event makes the image when its birth
 * was lost. */
static struct image *find_or_add_image(struct build *b, struct hashmap *known,
				       const struct event *e, uint64_t boot)
{
	struct image *image = hashmap_find(known, NULL, e->image);

	if (!image) {
		image = add_image(b, e->image, e);
		image->boot = boot;
		image->owner = e->owner;
		image->uid = e->owner ? b->trace->owners[e->owner].uid : 0;
		image->pid = pid_of(e->image);
		image->gap = GAP_LOST_EVENTS;
		*hashmap_slot(known, NULL, e->image) = image;
	}
	return image;
}

/* The newest fork event for each pair of parent and child pid. */
static void remember_fork(struct hashmap *forks, const struct event *e)
{
	if (e->kind == KT_FORK && e->has_child)
		*hashmap_slot(forks, (const void *)(uintptr_t)e->child,
			      e->image) = (void *)(uintptr_t)e;
}

/* A parent must exist before the first event of the child. Any other claim of a
 * trace is not believed: so no trace makes a ring.
 * A forked child records into its parent's file: an image of another owner was
 * not forked from `parent`. */
static void link_to_parent(struct hashmap *known, struct image *image,
			   const struct event *birth)
{
	struct image *parent = hashmap_find(known, NULL, birth->parent);

	if (!parent || parent->index >= image->index)
		return;
	if (parent->owner != image->owner) {
		image->has_unseen_origin = true;
		return;
	}
	image->parent = parent;
	image->hop = HOP_FORK;
}

/* The child records its birth some time after the fork. Meanwhile the parent
 * may have recorded other events. */
static void find_fork(struct hashmap *forks, struct image *image)
{
	if (image->parent)
		image->forked =
			hashmap_find(forks, (const void *)(uintptr_t)image->pid,
				     image->parent->id);
}

/* The process of a thread recorded these fields in its own birth. */
static void link_thread(struct hashmap *known, struct image *image,
			const struct event *birth)
{
	const struct image *up;

	link_to_parent(known, image, birth);
	up = image->parent;
	if (!up)
		return;
	image->hop = HOP_THREAD;
	image->ppid = up->ppid;
	image->uid = up->uid;
	image->exe = up->exe;
	image->cwd = up->cwd;
	image->command = up->command;
}

static bool belongs_to_image(const struct event *e)
{
	return e->image.len && e->kind != KT_MORE;
}

static void find_all_images(struct build *b, struct hashmap *known)
{
	const struct trace *t = b->trace;
	struct hashmap *forks = hashmap_new(b->arena);
	struct str boot = {NULL, 0};
	uint64_t n_boots = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];
		struct image *image;

		if (!belongs_to_image(e))
			continue;
		if (e->kind == KT_BIRTH && e->boot.len &&
		    !str_eq(boot, e->boot)) {
			boot = e->boot;
			n_boots++;
		}
		image = b->event_image[i] =
			find_or_add_image(b, known, e, n_boots);
		if (e->kind == KT_COPY && image->first_copy > image->n_events)
			image->first_copy = image->n_events;
		image->n_events++;
		image->reads_observed |= e->kind == KT_HEARS;
		if (e->kind == KT_UNSEEN && !e->incoming)
			image->unseen_requests = e;
		remember_fork(forks, e);
		if (e->kind != KT_BIRTH || image->birth)
			continue;
		set_birth(b, image, e);
		if (str_eq(e->by, STR("thread")))
			link_thread(known, image, e);
		else if (!str_eq(e->by, STR("exec"))) {
			link_to_parent(known, image, e);
			find_fork(forks, image);
		}
	}
}

static void assign_events(struct build *b)
{
	const struct event **all =
		TAKE(b->arena, const struct event *, b->trace->n + 1);

	for (size_t i = 0; i < b->model->n_images; i++) {
		struct image *image = b->model->images[i];

		image->events = all;
		all += image->n_events;
		image->n_events = 0;
	}
	for (size_t i = 0; i < b->trace->n; i++) {
		struct image *image = b->event_image[i];

		if (image)
			image->events[image->n_events++] = &b->trace->events[i];
	}
}

void build_images(struct build *b)
{
	b->event_image = TAKE(b->arena, struct image *, b->trace->n + 1);
	find_all_images(b, hashmap_new(b->arena));
	assign_events(b);
}

const struct event **events_of_kind(struct arena *a, const struct image *image,
				    enum kt_event kind, size_t *ret_n)
{
	const struct event **list = NULL;
	size_t n = 0, room = 0;

	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == kind)
			*ARRAY_ADD(a, list, n, room) = image->events[i];
	*ret_n = n;
	return list;
}
