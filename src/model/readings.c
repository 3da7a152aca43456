#include "model/reading_collector.h"

#include "base/array.h"
#include "shared/source_owner.h"
#include "trace/site.h"

static const uint64_t PROBE_NS = 200000;

/* --- reads ---------------------------------------------------------------- */

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

/* A loader looks for the name just before setting the variable: such a read
 * needs no value. Not so when the runtime sets (PHP restores the variable at
 * the end of a request), or another part of the program. */
static bool is_probe(const struct image *image, size_t i)
{
	const struct event *e = image->events[i], *next;

	if (e->found || e->n > 1 || i + 1 == image->n_events)
		return false;
	next = image->events[i + 1];
	return next->kind == KT_SET && str_eq(next->name, e->name) &&
	       !next->kept && next->thread == e->thread &&
	       next->t - e->t < PROBE_NS && is_same_function(e, next);
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

static void add_read(struct collector *c, struct image *image,
		     const struct event *e)
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

/* A miss after a change by the image may have another cause. */
static void close_misses(struct reading_node *missed)
{
	if (missed)
		missed->closed = true;
}

static void add_set(struct collector *c, struct image *image,
		    const struct event *e)
{
	struct reading_node *missed =
		find_variable_for(c, image, e->name)->missed;

	if ((e->has_errno && e->error) || e->kept)
		return;
	if (missed && !missed->reading.later_set)
		missed->reading.later_set = e;
	close_misses(missed);
	add_holder(c, image, e->name, &e->value, e->t);
}

/* --- losses and malformed values without a read --------------------------- */

/* A handover on the way to the image dropped the variable, and the image never
 * asked. */
static void add_dropped(struct collector *c, struct image *image,
			const struct values *lost)
{
	const struct value *value;

	for (size_t i = 0; i < lost->n; i++) {
		struct variable_node *v =
			find_variable_for(c, image, lost->at[i].name);

		if (!v->missed && !v->found && !v->is_dropped &&
		    !model_held_for_one_call(image->parent, lost->at[i].name) &&
		    model_inherited(image, lost->at[i].name, &value) ==
			    ABSENT) {
			v->is_dropped = true;
			add_reading(c, v, image, READ_NONE);
		}
	}
}

/* A program that copied its environment may have asked for what was lost long
 * before. */
static void add_dropped_before(struct collector *c, struct image *image)
{
	enum { MAX_HOPS = 64 };
	const struct image *up = image->parent;

	for (int hops = 0; up && hops < MAX_HOPS; hops++, up = up->parent) {
		if (up->handover)
			add_dropped(c, image, &up->handover->lost);
		if (up->birth)
			add_dropped(c, image, &up->birth->env);
	}
}

/* A shell reads its own copy of the environment: the line of its script tells
 * which variable it tested, just before it ended. */
static void add_test(struct collector *c, struct image *image,
		     const struct event *exit)
{
	struct str text = exit->tested.at[0];
	const char *sign = memchr(text.at, '=', text.len);
	struct event *e = TAKE(c->build->arena, struct event, 1);
	const struct value *value = NULL;
	size_t n = sign ? (size_t)(sign - text.at) : 0;

	if (!n)
		return;
	*e = *exit;
	e->kind = KT_READ;
	e->fn = STR("test");
	e->name = (struct str){text.at, n};
	e->site = (struct str){sign + 1, text.len - n - 1};
	e->t = exit->t - 1;
	e->n = 1;
	e->found = model_held(image, e->name, e->t, &value) == PRESENT;
	if (value)
		e->value = *value;
	add_read(c, image, e);
}

static void collect_image(struct collector *c, struct image *image)
{
	if (image->birth)
		add_birth_holders(c, image, &image->birth->env);
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if (e->kind == KT_READ && !is_probe(image, i))
			add_read(c, image, e);
		if (e->kind == KT_SET)
			add_set(c, image, e);
		if (e->kind == KT_UNSET && e->had_it)
			close_misses(
				find_variable_for(c, image, e->name)->missed);
		if (e->kind == KT_SWAP)
			add_swap_holders(c, image, e);
		if (e->kind == KT_EXIT && e->tested.n)
			add_test(c, image, e);
	}
	if (image->handover)
		add_dropped(c, image, &image->handover->lost);
	if (image->first_copy != SIZE_MAX)
		add_dropped_before(c, image);
}

bool model_is_malformed(const struct value *v)
{
	const uint32_t shapes = KT_IS_EMPTY | KT_IS_BLANK | KT_IS_CR |
				KT_IS_LF | KT_IS_QUOTED | KT_IS_OPEN_QUOTE |
				KT_IS_PLACEHOLDER | KT_IS_UNEXPANDED |
				KT_IS_REFERENCE | KT_IS_LITERAL | KT_IS_BOM |
				KT_IS_UNPRINTABLE | KT_IS_COMMENT;

	if (v->is & (KT_IS_ESCAPED_LF | KT_IS_PEM_CUT))
		return true;
	return (v->is & shapes) && !(v->is & (KT_IS_JSON | KT_IS_PEM));
}

/* A malformed value under a name which no reader found: reported once, at the
 * first holder. */
static void add_malformed(struct collector *c, struct hashmap *reported,
			  struct image *image, struct str name,
			  const struct value *value)
{
	struct variable_node *v;
	void **slot;

	if (!model_is_malformed(value))
		return;
	v = find_variable(c, name);
	slot = hashmap_slot(reported, v, value->fp);
	if (v->was_found || *slot)
		return;
	*slot = v;
	add_reading(c, v, image, READ_NONE)->reading.value = value;
}

static void add_all_malformed(struct collector *c, struct hashmap *reported,
			      struct image *image)
{
	const struct values none = {NULL, 0};
	const struct values *env = image->birth ? &image->birth->env : &none;

	for (size_t i = 0; i < env->n; i++)
		add_malformed(c, reported, image, env->at[i].name,
			      &env->at[i].value);
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_SET)
			add_malformed(c, reported, image,
				      image->events[i]->name,
				      &image->events[i]->value);
}

/* --- laying out ----------------------------------------------------------- */

static void copy_variables(struct collector *c, struct model *m)
{
	m->variables = TAKE(m->arena, struct variable, c->n_variables + 1);
	for (struct variable_node *v = c->variables; v; v = v->next) {
		struct variable *to = &m->variables[m->n_variables++];

		*to = v->variable;
		to->readings =
			TAKE(m->arena, struct reading *, to->n_readings + 1);
		to->n_readings = 0;
		*hashmap_slot(c->names, NULL, to->name) = to;
	}
}

static void copy_readings(struct collector *c, struct model *m)
{
	m->readings = TAKE(m->arena, struct reading, c->n_nodes + 1);
	for (struct reading_node *node = c->nodes; node; node = node->next) {
		struct reading *r = &m->readings[m->n_readings++];
		struct owner_share *share;

		*r = node->reading;
		r->variable = hashmap_find(c->names, NULL, r->name);
		r->variable->readings[r->variable->n_readings++] = r;
		share = share_of(c, r->variable, r->image->root->owner);
		share->first = share->first ? share->first : r;
		r->next = r->image->readings;
		r->image->readings = r;
	}
}

void build_readings(struct build *b)
{
	struct model *m = b->model;
	struct hashmap *reported = hashmap_new(b->arena);
	struct collector c = {.build = b};

	c.names = hashmap_new(b->arena);
	c.fingerprints_seen = hashmap_new(b->arena);
	c.end = &c.nodes;
	c.end_variable = &c.variables;
	for (size_t i = 0; i < m->n_images; i++)
		collect_image(&c, m->images[i]);
	add_senders(&c);
	for (size_t i = 0; i < m->n_images; i++)
		add_all_malformed(&c, reported, m->images[i]);
	copy_variables(&c, m);
	copy_readings(&c, m);
}
