/* A service of root may become another user: its trail goes on in the file of
 * that user. A stranger could claim any process. So only events of trusted
 * users link a stranger's image to a process of another user. */
#include "model/build.h"

struct user_change {
	struct image *image; /* the first of the new user in the process */
	struct user_change *older;
};

static const void *key_of_pid(struct process_id id)
{
	return (const void *)(uintptr_t)(id.boot << 48 ^ id.pid);
}

uint64_t uid_after_handover(const struct event *handover,
			    const struct image *by)
{
	const struct event *birth = model_process(by)->birth;

	if (handover->has_euid)
		return handover->euid;
	if (!birth || (!birth->has_uid && !birth->has_euid))
		return UINT64_MAX;
	return birth->has_euid ? birth->euid : birth->uid;
}

void add_user_change(struct build *b, struct image *stranger)
{
	struct process_id id = {stranger->boot, stranger->pid, 0};
	struct user_change *c = TAKE(b->arena, struct user_change, 1);
	void **slot;

	if (!b->user_changes)
		b->user_changes = hashmap_new(b->arena);
	slot = hashmap_slot(b->user_changes, key_of_pid(id), STR(""));
	*c = (struct user_change){stranger, *slot};
	*slot = c;
}

/* A process of a trusted user may have become a stranger's since. */
struct image *find_ended_image(const struct build *b, struct process_id id,
			       uint64_t t)
{
	struct image *own = find_image_by_pid(b, id, t), *last = NULL;
	const struct user_change *c = NULL;

	if (b->user_changes && !id.owner)
		c = hashmap_find(b->user_changes, key_of_pid(id), STR(""));
	for (; c; c = c->older)
		if (c->image->born <= t &&
		    (!last || c->image->born > last->born))
			last = c->image;
	if (!last || (own && own->born > last->born))
		return own;
	id.owner = last->owner;
	return find_image_by_pid(b, id, t);
}

/* --- through an unobserved program ---------------------------------------- */

/* A static or set-id program changes its user unseen. A program which should
 * have recorded events is not believed to have become another user's. */
static bool may_have_become(const struct build *b, const struct image *gap,
			    const struct image *stranger)
{
	uint64_t uid = b->trace->owners[stranger->owner].uid, user = 0;

	if (gap->observed || gap->gap == GAP_NO_TRACE ||
	    gap->gap == GAP_LOST_EVENTS)
		return false;
	if (gap->handover)
		user = uid_after_handover(gap->handover, gap->parent);
	return (!user || user == uid || gap->gap == GAP_SETUID) &&
	       (gap->ppid == stranger->ppid || (gap->is_command && !gap->ppid));
}

static bool was_alive(const struct image *image, uint64_t t)
{
	return image && (!image->ended || image->ended >= t);
}

static bool link_to_unobserved(struct build *b, struct image *stranger)
{
	struct process_id self = {stranger->boot, stranger->pid, 0},
			  up = {stranger->boot, stranger->ppid, 0};
	struct image *near = find_image_by_pid(b, self, stranger->born);

	if (was_alive(near, stranger->born) &&
	    may_have_become(b, near, stranger)) {
		stranger->parent = near;
		stranger->hop = HOP_EXEC;
		stranger->claimed = stranger;
		add_user_change(b, stranger);
		return true;
	}
	stranger->has_unseen_origin |=
		was_alive(near, stranger->born) ||
		was_alive(find_image_by_pid(b, up, stranger->born),
			  stranger->born);
	return false;
}

/* True for a stranger's first image in a process, without a known origin. */
static bool is_open(const struct build *b, const struct image *image)
{
	struct process_id self = {image->boot, image->pid, image->owner};
	const struct image *before =
		image->born ? find_image_by_pid(b, self, image->born - 1)
			    : NULL;

	return image->owner && image->birth && !image->parent &&
	       image->events[0] == image->birth && !image->has_unseen_origin &&
	       !was_alive(before, image->born);
}

bool build_claims(struct build *b)
{
	struct model *m = b->model;
	bool any = false;

	for (size_t i = 0; i < m->n_images && b->trace->n_owners > 1; i++)
		if (is_open(b, m->images[i]))
			any |= link_to_unobserved(b, m->images[i]);
	return any;
}
