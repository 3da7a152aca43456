#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/unseen_hop.h"

enum { MAX_FITTING_RULES = 32 };

/* A malformed value without a read, and an external launch, have no victim. */
static bool has_victim(const struct reading *r)
{
	return r->outcome != READ_NONE || (!r->value && !is_external_launch(r));
}

static struct candidate *new_candidate(struct evaluation *e,
				       const struct rule *rule,
				       const struct reading *r,
				       struct finding *f)
{
	struct candidate *made = TAKE(e->arena, struct candidate, 1);

	f->code = rule->code;
	f->id = rule->id;
	f->variable = r->name;
	if (has_victim(r)) {
		f->victim = r->image;
		f->victim_event = r->event;
		if (r->event)
			f->victim_site = event_site(r->event);
	}
	*made = (struct candidate){.finding = *f, .rule = rule, .reading = r};
	return made;
}

static void append(struct evaluation *e, struct candidate *made)
{
	*e->end = made;
	e->end = &made->next;
}

/* Of all fitting causes, the cause with the lowest rank is the finding; the
 * others are notes. A rule from RANK_ACQUITS on counts only when no other rule
 * fits. */
static void evaluate_reading(struct evaluation *e, const struct reading *r)
{
	struct candidate *fits[MAX_FITTING_RULES];
	size_t n = 0, main = 0;

	for (const struct rule *const *rule = rules;
	     *rule && n < MAX_FITTING_RULES; rule++) {
		struct finding f = {0};

		if (!(*rule)->explains(e->model, r, &f))
			continue;
		fits[n] = new_candidate(e, *rule, r, &f);
		if ((*rule)->rank < fits[main]->rule->rank)
			main = n;
		n++;
	}
	for (size_t i = 0; i < n; i++) {
		if (i == main)
			decide_severity(e->model, e->user_variable, fits[i]);
		else if (fits[i]->rule->rank >= RANK_ACQUITS)
			continue;
		else
			fits[i]->finding.severity = NOTE;
		append(e, fits[i]);
	}
}

static bool is_wanted(const struct evaluation *e, struct str name)
{
	return !e->user_variable.len || str_eq(e->user_variable, name);
}

static void evaluate_if(struct evaluation *e, bool has_read)
{
	for (size_t i = 0; i < e->model->n_readings; i++) {
		const struct reading *r = &e->model->readings[i];

		if ((r->outcome != READ_NONE) == has_read &&
		    is_wanted(e, r->name))
			evaluate_reading(e, r);
	}
}

static void evaluate_external_launch(void *evaluation, const struct reading *r)
{
	struct evaluation *e = evaluation;

	if (is_wanted(e, r->name))
		evaluate_reading(e, r);
}

/* Images with a read come first: group.c drops a loss without a read when a
 * reader has the same cause. */
void evaluate_readings(struct evaluation *e)
{
	evaluate_if(e, true);
	evaluate_if(e, false);
	each_external_launch(e->arena, e->model, evaluate_external_launch, e);
}
