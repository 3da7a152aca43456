#include "model/build.h"

#include <stdlib.h>

struct change {
	struct str name;
	const struct event *event;
	const struct value *value; /* null: removed */
};

/* The changes of an environment after the birth of the image. A clear removes
 * every name, also names without a change of their own. */
struct env_history {
	struct change *changes; /* by name, then in order of time */
	size_t n;
	const struct event **clears; /* in order of time */
	size_t n_clears;
	struct str *one_call_only; /* names set for one call only */
	size_t n_one_call_only;
};

const struct value *find_value(const struct values *list, struct str name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i].name, name))
			return &list->at[i].value;
	return NULL;
}

/* --- building ------------------------------------------------------------- */

static bool took_effect(const struct event *e)
{
	return !(e->has_errno && e->error);
}

static size_t changes_of(const struct event *e)
{
	switch (e->kind) {
	case KT_SET:
		return took_effect(e) && !e->kept;
	case KT_UNSET:
		return took_effect(e);
	case KT_SWAP:
		return e->env.n + e->lost.n;
	default:
		return 0;
	}
}

static void add(struct env_history *h, struct str name, const struct event *e,
		const struct value *value)
{
	h->changes[h->n++] = (struct change){name, e, value};
}

static void add_event(struct env_history *h, const struct event *e)
{
	if (e->kind == KT_CLEAR)
		h->clears[h->n_clears++] = e;
	if (!changes_of(e))
		return;
	if (e->kind == KT_SET)
		add(h, e->name, e, &e->value);
	if (e->kind == KT_UNSET)
		add(h, e->name, e, NULL);
	if (e->kind != KT_SWAP)
		return;
	for (size_t i = 0; i < e->lost.n; i++)
		add(h, e->lost.at[i].name, e, NULL);
	for (size_t i = 0; i < e->env.n; i++)
		add(h, e->env.at[i].name, e, &e->env.at[i].value);
}

static int by_name(struct str a, struct str b)
{
	int order = memcmp(a.at ? a.at : "", b.at ? b.at : "",
			   a.len < b.len ? a.len : b.len);

	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int by_name_and_time(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int order = by_name(x->name, y->name);

	if (order)
		return order;
	if (x->event != y->event)
		return x->event < y->event ? -1 : 1;
	return !!x->value - !!y->value;
}

/* --- assignments for one call --------------------------------------------- */

/* bash puts the assignments before a command into environ just before the fork,
 * and removes them afterwards: the variables belong to the command, not to
 * bash. */

static bool is_call(const struct event *e)
{
	return e->kind == KT_FORK || e->kind == KT_SPAWN ||
	       (e->kind == KT_EXEC && e->vfork);
}

/* True when the image made exactly one call between two of its events, and
 * never read the name in between. */
static bool was_for_one_call(const struct image *image, const struct change *in,
			     const struct event *out)
{
	size_t calls = 0, low = 0, high = image->n_events;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (image->events[middle] <= in->event)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < image->n_events && calls < 2; low++) {
		const struct event *e = image->events[low];

		if (e >= out)
			break;
		if (e->kind == KT_READ && str_eq(e->name, in->name))
			return false;
		calls += is_call(e);
	}
	return calls == 1;
}

/* The last event, when the image itself exec'ed without the name. Such an exec
 * ends an assignment for one call, where no swap does. */
static const struct event *final_exec(const struct image *image,
				      struct str name)
{
	const struct event *last = image->events[image->n_events - 1];

	if (last->kind == KT_EXEC && !last->vfork &&
	    find_value(&last->lost, name))
		return last;
	return NULL;
}

static bool same_value(const struct value *a, const struct value *b)
{
	return a == b || (a && b && str_eq(a->fp, b->fp));
}

/* The number of changes of one name, from `c` on, made for one call only; 0:
 * none. `before` is the value until `c`. */
static size_t count_one_call_changes(const struct image *image,
				     const struct change *c,
				     const struct change *end,
				     const struct value *before)
{
	const struct event *exec;

	if (c->event->kind != KT_SWAP || !c->value)
		return 0;
	if (c + 1 < end && str_eq(c[1].name, c->name))
		return c[1].event->kind == KT_SWAP &&
				       same_value(c[1].value, before) &&
				       was_for_one_call(image, c, c[1].event)
			       ? 2
			       : 0;
	exec = before ? NULL : final_exec(image, c->name);
	return exec && was_for_one_call(image, c, exec);
}

static void drop_one_call_changes(struct arena *a, const struct image *image,
				  struct env_history *h)
{
	const struct change *c = h->changes, *end = c + h->n;
	const struct value *before = NULL;
	size_t kept = 0;

	h->one_call_only = TAKE(a, struct str, h->n + 1);
	for (struct str name = {NULL, 0}; c < end;) {
		size_t n;

		if (!str_eq(name, c->name) && image->birth)
			before = find_value(&image->birth->env, c->name);
		name = c->name;
		n = count_one_call_changes(image, c, end, before);
		if (n) {
			h->one_call_only[h->n_one_call_only++] = name;
			c += n;
			continue;
		}
		before = c->value;
		h->changes[kept++] = *c++;
	}
	h->n = kept;
}

bool model_held_for_one_call(const struct image *image, struct str name)
{
	const struct env_history *h = image->env_history;

	for (size_t i = 0; h && i < h->n_one_call_only; i++)
		if (str_eq(h->one_call_only[i], name))
			return true;
	return false;
}

/* --- building, again ------------------------------------------------------ */

static struct env_history *history_of(struct arena *a,
				      const struct image *image)
{
	struct env_history *h;
	size_t n = 0, n_clears = 0;

	for (size_t i = 0; i < image->n_events; i++) {
		n += changes_of(image->events[i]);
		n_clears += image->events[i]->kind == KT_CLEAR;
	}
	if (!n && !n_clears)
		return NULL;
	h = TAKE(a, struct env_history, 1);
	h->changes = TAKE(a, struct change, n + 1);
	h->clears = TAKE(a, const struct event *, n_clears + 1);
	for (size_t i = 0; i < image->n_events; i++)
		add_event(h, image->events[i]);
	if (h->n)
		qsort(h->changes, h->n, sizeof *h->changes, by_name_and_time);
	drop_one_call_changes(a, image, h);
	return h;
}

void build_env_histories(struct build *b)
{
	struct model *m = b->model;

	for (size_t i = 0; i < m->n_images; i++)
		m->images[i]->env_history = history_of(b->arena, m->images[i]);
}

/* --- asking --------------------------------------------------------------- */

static const struct change *last_change(const struct env_history *h,
					struct str name, uint64_t t)
{
	size_t low = 0, high = h->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct change *c = &h->changes[middle];
		int order = by_name(c->name, name);

		if (order < 0 || (!order && c->event->t <= t))
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || !str_eq(h->changes[low - 1].name, name))
		return NULL;
	return &h->changes[low - 1];
}

static const struct event *last_clear(const struct env_history *h, uint64_t t)
{
	size_t low = 0, high = h->n_clears;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (h->clears[middle]->t <= t)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? h->clears[low - 1] : NULL;
}

/* A clear counts as a change with the value null. */
static struct change latest(const struct image *image, struct str name,
			    uint64_t t)
{
	const struct env_history *h = image->env_history;
	const struct change *change;
	const struct event *clear;

	if (!h)
		return (struct change){0};
	change = last_change(h, name, t);
	clear = last_clear(h, t);
	if (clear && (!change || clear > change->event))
		return (struct change){name, clear, NULL};
	return change ? *change : (struct change){0};
}

static enum presence found(const struct value *value,
			   const struct value **ret_value)
{
	*ret_value = value;
	return value ? PRESENT : ABSENT;
}

enum presence model_held(const struct image *image, struct str name, uint64_t t,
			 const struct value **ret_value)
{
	struct change c = latest(image, name, t);

	if (c.event)
		return found(c.value, ret_value);
	*ret_value = NULL;
	if (!image->birth)
		return UNSEEN;
	return found(find_value(&image->birth->env, name), ret_value);
}

enum presence model_inherited(const struct image *image, struct str name,
			      const struct value **ret_value)
{
	const struct event *h = image->handover;

	if (image->birth)
		return found(find_value(&image->birth->env, name), ret_value);
	*ret_value = NULL;
	if (!h)
		return UNSEEN;
	if (h->same && !h->env.n)
		return model_held(image->parent, name, h->t, ret_value);
	return found(find_value(&h->env, name), ret_value);
}

const struct event *model_last_change(const struct image *image,
				      struct str name, uint64_t t)
{
	return latest(image, name, t).event;
}

/* A shell's own variables enter the environment unseen. The event which removed
 * such a variable proves its presence. */
static bool proves_presence(const struct event *e, struct str name)
{
	return e->had_it || find_value(&e->had, name) ||
	       find_value(&e->lost, name);
}

/* After KT_CHANGES_TOLD equal calls the recorder only counts. A swap then finds
 * the variable gone; the unset was the cause. */
static const struct event *uncounted_unset(const struct image *image,
					   struct str name,
					   const struct event *gone)
{
	for (size_t i = image->n_events; i > 0; i--) {
		const struct event *e = image->events[i - 1];

		if (e < gone && e->kind == KT_UNSET &&
		    e->n >= KT_CHANGES_TOLD && str_eq(e->name, name))
			return e;
	}
	return gone;
}

static const struct event *cause_of(const struct image *image, struct str name,
				    const struct event *e)
{
	return e->kind == KT_SWAP ? uncounted_unset(image, name, e) : e;
}

const struct event *model_last_removal(const struct image *image,
				       struct str name, uint64_t t,
				       const struct value **ret_value)
{
	for (;;) {
		struct change c = latest(image, name, t);
		const struct value *before = NULL;

		if (!c.event || c.value)
			return NULL;
		if (c.event->t &&
		    model_held(image, name, c.event->t - 1, &before) == PRESENT)
			return *ret_value = before,
			       cause_of(image, name, c.event);
		if (proves_presence(c.event, name)) {
			*ret_value = find_value(&c.event->had, name);
			return c.event;
		}
		if (!c.event->t)
			return NULL;
		t = c.event->t - 1;
	}
}
