#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/requests/setting_requests.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "runtimes/runtime.h"

enum { MAX_FITTING_RULES = 32 };

/* A malformed value without a read, and an external launch, have no victim. */
static bool has_victim(const struct reading *r)
{
	return r->outcome != READ_NONE || (!r->value && !is_external_launch(r));
}

/* Further places of own code above the site, at most three. */
static struct strs callers_of(struct arena *a, const struct reading *r,
			      const struct event *read, struct str site)
{
	struct strs callers = {TAKE(a, struct str, 3), 0};
	bool below = false;

	for (size_t i = 0; i < 64 && callers.n < 3; i++) {
		struct str place = own_place(r->image, read, i);

		if (!place.len)
			break;
		if (below && !str_eq(place, site))
			callers.at[callers.n++] = place;
		below |= str_eq(place, site);
	}
	return callers;
}

/* The place of a finding about a request is the line that sent it; so it is
 * where no read was seen. */
static const struct event *event_of_victim(const struct finding *f,
					   const struct ask *ask)
{
	const struct request *q = f->request;

	if (!q && !ask->event)
		q = ask->refusal;
	return q ? place_of_request(q, ask->event) : ask->event;
}

static struct str place_of_reader(const struct reading *r,
				  const struct event *event)
{
	struct str own = own_place(r->image, event, 0);

	if (!own.len)
		own = earlier_own_place(r, event);
	if (!own.len)
		own = event->command_site;
	if (!own.len && event->kind == KT_REQUEST)
		own = line_of_start(r->image);
	return own.len ? own : event_site(event);
}

static void set_victim(struct arena *a, struct finding *f,
		       const struct reading *r, const struct ask *ask)
{
	const struct event *event = event_of_victim(f, ask);
	struct asker asker = ask->asker;

	f->victim = r->image;
	f->victim_event = event;
	f->end = end_word(ask->end);
	if (!event)
		return;
	if (event != ask->event)
		asker = who_asks(r->image, event, r->name);
	f->victim_site = place_of_reader(r, event);
	if (asker.site.len && !str_eq(asker.site, f->victim_site))
		f->victim_via = asker.site;
	f->callers = callers_of(a, r, event, f->victim_site);
}

/* A library that started a program or set a value did so for a line of the
 * user's. */
static void move_culprit_to_own_code(struct finding *f)
{
	if (f->culprit_event && event_has_source_line(f->culprit_event) &&
	    str_eq(f->culprit_site, event_site(f->culprit_event)))
		f->culprit_site = site_to_edit(f->culprit, f->culprit_event);
}

/* A shell's script without a line. */
static void complete_script_of_culprit(struct arena *a, struct finding *f)
{
	if (f->culprit && str_eq(f->culprit_site, runtime_script(f->culprit)))
		f->culprit_site =
			model_script_path(a, f->culprit, f->culprit_site);
}

static struct candidate *new_candidate(struct evaluation *e,
				       const struct rule *rule,
				       const struct reading *r,
				       const struct ask *ask, struct finding *f)
{
	struct candidate *made = TAKE(e->arena, struct candidate, 1);

	f->code = rule->code;
	f->id = rule->id;
	f->variable = r->name;
	if (has_victim(r))
		set_victim(e->arena, f, r, ask);
	if (!f->request)
		f->request = ask->refusal;
	f->is_accepted = is_value_accepted(r) || was_key_accepted(r);
	f->is_incidental = is_incidental(ask);
	if (f->request)
		f->request_site =
			site_to_edit(f->request->image, f->request->event);
	move_culprit_to_own_code(f);
	complete_script_of_culprit(e->arena, f);
	f->culprit_may_have_moved =
		runtime_may_have_moved(f->culprit, f->culprit_site);
	*made = (struct candidate){
		.finding = *f, .rule = rule, .reading = r, .ask = *ask};
	if (f->outranked.len)
		made->ask.need = need_of_name(e, r, &ask->asker, f->outranked);
	return made;
}

static void append(struct evaluation *e, struct candidate *made)
{
	*e->end = made;
	e->end = &made->next;
}

/* A loss on the way whose reader is not seen. */
static void set_loss(struct candidate *c)
{
	if (c->finding.loss == LOSS_SEEN && c->reading->outcome == READ_NONE)
		c->finding.loss = LOSS_OUT_OF_SIGHT;
}

static int rank_of(const struct candidate *c)
{
	return c->finding.rank ? c->finding.rank : c->rule->rank;
}

/* Of all fitting causes, the cause with the lowest rank is the finding; the
 * others are notes. A rule from RANK_ACQUITS on counts only when no rule that
 * accuses a program fits. */
static void append_fitting(struct evaluation *e, struct candidate **fits,
			   size_t n, size_t main)
{
	for (size_t i = 0; i < n; i++) {
		if (fits[i]->rule->rank >= RANK_ACQUITS &&
		    rank_of(fits[main]) < RANK_REFUSED)
			continue;
		set_loss(fits[i]);
		if (i == main)
			decide_severity(fits[i]);
		else
			fits[i]->finding.severity = NOTE;
		append(e, fits[i]);
	}
}

static bool concerns_user(const struct evaluation *e, struct str name)
{
	return !e->named->n || is_listed(e->named, name);
}

void evaluate_reading(struct evaluation *e, const struct reading *r)
{
	struct candidate *fits[MAX_FITTING_RULES];
	size_t n = 0, main = 0;
	struct ask ask;

	if (!concerns_user(e, r->name))
		return;
	ask = strongest_ask(e, r);
	if ((ask.is_probe && !ask.named_by_user) || is_own_loaders_echo(r))
		return;
	for (const struct rule *const *rule = rules;
	     *rule && n < MAX_FITTING_RULES; rule++) {
		struct finding f = {.severity = FAULT,
				    .loss = (*rule)->loss,
				    .variable = r->name};

		if (!(*rule)->explains(e->model, r, &f) ||
		    (f.is_none_unless_given && !ask.named_by_user))
			continue;
		fits[n] = new_candidate(e, *rule, r, &ask, &f);
		if (rank_of(fits[n]) < rank_of(fits[main]))
			main = n;
		n++;
	}
	append_fitting(e, fits, n, main);
}

struct reading *make_reading(struct arena *a, struct image *image,
			     struct variable *v)
{
	struct reading *r = TAKE(a, struct reading, 1);

	r->image = image;
	r->name = v->name;
	r->outcome = READ_NONE;
	r->variable = v;
	return r;
}
