#include "model/build.h"

#include "base/array.h"

/* Readings are counted before they are laid out: while building they are
 * linked, and variables count places. */
struct link {
	struct reading reading;
	struct tally *tallies;
	struct link *next;
};

struct tally { /* equal reads: the trace counts them cumulatively */
	const struct event *first;
	uint64_t n;
	struct tally *next;
};

struct named {
	struct variable variable;
	bool was_found;
	size_t room; /* of its fingerprints */
	struct named *next;

	struct image *image; /* whose turn it is; what follows is about that */
	bool is_held;
	struct link *missed, *found;
};

struct desk {
	struct build *build;
	struct hashmap *names;  /* of struct named */
	struct hashmap *prints; /* by variable and fingerprint */
	struct link *links, **end;
	struct named *variables, **last_variable;
	size_t n_links, n_variables;
};

static const uint64_t PROBE_NS = 200000;

static struct named *named(struct desk *d, struct str name)
{
	void **slot = hashmap_slot(d->names, NULL, name);
	struct named *v = *slot;

	if (v)
		return v;
	v = *slot = TAKE(d->build->arena, struct named, 1);
	v->variable.name = name;
	*d->last_variable = v;
	d->last_variable = &v->next;
	d->n_variables++;
	return v;
}

/* Images are heard one after the other. */
static struct named *turn(struct desk *d, struct image *image, struct str name)
{
	struct named *v = named(d, name);

	if (v->image != image) {
		v->image = image;
		v->is_held = false;
		v->missed = v->found = NULL;
	}
	return v;
}

static struct link *add(struct desk *d, struct named *v, struct image *image,
			enum outcome outcome)
{
	struct link *l = TAKE(d->build->arena, struct link, 1);

	l->reading.image = image;
	l->reading.name = v->variable.name;
	l->reading.outcome = outcome;
	v->variable.n_readings++;
	*d->end = l;
	d->end = &l->next;
	d->n_links++;
	return l;
}

/* --- values and who held them -------------------------------------------- */

static void note_print(struct desk *d, struct named *v, struct str fp)
{
	void **slot = hashmap_slot(d->prints, v, fp);
	struct strs *seen = &v->variable.fingerprints;

	if (!fp.len || *slot)
		return;
	*slot = v;
	*ARRAY_ADD(d->build->arena, seen->at, seen->n, v->room) = fp;
}

static struct owner_share *share_of(struct desk *d, struct variable *v,
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

static void hold(struct desk *d, struct image *image, struct str name,
		 const struct value *value)
{
	struct named *v = turn(d, image, name);

	note_print(d, v, value->fp);
	if (!v->is_held)
		share_of(d, &v->variable, image->owner)->holders++;
	v->variable.holders += !v->is_held;
	v->is_held = true;
}

/* What stood there for one call only is told by who was called. */
static void hold_swapped(struct desk *d, struct image *image,
			 const struct event *e)
{
	const struct value *value;

	for (size_t i = 0; i < e->env.n; i++)
		if (model_held(image, e->env.at[i].name, e->t, &value) ==
		    PRESENT)
			hold(d, image, e->env.at[i].name, &e->env.at[i].value);
}

static void hold_all(struct desk *d, struct image *image,
		     const struct values *list)
{
	for (size_t i = 0; i < list->n; i++)
		hold(d, image, list->at[i].name, &list->at[i].value);
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
static bool is_same_hand(const struct event *a, const struct event *b)
{
	if (!event_has_own_line(a) || !event_has_own_line(b))
		return event_has_own_line(a) == event_has_own_line(b);
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
	       next->t - e->t < PROBE_NS && is_same_hand(e, next);
}

static bool is_same_read(const struct event *a, const struct event *b)
{
	return a->thread == b->thread && str_eq(a->at, b->at) &&
	       str_eq(a->site, b->site) && str_eq(a->value.fp, b->value.fp);
}

/* Few places ask for one name: of a strange trace's hundreds, the last are
 * counted with those before them. */
static struct tally *tally(struct desk *d, struct link *l,
			   const struct event *e)
{
	struct tally **t = &l->tallies;

	for (size_t looks = 64; *t; t = &(*t)->next)
		if (!looks-- || is_same_read((*t)->first, e))
			return *t;
	*t = TAKE(d->build->arena, struct tally, 1);
	(*t)->first = e;
	return *t;
}

static void count(struct desk *d, struct link *l, const struct event *e)
{
	struct tally *t = tally(d, l, e);

	if (e->n > t->n) {
		l->reading.n += e->n - t->n;
		t->n = e->n;
	}
}

static struct link *link_of(struct desk *d, struct named *v,
			    struct image *image, const struct event *e)
{
	struct link **l = e->found ? &v->found : &v->missed;

	if (*l)
		return *l;
	v->variable.readers += !v->found && !v->missed;
	v->variable.missed += !e->found;
	*l = add(d, v, image, e->found ? READ_FOUND : READ_MISSED);
	(*l)->reading.event = e;
	return *l;
}

/* "It is there" is all that the program learnt. */
static bool is_mere_question(const struct event *e)
{
	return e->found && str_eq(e->fn, STR("in process.env"));
}

static void read_one(struct desk *d, struct image *image, const struct event *e)
{
	struct named *v = turn(d, image, e->name);
	struct link *l;

	if (is_mere_question(e)) {
		note_print(d, v, e->value.fp);
		return;
	}
	l = link_of(d, v, image, e);
	count(d, l, e);
	if (!e->found)
		return;
	v->was_found = true;
	l->reading.value = &e->value;
	l->reading.valued = e;
	note_print(d, v, e->value.fp);
	if (v->missed && !v->missed->reading.later_found)
		v->missed->reading.later_found = e;
}

static void set_one(struct desk *d, struct image *image, const struct event *e)
{
	struct link *missed = turn(d, image, e->name)->missed;

	if ((e->has_errno && e->error) || e->kept)
		return;
	if (missed && !missed->reading.later_set)
		missed->reading.later_set = e;
	hold(d, image, e->name, &e->value);
}

/* --- hazards: what nobody was seen to ask for ----------------------------- */

/* A handover dropped it, and the new program never asked. */
static void note_dropped(struct desk *d, struct image *image)
{
	const struct values *lost = &image->handover->lost;
	const struct value *value;

	for (size_t i = 0; i < lost->n; i++) {
		struct named *v = turn(d, image, lost->at[i].name);

		if (!v->missed && !v->found &&
		    !model_lent(image->parent, lost->at[i].name) &&
		    model_handed(image, lost->at[i].name, &value) == ABSENT)
			add(d, v, image, READ_NONE);
	}
}

static void hear(struct desk *d, struct image *image)
{
	if (image->birth)
		hold_all(d, image, &image->birth->env);
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if (e->kind == KT_READ && !is_probe(image, i))
			read_one(d, image, e);
		if (e->kind == KT_SET)
			set_one(d, image, e);
		if (e->kind == KT_SWAP)
			hold_swapped(d, image, e);
	}
	if (image->handover)
		note_dropped(d, image);
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
static void note_malformed(struct desk *d, struct hashmap *told,
			   struct image *image, struct str name,
			   const struct value *value)
{
	struct named *v;
	void **slot;

	if (!model_is_malformed(value))
		return;
	v = named(d, name);
	slot = hashmap_slot(told, v, value->fp);
	if (v->was_found || *slot)
		return;
	*slot = v;
	add(d, v, image, READ_NONE)->reading.value = value;
}

static void note_all_malformed(struct desk *d, struct hashmap *told,
			       struct image *image)
{
	const struct values none = {NULL, 0};
	const struct values *env = image->birth ? &image->birth->env : &none;

	for (size_t i = 0; i < env->n; i++)
		note_malformed(d, told, image, env->at[i].name,
			       &env->at[i].value);
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_SET)
			note_malformed(d, told, image, image->events[i]->name,
				       &image->events[i]->value);
}

/* --- laying out ----------------------------------------------------------- */

static void lay_out_variables(struct desk *d, struct model *m)
{
	m->variables = TAKE(m->arena, struct variable, d->n_variables + 1);
	for (struct named *v = d->variables; v; v = v->next) {
		struct variable *to = &m->variables[m->n_variables++];

		*to = v->variable;
		to->readings =
			TAKE(m->arena, struct reading *, to->n_readings + 1);
		to->n_readings = 0;
		*hashmap_slot(d->names, NULL, to->name) = to;
	}
}

static void lay_out_readings(struct desk *d, struct model *m)
{
	m->readings = TAKE(m->arena, struct reading, d->n_links + 1);
	for (struct link *l = d->links; l; l = l->next) {
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
	struct hashmap *told = hashmap_new(b->arena);
	struct desk d = {.build = b};

	d.names = hashmap_new(b->arena);
	d.prints = hashmap_new(b->arena);
	d.end = &d.links;
	d.last_variable = &d.variables;
	for (size_t i = 0; i < m->n_images; i++)
		hear(&d, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		note_all_malformed(&d, told, m->images[i]);
	lay_out_variables(&d, m);
	lay_out_readings(&d, m);
}
