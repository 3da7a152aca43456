#include "diagnosis/diagnosis.h"

#include "diagnosis/evaluation.h"

#include "runtimes/tool_fix.h"
#include "trace/site.h"

static void group_candidates(struct evaluation *e, struct groups *g)
{
	for (struct candidate *c = e->first, *next; c; c = next) {
		next = c->next; /* a worse equal may be copied over *c */
		add_to_group(g, c);
	}
	sort_groups(g);
	join_names(g);
	count_program_readers(e->arena, e->model, g);
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

/* A tool's own words help more than those of its language. */
static void prefer_tool_fix(struct arena *a, struct finding *f)
{
	struct str fix = find_tool_fix(a, f);

	if (fix.len)
		f->fix = fix;
}

static void describe_findings(struct evaluation *e, const struct groups *g,
			      struct report *report)
{
	report->findings = TAKE(e->arena, struct finding, g->n + 1);
	for (; report->n_findings < g->n; report->n_findings++) {
		struct candidate *c = g->at[report->n_findings];

		c->rule->describe(e->model, c->reading, &c->finding);
		complete_summary(e->arena, &c->finding);
		prefer_tool_fix(e->arena, &c->finding);
		limit_confidence(e->model, c);
		build_value_path(e->arena, &c->finding, c->reading);
		report->findings[report->n_findings] = c->finding;
	}
}

static bool is_acquittal(const struct finding *f)
{
	return !strcmp(f->code, "KT901");
}

/* Only an exonerated run has a finding which says so. */
static void keep_acquittals(struct report *report)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n_findings; i++)
		if (report->verdict == EXONERATED ||
		    !is_acquittal(&report->findings[i]))
			report->findings[n++] = report->findings[i];
	report->n_findings = n;
}

/* NAME, or NAME@SITE where SITE is the end of the victim's or culprit's place.
 */
static bool ends_with(struct str text, struct str end)
{
	return end.len && text.len >= end.len &&
	       !memcmp(text.at + text.len - end.len, end.at, end.len);
}

static bool is_ignored(const struct finding *f, struct str what)
{
	const char *at = what.len ? memchr(what.at, '@', what.len) : NULL;
	struct str name = {what.at, at ? (size_t)(at - what.at) : what.len};
	struct str site = {at ? at + 1 : NULL,
			   at ? what.len - name.len - 1 : 0};

	return str_eq(f->variable, name) &&
	       (!at || ends_with(site_without_mark(f->victim_site), site) ||
		ends_with(site_without_mark(f->culprit_site), site));
}

static void drop_ignored(struct report *report, const struct strs *ignored)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n_findings; i++) {
		size_t j = 0;

		while (j < ignored->n &&
		       !is_ignored(&report->findings[i], ignored->at[j]))
			j++;
		if (j == ignored->n)
			report->findings[n++] = report->findings[i];
	}
	report->n_ignored = report->n_findings - n;
	report->n_findings = n;
}

static struct report *judge(struct arena *a, const struct model *m,
			    const struct question *q)
{
	struct report *report = TAKE(a, struct report, 1);
	struct evaluation e = {.arena = a, .model = m, .named = &q->variables};
	struct groups g = {.arena = a};

	e.end = &e.first;
	g.equals = hashmap_new(a);
	g.causes = hashmap_new(a);
	report->model = m;
	evaluate_readings(&e);
	group_candidates(&e, &g);
	describe_findings(&e, &g, report);
	drop_ignored(report, &q->ignored);
	list_gaps(a, m, report);
	decide_verdict(report, &e);
	keep_acquittals(report);
	write_headline(report, &e);
	return report;
}

struct report *diagnose(struct arena *a, const struct trace *trace,
			const struct question *q, long *ret_runs)
{
	const struct model *m = model_build(a, trace);
	struct trace *chosen = TAKE(a, struct trace, 1);
	struct run_choice choice;
	struct report *report;
	bool found = q->pid ? choose_run_of(a, m, q->pid, chosen, &choice)
			    : choose_run(a, m, q->run, chosen, &choice);

	*ret_runs = choice.runs;
	if (!found)
		return NULL;
	if (chosen->n < trace->n)
		m = model_build(a, chosen);
	report = judge(a, m, q);
	report->run = choice;
	return report;
}
