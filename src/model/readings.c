#include "model/build.h"

#include "base/array.h"

/* Readings are counted before they are laid out: while building they are
 * linked, and variables count places. */
struct reading_node {
	struct reading reading;
	struct call_site *call_sites;
	struct reading_node *next;
};

struct call_site { /* equal reads: the trace counts them cumulatively */
	const struct event *first;
	uint64_t n;
	struct call_site *next;
};

struct variable_node {
	struct variable variable;
	bool was_found;
	size_t room; /* of its fingerprints */
	struct variable_node *next;

	struct image *image; /* whose turn it is; what follows is about that */
	bool is_held;
	struct reading_node *missed, *found;
};

struct collector {
	struct build *build;
	struct hashmap *names;		   /* of struct named */
	struct hashmap *fingerprints_seen; /* by variable and fingerprint */
	struct reading_node *nodes, **end;
	struct variable_node *variables, **last_variable;
	size_t n_nodes, n_variables;
};

static const uint64_t PROBE_NS = 200000;

static struct variable_node *find_variable(struct collector *d, struct str name)
{
	void **slot = hashmap_slot(d->names, NULL, name);
	struct variable_node *v = *slot;

	if (v)
		return v;
	v = *slot = TAKE(d->build->arena, struct variable_node, 1);
	v->variable.name = name;
	*d->last_variable = v;
	d->last_variable = &v->next;
	d->n_variables++;
	return v;
}

/* Images are heard one after the other. */
static struct variable_node *
find_variable_for(struct collector *d, struct image *image, struct str name)
{
	struct variable_node *v = find_variable(d, name);

	if (v->image != image) {
		v->image = image;
		v->is_held = false;
		v->missed = v->found = NULL;
	}
	return v;
}

static struct reading_node *add_reading(struct collector *d,
					struct variable_node *v,
					struct image *image,
					enum outcome outcome)
{
	struct reading_node *l = TAKE(d->build->arena, struct reading_node, 1);

	l->reading.image = image;
	l->reading.name = v->variable.name;
	l->reading.outcome = outcome;
	v->variable.n_readings++;
	*d->end = l;
	d->end = &l->next;
	d->n_nodes++;
	return l;
}

/* --- values and who held them -------------------------------------------- */

static void add_fingerprint(struct collector *d, struct variable_node *v,
			    struct str fp)
{
	void **slot = hashmap_slot(d->fingerprints_seen, v, fp);
	struct strs *seen = &v->variable.fingerprints;

	if (!fp.len || *slot)
		return;
	*slot = v;
	*ARRAY_ADD(d->build->arena, seen->at, seen->n, v->room) = fp;
}

static struct owner_share *share_of(struct collector *d, struct variable *v,
				    unsigned owner)
{
	struct owner_share *s = v->shares;

	while (s && s->owner != owner)
		s = s->next;
	if (s)
		return s;
	s = TAKE(d->build->arena, struct owner_share, 1);
	*s = (struct owner_share){.owner = owner, .next = v->shares};
	return v->shares = s;
}

static void add_holder(struct collector *d, struct image *image,
		       struct str name, const struct value *value)
{
	struct variable_node *v = find_variable_for(d, image, name);

	add_fingerprint(d, v, value->fp);
	if (!v->is_held)
		share_of(d, &v->variable, image->owner)->holders++;
	v->variable.holders += !v->is_held;
	v->is_held = true;
}

/* What stood there for one call only is told by who was called. */
static void add_swap_holders(struct collector *d, struct image *image,
			     const struct event *e)
{
	const struct value *value;

	for (size_t i = 0; i < e->env.n; i++)
		if (model_held(image, e->env.at[i].name, e->t, &value) ==
		    PRESENT)
			add_holder(d, image, e->env.at[i].name,
				   &e->env.at[i].value);
}

static void add_birth_holders(struct collector *d, struct image *image,
			      const struct values *list)
{
	for (size_t i = 0; i < list->n; i++)
		add_holder(d, image, list->at[i].name, &list->at[i].value);
}

/* --- reads --------------------------------------------------------------- */

static struct str file_of(struct str site)
{
	while (site.len && site.at[site.len - 1] != ':')
		site.len--;
	return site;
}

/* By one function of one file, as far as their language told; native code
 * says nothing of functions. */
static bool is_same_function(const struct event *a, const struct event *b)
{
	if (!event_has_source_line(a) || !event_has_source_line(b))
		return event_has_source_line(a) == event_has_source_line(b);
	return str_eq(file_of(a->site), file_of(b->site)) &&
	       str_eq(a->in, b->in);
}

/* A loader asks whether the name is there just before it sets it: that is no
 * wish for the value. What a program asks and its runtime sets (PHP puts back
 * what was there at the end of a request), or another part of it, is no
 * loader's. */
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

/* Few places ask for one name: of a strange trace's hundreds, the last are
 * counted with those before them. */
static struct call_site *find_call_site(struct collector *d,
					struct reading_node *l,
					const struct event *e)
{
	struct call_site **t = &l->call_sites;

	for (size_t looks = 64; *t; t = &(*t)->next)
		if (!looks-- || is_same_read((*t)->first, e))
			return *t;
	*t = TAKE(d->build->arena, struct call_site, 1);
	(*t)->first = e;
	return *t;
}

static void count_read(struct collector *d, struct reading_node *l,
		       const struct event *e)
{
	struct call_site *t = find_call_site(d, l, e);

	if (e->n > t->n) {
		l->reading.n += e->n - t->n;
		t->n = e->n;
	}
}

static struct reading_node *node_of(struct collector *d,
				    struct variable_node *v,
				    struct image *image, const struct event *e)
{
	struct reading_node **l = e->found ? &v->found : &v->missed;

	if (*l)
		return *l;
	v->variable.readers += !v->found && !v->missed;
	v->variable.missed += !e->found;
	*l = add_reading(d, v, image, e->found ? READ_FOUND : READ_MISSED);
	(*l)->reading.event = e;
	return *l;
}

/* "It is there" is all that the program learnt. */
static bool is_existence_test(const struct event *e)
{
	return e->found && str_eq(e->fn, STR("in process.env"));
}

static void take_read(struct collector *d, struct image *image,
		      const struct event *e)
{
	struct variable_node *v = find_variable_for(d, image, e->name);
	struct reading_node *l;

	if (is_existence_test(e)) {
		add_fingerprint(d, v, e->value.fp);
		return;
	}
	l = node_of(d, v, image, e);
	count_read(d, l, e);
	if (!e->found)
		return;
	v->was_found = true;
	l->reading.value = &e->value;
	l->reading.found_by = e;
	add_fingerprint(d, v, e->value.fp);
	if (v->missed && !v->missed->reading.later_found)
		v->missed->reading.later_found = e;
}

static void take_set(struct collector *d, struct image *image,
		     const struct event *e)
{
	struct reading_node *missed =
		find_variable_for(d, image, e->name)->missed;

	if ((e->has_errno && e->error) || e->kept)
		return;
	if (missed && !missed->reading.later_set)
		missed->reading.later_set = e;
	add_holder(d, image, e->name, &e->value);
}

/* --- hazards: what nobody was seen to ask for ----------------------------- */

/* A handover dropped it, and the new program never asked. */
static void add_dropped(struct collector *d, struct image *image)
{
	const struct values *lost = &image->handover->lost;
	const struct value *value;

	for (size_t i = 0; i < lost->n; i++) {
		struct variable_node *v =
			find_variable_for(d, image, lost->at[i].name);

		if (!v->missed && !v->found &&
		    !model_held_for_one_call(image->parent, lost->at[i].name) &&
		    model_inherited(image, lost->at[i].name, &value) == ABSENT)
			add_reading(d, v, image, READ_NONE);
	}
}

static void collect_image(struct collector *d, struct image *image)
{
	if (image->birth)
		add_birth_holders(d, image, &image->birth->env);
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if (e->kind == KT_READ && !is_probe(image, i))
			take_read(d, image, e);
		if (e->kind == KT_SET)
			take_set(d, image, e);
		if (e->kind == KT_SWAP)
			add_swap_holders(d, image, e);
	}
	if (image->handover)
		add_dropped(d, image);
}

bool model_is_malformed(const struct value *v)
{
	const uint32_t shapes = KT_IS_EMPTY | KT_IS_BLANK | KT_IS_CR |
				KT_IS_LF | KT_IS_QUOTED | KT_IS_PLACEHOLDER |
				KT_IS_UNEXPANDED | KT_IS_LITERAL | KT_IS_BOM |
				KT_IS_UNPRINTABLE;

	return (v->is & shapes) && !(v->is & (KT_IS_JSON | KT_IS_PEM));
}

/* A malformed value under a name that no reader found; told once, at its first
 * holder. */
static void add_malformed(struct collector *d, struct hashmap *reported,
			  struct image *image, struct str name,
			  const struct value *value)
{
	struct variable_node *v;
	void **slot;

	if (!model_is_malformed(value))
		return;
	v = find_variable(d, name);
	slot = hashmap_slot(reported, v, value->fp);
	if (v->was_found || *slot)
		return;
	*slot = v;
	add_reading(d, v, image, READ_NONE)->reading.value = value;
}

static void add_all_malformed(struct collector *d, struct hashmap *reported,
			      struct image *image)
{
	const struct values none = {NULL, 0};
	const struct values *env = image->birth ? &image->birth->env : &none;

	for (size_t i = 0; i < env->n; i++)
		add_malformed(d, reported, image, env->at[i].name,
			      &env->at[i].value);
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_SET)
			add_malformed(d, reported, image,
				      image->events[i]->name,
				      &image->events[i]->value);
}

/* --- laying out ----------------------------------------------------------- */

static void copy_variables(struct collector *d, struct model *m)
{
	m->variables = TAKE(m->arena, struct variable, d->n_variables + 1);
	for (struct variable_node *v = d->variables; v; v = v->next) {
		struct variable *to = &m->variables[m->n_variables++];

		*to = v->variable;
		to->readings =
			TAKE(m->arena, struct reading *, to->n_readings + 1);
		to->n_readings = 0;
		*hashmap_slot(d->names, NULL, to->name) = to;
	}
}

static void copy_readings(struct collector *d, struct model *m)
{
	m->readings = TAKE(m->arena, struct reading, d->n_nodes + 1);
	for (struct reading_node *l = d->nodes; l; l = l->next) {
		struct reading *r = &m->readings[m->n_readings++];
		struct owner_share *share;

		*r = l->reading;
		r->variable = hashmap_find(d->names, NULL, r->name);
		r->variable->readings[r->variable->n_readings++] = r;
		share = share_of(d, r->variable, r->image->root->owner);
		share->first = share->first ? share->first : r;
		r->next = r->image->readings;
		r->image->readings = r;
	}
}

void build_readings(struct build *b)
{
	struct model *m = b->model;
	struct hashmap *reported = hashmap_new(b->arena);
	struct collector d = {.build = b};

	d.names = hashmap_new(b->arena);
	d.fingerprints_seen = hashmap_new(b->arena);
	d.end = &d.nodes;
	d.last_variable = &d.variables;
	for (size_t i = 0; i < m->n_images; i++)
		collect_image(&d, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		add_all_malformed(&d, reported, m->images[i]);
	copy_variables(&d, m);
	copy_readings(&d, m);
}
