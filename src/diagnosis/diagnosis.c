#include "diagnosis/diagnosis.h"

#include "diagnosis/evaluation.h"

static void group_candidates(struct evaluation *e, struct groups *g)
{
	for (struct candidate *c = e->first, *next; c; c = next) {
		next = c->next; /* a worse equal may be copied over *c */
		add_to_group(g, c);
	}
	sort_groups(g);
}

/* True when an image on the way set or removed variables by events which were
 * only counted. */
static bool has_counted_changes(const struct reading *r)
{
	for (const struct image *i = r->image; r->loss && i; i = i->parent)
		if (i->folded && model_changes_folded(i, STR("")))
			return true;
	return false;
}

/* Where events were lost or only counted, an event against the finding may be
 * among these. */
static void limit_confidence(const struct model *m, struct candidate *c)
{
	if (c->finding.confidence == CERTAIN &&
	    (trace_lost(m->trace, c->reading->image->owner) ||
	     has_counted_changes(c->reading)))
		c->finding.confidence = LIKELY;
}

static void describe_findings(struct evaluation *e, const struct groups *g,
			      struct report *report)
{
	report->findings = TAKE(e->arena, struct finding, g->n + 1);
	for (; report->n_findings < g->n; report->n_findings++) {
		struct candidate *c = g->at[report->n_findings];

		c->rule->describe(e->model, c->reading, &c->finding);
		limit_confidence(e->model, c);
		build_value_path(e->arena, &c->finding, c->reading);
		report->findings[report->n_findings] = c->finding;
	}
}

struct report *diagnose(struct arena *a, const struct model *m,
			struct str variable)
{
	struct report *report = TAKE(a, struct report, 1);
	struct evaluation e = {
		.arena = a, .model = m, .user_variable = variable};
	struct groups g = {.arena = a};

	e.end = &e.first;
	g.equals = hashmap_new(a);
	g.causes = hashmap_new(a);
	report->model = m;
	evaluate_readings(&e);
	demote_guesses(&e);
	group_candidates(&e, &g);
	describe_findings(&e, &g, report);
	list_gaps(a, m, report);
	decide_verdict(report, m, variable);
	return report;
}
