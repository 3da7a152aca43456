/* Reads that were seen, as readings and call sites. */
#include "model/reading_collector.h"

#include "shared/source_owner.h"
#include "trace/site.h"

/* Between a loader's probe and its set, within one function of a library, on a
 * busy machine too; and of native code, which has no functions to compare. */
static const uint64_t PROBE_NS = 1000000000, NATIVE_PROBE_NS = 200000;

/* True when both events come from one function of a library, as far as the
 * language's adapter recorded both; native code has no functions. Own code that
 * sets what it missed is a matter of judgement (diagnosis/relief.c). */
static bool is_same_function(const struct event *a, const struct event *b)
{
	struct str file = site_file(a->site);

	if (!event_has_source_line(a) || !event_has_source_line(b))
		return event_has_source_line(a) == event_has_source_line(b);
	return find_source_owner(file.at, file.len).owner != SOURCE_OWN &&
	       sites_share_file(a->site, b->site) && str_eq(a->in, b->in);
}

/* Not when the runtime sets (PHP restores the variable at the end of a
 * request), or another part of the program. */
bool is_read_of_loader(const struct image *image, size_t i)
{
	const struct event *e = image->events[i], *next;
	uint64_t limit = event_has_source_line(e) ? PROBE_NS : NATIVE_PROBE_NS;

	if (e->found || e->n > 1 || i + 1 == image->n_events)
		return false;
	next = image->events[i + 1];
	return next->kind == KT_SET && str_eq(next->name, e->name) &&
	       !next->kept && next->thread == e->thread &&
	       next->t - e->t < limit && is_same_function(e, next);
}

static bool is_same_read(const struct event *a, const struct event *b)
{
	return a->thread == b->thread && str_eq(a->at, b->at) &&
	       str_eq(a->site, b->site) && str_eq(a->value.fp, b->value.fp);
}

/* The call site of a read. A program has few places for one name: in a strange
 * trace with hundreds, the later ones are counted with the 64th. */
static struct call_site *find_call_site(struct collector *c,
					struct reading_node *node,
					const struct event *e)
{
	struct call_site **t = &node->call_sites;

	for (size_t looks = 64; *t; t = &(*t)->next)
		if (!looks-- || is_same_read((*t)->first, e))
			return *t;
	*t = TAKE(c->build->arena, struct call_site, 1);
	(*t)->first = e;
	node->reading.call_sites = node->call_sites;
	return *t;
}

static void count_read(struct collector *c, struct reading_node *node,
		       const struct event *e)
{
	struct call_site *t = find_call_site(c, node, e);

	if (e->n > t->n) {
		node->reading.n += e->n - t->n;
		t->n = e->n;
	}
}

static struct reading_node *node_of(struct collector *c,
				    struct variable_node *v,
				    struct image *image, const struct event *e)
{
	struct reading_node **node = e->found ? &v->found : &v->missed;

	if (*node && !(*node)->closed)
		return *node;
	v->variable.readers += !v->found && !v->missed;
	v->variable.missed += !e->found && !v->missed;
	*node = add_reading(c, v, image, e->found ? READ_FOUND : READ_MISSED);
	(*node)->reading.event = e;
	return *node;
}

/* The same place, in the same thread, finds what it had missed. */
static void note_found_later(struct call_site *s, const struct event *found)
{
	for (size_t looks = 64; s && looks--; s = s->next)
		if (!s->found_later && s->first->thread == found->thread &&
		    str_eq(s->first->at, found->at) &&
		    str_eq(s->first->site, found->site))
			s->found_later = found;
}

/* True when the program only learnt that the variable is set. */
static bool is_existence_test(const struct event *e)
{
	return e->found && str_eq(e->fn, STR("in process.env"));
}

void add_read(struct collector *c, struct image *image, const struct event *e)
{
	struct variable_node *v = find_variable_for(c, image, e->name);
	struct reading_node *node;

	if (is_existence_test(e)) {
		use_of(c, v, image, &e->value, e->t);
		return;
	}
	node = node_of(c, v, image, e);
	count_read(c, node, e);
	if (!e->found)
		return;
	v->was_found = true;
	node->reading.value = &e->value;
	node->reading.found_by = e;
	count_reader(use_of(c, v, image, &e->value, e->t), image);
	if (v->missed && !v->missed->reading.later_found)
		v->missed->reading.later_found = e;
	if (v->missed)
		note_found_later(v->missed->call_sites, e);
}
