#include "trace/believe.h"

#include "base/hashmap.h"
#include "trace/owner_list.h"

/* The claim of a user to an image. */
struct claim {
	unsigned owner;
	bool was_born; /* a birth in the user's file, believed */
	bool is_false; /* the birth names another user */
	struct claim *next;
};

struct beliefs {
	struct arena *arena;
	struct trace *trace;
	struct hashmap *images; /* struct claim, by image */
};

/* From here on ids belong to containers, in which the same user is another. */
enum { CONTAINERS = 65536 };

static bool is_of_container(const struct owner *o)
{
	return o->uid >= CONTAINERS;
}

/* A file belongs to the effective user of the process that made the file. A
 * stranger cannot become another user. */
static bool claims_another(const struct owner *o, const struct event *birth)
{
	if (is_of_container(o))
		return false;
	return (birth->has_uid && birth->uid != o->uid) ||
	       (birth->has_euid && birth->euid != o->uid);
}

static struct claim *claim_of(struct beliefs *b, struct str image,
			      unsigned owner)
{
	struct claim **slot =
		(struct claim **)hashmap_slot(b->images, NULL, image);

	return OWNED(b->arena, *slot, owner);
}

static void note_claim(struct beliefs *b, const struct event *e)
{
	struct claim *c = claim_of(b, e->image, e->owner);

	if (e->kind != KT_BIRTH)
		return;
	c->was_born = true;
	c->is_false |=
		e->owner && claims_another(&b->trace->owners[e->owner], e);
}

/* Does a user with a better claim have the image? */
static bool is_anothers(const struct claim *all, const struct claim *own)
{
	for (const struct claim *c = all; c; c = c->next)
		if (!c->owner ||
		    (c != own && c->was_born && !c->is_false && !own->was_born))
			return true;
	return false;
}

static bool holds(const struct claim *all, const struct claim *c)
{
	return !c->is_false && !is_anothers(all, c);
}

static bool is_believed(const struct beliefs *b, const struct event *e)
{
	const struct claim *all = hashmap_find(b->images, NULL, e->image),
			   *own = all;

	while (own && own->owner != e->owner)
		own = own->next;
	return own && holds(all, own);
}

static struct str own_name(struct beliefs *b, struct str image, unsigned owner)
{
	return arena_print(b->arena, "%.*s@%.*s", STR_FMT(image),
			   STR_FMT(b->trace->owners[owner].tag));
}

/* Two strangers claim the name: each has an image. */
static bool is_shared(const struct beliefs *b, struct str image, unsigned owner)
{
	const struct claim *all = hashmap_find(b->images, NULL, image);
	bool own = false, other = false;

	for (const struct claim *c = all; c; c = c->next)
		if (c->owner && holds(all, c)) {
			own |= c->owner == owner;
			other |= c->owner != owner;
		}
	return own && other;
}

static void tell_apart(struct beliefs *b, struct event *e)
{
	const struct owner *o = &b->trace->owners[e->owner];

	if (e->kind == KT_BIRTH && is_of_container(o) && e->has_uid) {
		e->uid = o->uid;
		e->has_euid = false;
	}
	if (is_shared(b, e->image, e->owner))
		e->image = own_name(b, e->image, e->owner);
	if (e->parent.len && is_shared(b, e->parent, e->owner))
		e->parent = own_name(b, e->parent, e->owner);
}

static bool keep(struct beliefs *b, struct event *e)
{
	struct owner *o = &b->trace->owners[e->owner];

	if (!e->owner || !e->image.len)
		return true;
	if (is_believed(b, e)) {
		tell_apart(b, e);
		return true;
	}
	o->unbelieved++;
	o->lines--;
	b->trace->unbelieved++;
	return false;
}

/* As for a believed source: the larger of counters and `lost` events. */
static void count_losses(struct trace *t)
{
	uint64_t *told;

	for (unsigned i = 1; i < t->n_owners; i++)
		t->owners[i].lost = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		told = &t->owners[e->owner].lost;
		if (e->owner && e->kind == KT_LOST)
			*told = e->n > UINT64_MAX - *told ? UINT64_MAX
							  : *told + e->n;
	}
	for (unsigned i = 1; i < t->n_owners; i++) {
		struct owner *o = &t->owners[i];

		o->lost = o->counted > o->lost ? o->counted : o->lost;
		t->lost = o->lost > UINT64_MAX - t->lost ? UINT64_MAX
							 : t->lost + o->lost;
	}
}

void believe(struct arena *a, struct trace *t)
{
	struct beliefs b = {.arena = a, .trace = t};
	size_t kept = 0;

	if (t->n_owners < 2)
		return;
	b.images = hashmap_new(a);
	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].image.len)
			note_claim(&b, &t->events[i]);
	for (size_t i = 0; i < t->n; i++) {
		if (!keep(&b, &t->events[i]))
			continue;
		if (kept != i)
			t->events[kept] = t->events[i];
		kept++;
	}
	t->n = kept;
	count_losses(t);
}
