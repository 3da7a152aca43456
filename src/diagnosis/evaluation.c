#include "diagnosis/evaluation.h"
#include "diagnosis/evidence/culprit.h"

struct evaluation {
	struct arena *arena;
	const struct model *model;
	struct str asked_for;
	struct candidate *first, **end;
};

static struct candidate *candidate(struct evaluation *c,
				   const struct rule *rule,
				   const struct reading *r, struct finding *f)
{
	struct candidate *made = TAKE(c->arena, struct candidate, 1);

	f->code = rule->code;
	f->id = rule->id;
	f->variable = r->name;
	made->finding = *f;
	made->rule = rule;
	made->reading = r;
	if (r->outcome == READ_NONE && (r->value || is_external_launch(r)))
		return made; /* nobody was hurt, or nobody knows who */
	made->finding.victim = r->image;
	made->finding.victim_event = r->event;
	if (r->event)
		made->finding.victim_site = event_site(r->event);
	return made;
}

static void append(struct evaluation *c, struct candidate *made)
{
	*c->end = made;
	c->end = &made->next;
}

/* Of all causes that fit, the first in the contract's order is the finding,
 * the others are notes. A rule that acquits speaks only when none fits. */
static void evaluate_reading(struct evaluation *c, const struct reading *r)
{
	struct candidate *fits[32];
	size_t n = 0, main = 0;

	for (const struct rule *const *rule = rules; *rule && n < 32; rule++) {
		struct finding f = {0};

		if (!(*rule)->explains(c->model, r, &f))
			continue;
		fits[n] = candidate(c, *rule, r, &f);
		if ((*rule)->rank < fits[main]->rule->rank)
			main = n;
		n++;
	}
	for (size_t i = 0; i < n; i++) {
		if (i == main)
			decide_severity(c->model, c->asked_for, fits[i]);
		else if (fits[i]->rule->rank >= RANK_ACQUITS)
			continue;
		else
			fits[i]->finding.severity = NOTE;
		append(c, fits[i]);
	}
}

/* Readers first: their losses speak for those that never asked. */
static void evaluate_readings(struct evaluation *c, bool readers)
{
	for (size_t i = 0; i < c->model->n_readings; i++) {
		const struct reading *r = &c->model->readings[i];

		if ((r->outcome != READ_NONE) == readers &&
		    (!c->asked_for.len || str_eq(c->asked_for, r->name)))
			evaluate_reading(c, r);
	}
}

static bool is_fault(const struct candidate *c)
{
	return c->finding.severity == FAULT;
}

static void evaluate_external_launch(void *evaluation, const struct reading *r)
{
	struct evaluation *c = evaluation;

	if (!c->asked_for.len || str_eq(c->asked_for, r->name))
		evaluate_reading(c, r);
}

/* What one image did to be found at fault. */
struct failure_explained {
	bool explained; /* it has a fault with a reason of its own */
	size_t guesses; /* names that were merely missing when it failed */
};

/* A failure explains one thing: where it has a better cause, names that were
 * merely missing are no fault; nor are several at once, where the run has one.
 */
static void demote_guesses(struct evaluation *evaluation)
{
	struct failure_explained *shares =
		TAKE(evaluation->arena, struct failure_explained,
		     evaluation->model->n_images + 1);
	unsigned owners = evaluation->model->trace->n_owners;
	bool *any_explained = TAKE(evaluation->arena, bool, owners + 1);

	for (struct candidate *c = evaluation->first; c; c = c->next) {
		struct failure_explained *s = &shares[c->reading->image->index];

		if (!is_fault(c))
			continue;
		s->explained |= !c->only_because_it_failed;
		s->guesses += c->only_because_it_failed;
		any_explained[c->reading->image->owner] |=
			!c->only_because_it_failed;
	}
	for (struct candidate *c = evaluation->first; c; c = c->next) {
		const struct failure_explained *s =
			&shares[c->reading->image->index];

		if (is_fault(c) && c->only_because_it_failed &&
		    (s->explained ||
		     (s->guesses > 1 &&
		      (any_explained[0] ||
		       any_explained[c->reading->image->owner]))))
			c->finding.severity = c->finding.severity_if_no_failure;
	}
}

/* Some image on the way set or took away names that are only counted. */
static bool is_told_in_part(const struct reading *r)
{
	static const struct str no_name_in_particular = STR("");

	for (const struct image *i = r->image; r->loss && i; i = i->parent)
		if (i->folded && model_changes_folded(i, no_name_in_particular))
			return true;
	return false;
}

static void describe(struct evaluation *evaluation, struct report *report)
{
	struct groups d = {.arena = evaluation->arena};

	d.equals = hashmap_new(evaluation->arena);
	d.causes = hashmap_new(evaluation->arena);
	for (struct candidate *c = evaluation->first, *next; c; c = next) {
		next = c->next; /* a graver equal may be copied over it */
		add_to_group(&d, c);
	}
	sort_groups(&d);
	report->findings = TAKE(evaluation->arena, struct finding, d.n + 1);
	for (; report->n_findings < d.n; report->n_findings++) {
		struct candidate *c = d.at[report->n_findings];

		c->rule->describe(evaluation->model, c->reading, &c->finding);
		if (c->finding.confidence == CERTAIN &&
		    (trace_lost(evaluation->model->trace,
				c->reading->image->owner) ||
		     is_told_in_part(c->reading)))
			c->finding.confidence =
				LIKELY; /* what is not there may tell */
		build_value_path(evaluation->arena, &c->finding, c->reading);
		report->findings[report->n_findings] = c->finding;
	}
}

static uint64_t own_loss(const struct trace *t, unsigned owner)
{
	return owner < t->n_owners ? t->owners[owner].lost
	       : owner		   ? 0
				   : t->lost;
}

static bool lost_events(const struct image *image)
{
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_LOST)
			return true;
	return false;
}

static const char *gap_of(const struct image *image)
{
	if (!image->observed)
		return image->gap;
	if (lost_events(image))
		return "lost-events";
	if (image->is_go)
		return "no-trace";
	return runtime_hides_threads(image) ? "thread-env" : NULL;
}

/* Nobody says which of its images lost events: then the first one stands. */
static void list_losers(const struct model *m, const bool *told,
			struct report *r)
{
	for (unsigned owner = 0; owner <= m->trace->n_owners; owner++) {
		size_t i = 0;

		if (told[owner] || !own_loss(m->trace, owner))
			continue;
		while (i < m->n_images && m->images[i]->owner != owner)
			i++;
		if (i < m->n_images)
			r->gaps[r->n_gaps++] =
				(struct gap){m->images[i]->root, "lost-events"};
	}
}

static void list_gaps(struct arena *a, const struct model *m, struct report *r)
{
	unsigned owners = m->trace->n_owners;
	bool *told = TAKE(a, bool, owners + 1);

	r->gaps = TAKE(a, struct gap, m->n_images + owners + 1);
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];
		const char *reason = gap_of(image);

		if (image->hop == HOP_THREAD)
			continue; /* a part of one that counts */
		r->images++;
		r->observed += image->observed;
		told[image->owner] |= image->observed && lost_events(image);
		if (reason)
			r->gaps[r->n_gaps++] = (struct gap){image, reason};
	}
	r->full = model_full(m, &r->full_wall);
	r->lost_events = m->trace->lost;
	r->broken_lines = m->trace->broken;
	list_losers(m, told, r);
}

struct report *diagnose(struct arena *a, const struct model *m,
			struct str variable)
{
	struct report *report = TAKE(a, struct report, 1);
	struct evaluation evaluation = {a, m, variable, NULL, NULL};

	evaluation.end = &evaluation.first;
	report->model = m;
	evaluate_readings(&evaluation, true);
	evaluate_readings(&evaluation, false);
	each_external_launch(a, m, evaluate_external_launch, &evaluation);
	demote_guesses(&evaluation);
	describe(&evaluation, report);
	list_gaps(a, m, report);
	decide_verdict(report, m, variable);
	return report;
}
