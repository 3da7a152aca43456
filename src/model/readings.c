#include "model/reading_collector.h"

/* --- changes of the image's own --------------------------------------------
 */

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
 * which variable it tested, just before it ended; or which it expanded on
 * behalf of a client. */
static void add_test(struct collector *c, struct image *image,
		     const struct event *by, struct str text)
{
	const char *sign = memchr(text.at, '=', text.len);
	struct event *e = TAKE(c->build->arena, struct event, 1);
	const struct value *value = NULL;
	size_t n = sign ? (size_t)(sign - text.at) : 0;

	if (!n)
		return;
	*e = *by;
	e->kind = KT_READ;
	e->fn = by->kind == KT_EXIT ? STR("test") : STR("expansion");
	e->name = (struct str){text.at, n};
	e->site = (struct str){sign + 1, text.len - n - 1};
	e->t = by->t - (by->kind == KT_EXIT);
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
	for (size_t i = 0; image->birth && i < image->birth->tested.n; i++)
		add_test(c, image, image->birth, image->birth->tested.at[i]);
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if (e->kind == KT_READ && !is_read_of_loader(image, i))
			add_read(c, image, e);
		if (e->kind == KT_SET)
			add_set(c, image, e);
		if (e->kind == KT_UNSET && e->had_it)
			close_misses(
				find_variable_for(c, image, e->name)->missed);
		if (e->kind == KT_SWAP)
			add_swap_holders(c, image, e);
		if (e->kind == KT_EXIT && e->tested.n)
			add_test(c, image, e, e->tested.at[0]);
		if (e->kind == KT_RAISE && e->missing.n)
			add_called_missing(c, image, e);
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
