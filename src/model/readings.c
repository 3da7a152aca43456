#include "model/build.h"

#include <stdlib.h>

/* Readings are counted before they are laid out: while building they are
 * linked, and variables count places. */
struct link {
	struct reading reading;
	struct link *next;
};

struct tally { /* equal reads: the trace counts them cumulatively */
	struct str fp;
	uint64_t thread, n;
	struct tally *next;
};

struct named {
	struct variable variable;
	struct image *last_holder, *last_reader, *last_misser;
	bool was_found;
	size_t room;
	struct named *next;
};

struct desk {
	struct build *build;
	struct table *names;	      /* of struct named */
	struct table *missed, *found; /* of struct reading, by image and name */
	struct table *tallies;	      /* by reading and place of the call */
	struct table *prints;	      /* by variable and fingerprint */
	struct link *links, **end;
	struct named *variables, **last_variable;
	size_t n_links, n_variables;
};

static const uint64_t PROBE_NS = 200000;

static struct named *variable(struct desk *d, struct str name)
{
	void **slot = table_slot(d->names, NULL, name);
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

static struct reading *add(struct desk *d, struct image *image, struct str name,
			   enum outcome outcome)
{
	struct link *l = TAKE(d->build->arena, struct link, 1);

	l->reading.image = image;
	l->reading.name = name;
	l->reading.outcome = outcome;
	l->reading.variable = &variable(d, name)->variable;
	l->reading.variable->n_readings++;
	*d->end = l;
	d->end = &l->next;
	d->n_links++;
	return &l->reading;
}

/* --- values and who held them -------------------------------------------- */

static bool note_print(struct desk *d, struct variable *v, struct str fp)
{
	void **slot = table_slot(d->prints, v, fp);
	struct strs *seen = &v->fingerprints;
	struct named *n = (struct named *)v;

	if (!fp.len || *slot)
		return false;
	*slot = v;
	if (seen->n == n->room) {
		struct str *more;

		n->room = n->room ? 2 * n->room : 4;
		more = TAKE(d->build->arena, struct str, n->room);
		if (seen->n)
			memcpy(more, seen->at, seen->n * sizeof *more);
		seen->at = more;
	}
	seen->at[seen->n++] = fp;
	return true;
}

static void hold(struct desk *d, struct image *image, struct str name,
		 const struct value *value)
{
	struct named *v = variable(d, name);

	note_print(d, &v->variable, value->fp);
	if (v->last_holder != image)
		v->variable.holders++;
	v->last_holder = image;
}

static void hold_all(struct desk *d, struct image *image,
		     const struct values *list)
{
	for (size_t i = 0; i < list->n; i++)
		hold(d, image, list->at[i].name, &list->at[i].value);
}

/* --- reads --------------------------------------------------------------- */

/* A loader asks whether the name is there just before it sets it: that is no
 * wish for the value. */
static bool is_probe(const struct image *image, size_t i)
{
	const struct event *e = image->events[i], *next;

	if (e->found || e->n > 1 || i + 1 == image->n_events)
		return false;
	next = image->events[i + 1];
	return next->kind == KT_SET && str_eq(next->name, e->name) &&
	       !next->kept && next->thread == e->thread &&
	       next->t - e->t < PROBE_NS;
}

static void count(struct desk *d, struct reading *r, const struct event *e)
{
	void **slot = table_slot(d->tallies, r, e->at);
	struct tally *t = *slot;

	while (t && (t->thread != e->thread || !str_eq(t->fp, e->value.fp)))
		t = t->next;
	if (!t) {
		t = TAKE(d->build->arena, struct tally, 1);
		t->fp = e->value.fp;
		t->thread = e->thread;
		t->next = *slot;
		*slot = t;
	}
	if (e->n > t->n) {
		r->n += e->n - t->n;
		t->n = e->n;
	}
}

static struct reading *reading_of(struct desk *d, struct image *image,
				  const struct event *e)
{
	void **slot =
		table_slot(e->found ? d->found : d->missed, image, e->name);

	if (!*slot)
		*slot = add(d, image, e->name,
			    e->found ? READ_FOUND : READ_MISSED);
	return *slot;
}

static void count_reader(struct desk *d, struct image *image,
			 const struct event *e)
{
	struct named *v = variable(d, e->name);

	if (v->last_reader != image)
		v->variable.readers++;
	v->last_reader = image;
	v->was_found |= e->found;
	if (e->found)
		return;
	if (v->last_misser != image)
		v->variable.missed++;
	v->last_misser = image;
}

static void read_one(struct desk *d, struct image *image, const struct event *e)
{
	struct reading *r = reading_of(d, image, e);
	struct reading *missed;

	if (!r->event)
		r->event = e;
	count(d, r, e);
	count_reader(d, image, e);
	if (!e->found)
		return;
	r->value = &e->value;
	note_print(d, r->variable, e->value.fp);
	missed = table_find(d->missed, image, e->name);
	if (missed && !missed->later_found)
		missed->later_found = e;
}

static void set_one(struct desk *d, struct image *image, const struct event *e)
{
	struct reading *missed = table_find(d->missed, image, e->name);

	if ((e->has_errno && e->error) || e->kept)
		return;
	if (missed && !missed->later_set)
		missed->later_set = e;
	hold(d, image, e->name, &e->value);
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
			hold_all(d, image, &e->env);
	}
}

/* --- hazards: what nobody was seen to ask for ----------------------------- */

/* A handover dropped it, and the new program never asked. */
static void note_dropped(struct desk *d, struct image *image)
{
	const struct values *lost = &image->handover->lost;
	const struct value *value;

	for (size_t i = 0; i < lost->n; i++) {
		struct str name = lost->at[i].name;

		if (!table_find(d->missed, image, name) &&
		    !table_find(d->found, image, name) &&
		    model_handed(image, name, &value) == ABSENT)
			add(d, image, name, READ_NONE);
	}
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
static void note_malformed(struct desk *d, struct table *told,
			   struct image *image, struct str name,
			   const struct value *value)
{
	struct named *n = variable(d, name);
	struct reading *r;
	void **slot;

	if (!model_is_malformed(value) || n->was_found)
		return;
	slot = table_slot(told, n, value->fp);
	if (*slot)
		return;
	r = *slot = add(d, image, name, READ_NONE);
	r->value = value;
}

static void note_hazards(struct desk *d, struct table *told,
			 struct image *image)
{
	struct values none = {NULL, 0};
	const struct values *env = image->birth ? &image->birth->env : &none;

	if (image->handover)
		note_dropped(d, image);
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
		*table_slot(d->names, NULL, to->name) = to;
	}
}

static void lay_out_readings(struct desk *d, struct model *m)
{
	m->readings = TAKE(m->arena, struct reading, d->n_links + 1);
	for (struct link *l = d->links; l; l = l->next) {
		struct reading *r = &m->readings[m->n_readings++];

		*r = l->reading;
		r->variable = table_find(d->names, NULL, r->name);
		r->variable->readings[r->variable->n_readings++] = r;
		r->next = r->image->readings;
		r->image->readings = r;
	}
}

void build_readings(struct build *b)
{
	struct model *m = b->model;
	struct table *told = table_new(b->arena);
	struct desk d = {.build = b};

	d.names = table_new(b->arena);
	d.missed = table_new(b->arena);
	d.found = table_new(b->arena);
	d.tallies = table_new(b->arena);
	d.prints = table_new(b->arena);
	d.end = &d.links;
	d.last_variable = &d.variables;
	for (size_t i = 0; i < m->n_images; i++)
		hear(&d, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		note_hazards(&d, told, m->images[i]);
	lay_out_variables(&d, m);
	lay_out_readings(&d, m);
}
