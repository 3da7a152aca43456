#include "model/build.h"

/* Where root's service becomes another user, its trail goes on in that user's
 * file. A stranger could claim as much of any process: so the link is made from
 * what the believed side says, and strangers' pids are joined to nobody else's.
 */

struct crossing {
	struct image *image; /* the first of that user in the process */
	struct crossing *older;
};

static const void *key_of(struct process_id id)
{
	return (const void *)(uintptr_t)(id.boot << 48 ^ id.pid);
}

/* The effective user that the new program begins with. */
uint64_t build_user_made(const struct event *handover, const struct image *by)
{
	const struct event *birth = model_process(by)->birth;

	if (handover->has_euid)
		return handover->euid;
	if (!birth || (!birth->has_uid && !birth->has_euid))
		return UINT64_MAX;
	return birth->has_euid ? birth->euid : birth->uid;
}

void build_cross(struct build *b, struct image *stranger)
{
	struct process_id id = {stranger->boot, stranger->pid, 0};
	struct crossing *c = TAKE(b->arena, struct crossing, 1);
	void **slot;

	if (!b->crossings)
		b->crossings = hashmap_new(b->arena);
	slot = hashmap_slot(b->crossings, key_of(id), STR(""));
	*c = (struct crossing){stranger, *slot};
	*slot = c;
}

/* Which image ended when the process `id` did: of those who are believed, the
 * process may have become a stranger's since. */
struct image *build_ended(const struct build *b, struct process_id id,
			  uint64_t t)
{
	struct image *own = find_image_by_pid(b, id, t), *last = NULL;
	const struct crossing *c = NULL;

	if (b->crossings && !id.owner)
		c = hashmap_find(b->crossings, key_of(id), STR(""));
	for (; c; c = c->older)
		if (c->image->born <= t &&
		    (!last || c->image->born > last->born))
			last = c->image;
	if (!last || (own && own->born > last->born))
		return own;
	id.owner = last->owner;
	return find_image_by_pid(b, id, t);
}

/* --- through a program that nobody could look into ------------------------ */

static bool has_reason(const struct image *image, const char *reason)
{
	return image->gap && !strcmp(image->gap, reason);
}

/* A static program, or one with other rights, goes over to another user unseen.
 * One that should have spoken is not believed to have done so. */
static bool may_have_become(const struct build *b, const struct image *gap,
			    const struct image *stranger)
{
	uint64_t uid = b->trace->owners[stranger->owner].uid, user = 0;

	if (gap->observed || has_reason(gap, "no-trace") ||
	    has_reason(gap, "lost-events"))
		return false;
	if (gap->handover)
		user = build_user_made(gap->handover, gap->parent);
	return (!user || user == uid || has_reason(gap, "setuid")) &&
	       (gap->ppid == stranger->ppid || (gap->is_command && !gap->ppid));
}

static bool lived(const struct image *image, uint64_t t)
{
	return image && (!image->ended || image->ended >= t);
}

static bool claim(struct build *b, struct image *stranger)
{
	struct process_id self = {stranger->boot, stranger->pid, 0},
			  up = {stranger->boot, stranger->ppid, 0};
	struct image *near = find_image_by_pid(b, self, stranger->born);

	if (lived(near, stranger->born) && may_have_become(b, near, stranger)) {
		stranger->parent = near;
		stranger->hop = HOP_EXEC;
		stranger->claimed = stranger;
		build_cross(b, stranger);
		return true;
	}
	stranger->has_unseen_origin |=
		lived(near, stranger->born) ||
		lived(find_image_by_pid(b, up, stranger->born), stranger->born);
	return false;
}

/* A stranger's first image of a process, whose origin is not known yet. */
static bool is_open(const struct build *b, const struct image *image)
{
	struct process_id self = {image->boot, image->pid, image->owner};
	const struct image *before =
		image->born ? find_image_by_pid(b, self, image->born - 1)
			    : NULL;

	return image->owner && image->birth && !image->parent &&
	       image->events[0] == image->birth && !image->has_unseen_origin &&
	       !lived(before, image->born);
}

bool build_claims(struct build *b)
{
	struct model *m = b->model;
	bool any = false;

	for (size_t i = 0; i < m->n_images && b->trace->n_owners > 1; i++)
		if (is_open(b, m->images[i]))
			any |= claim(b, m->images[i]);
	return any;
}
