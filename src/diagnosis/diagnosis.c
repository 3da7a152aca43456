#include "diagnosis/diagnosis.h"

#include "diagnosis/evaluation.h"

#include "model/process_name.h"
#include "runtimes/tool_fix.h"

static void group_candidates(struct evaluation *e, struct groups *g)
{
	for (struct candidate *c = e->first, *next; c; c = next) {
		next = c->next; /* a worse equal may be copied over *c */
		add_to_group(g, c);
	}
}

/* A loss without a read is no finding when a reader lost the variable by the
 * same cause, also when the user ignores the reader: hence one map of causes.
 */
static struct groups new_groups(struct arena *a, struct hashmap *causes)
{
	return (struct groups){
		.arena = a, .equals = hashmap_new(a), .causes = causes};
}

static void join_groups(struct groups *g)
{
	sort_groups(g);
	join_names(g);
	join_earlier_readers(g);
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
static void prefer_tool_words(struct arena *a, struct finding *f)
{
	struct str fix = find_tool_fix(a, f);
	struct str fact = find_tool_fact(a, f);

	if (fix.len && !f->has_own_fix)
		f->fix = fix;
	if (fact.len)
		f->detail = fact;
}

/* The reader itself did not fail. */
static void name_consumer(struct arena *a, struct candidate *c)
{
	struct finding *f = &c->finding;

	if (c->ask.consumer)
		f->detail = arena_print(
			a,
			"%.*s%s%.*s, which never asks for %.*s, failed for "
			"want of a credential",
			STR_FMT(f->detail), f->detail.len ? "; " : "",
			STR_FMT(process_in_sentence(a, c->ask.consumer)),
			STR_FMT(f->variable));
}

static void describe_findings(struct evaluation *e, const struct groups *g,
			      struct report *report)
{
	report->findings = TAKE(e->arena, struct finding, g->n + 1);
	for (; report->n_findings < g->n; report->n_findings++) {
		struct candidate *c = g->at[report->n_findings];

		c->rule->describe(e->model, c->reading, &c->finding);
		complete_summary(e->arena, &c->finding);
		prefer_tool_words(e->arena, &c->finding);
		name_consumer(e->arena, c);
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

static void evaluate_if(struct evaluation *e, bool has_read)
{
	for (size_t i = 0; i < e->model->n_readings; i++) {
		const struct reading *r = &e->model->readings[i];

		if ((r->outcome != READ_NONE) == has_read)
			evaluate_reading(e, r);
	}
}

/* Images with a read come first: group.c drops a loss without a read when a
 * reader has the same cause. */
static void evaluate_all(struct evaluation *e)
{
	evaluate_if(e, true);
	evaluate_refused_without(e);
	evaluate_if(e, false);
	evaluate_external_launches(e);
	evaluate_unloaded_files(e);
	evaluate_unread_values(e);
	evaluate_replaced_names(e);
	evaluate_unsent_keys(e);
	evaluate_expanded_names(e);
}

static struct report *judge(struct arena *a, const struct model *m,
			    const struct question *q)
{
	struct report *report = TAKE(a, struct report, 1);
	struct evaluation e = {.arena = a,
			       .model = m,
			       .named = &q->variables,
			       .ignored = &q->ignored,
			       .ignored_readings = hashmap_new(a)};
	struct hashmap *causes = hashmap_new(a);
	struct groups ignored = new_groups(a, causes);
	struct groups g = new_groups(a, causes);

	e.ignored_findings = &ignored;
	e.end = &e.first;
	report->model = m;
	evaluate_all(&e);
	take_out_ignored(&e, &ignored);
	join_groups(&ignored);
	group_candidates(&e, &g);
	join_groups(&g);
	count_program_readers(a, m, &g);
	describe_findings(&e, &g, report);
	report->n_ignored = ignored.n;
	list_gaps(a, m, report);
	decide_verdict(report, &e);
	keep_acquittals(report);
	write_headline(report, &e);
	return report;
}

/* Starts below a launcher, such as the loop of a shell, which failed or were
 * stopped before the launcher started the same command with the name. */
static void add_mended_starts(const struct model *m, struct run_choice *run)
{
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];

		if (is_mended_start(image)) {
			run->earlier_starts++;
			run->failed_starts += model_failed(image);
		}
	}
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
	add_mended_starts(m, &report->run);
	return report;
}
