/* The verdict on a trace: the worst severity; else what the signs allow. */
#include "diagnosis/doubts.h"

#include "diagnosis/evidence/answered_setting.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/older_value.h"
#include "diagnosis/next_step.h"
#include "diagnosis/unseen_reads/unheld_credential.h"

/* A value that took another's place, in a reader which did not end well; nor
 * did a host take it. */
static const struct finding *find_displaced(const struct report *report)
{
	for (size_t i = 0; i < report->n_findings; i++) {
		const struct finding *f = &report->findings[i];

		if ((f->loss == LOSS_OVERWRITTEN || f->outranked.len ||
		     !strcmp(f->code, "KT703")) &&
		    f->end && strcmp(f->end, end_word(WELL)) && !f->is_accepted)
			return f;
	}
	return NULL;
}

/* A failed reader got all that it needed or wanted, well-formed and unchanged.
 */
static bool is_exonerated(const struct verdict_evidence *s)
{
	return s->failed && s->failed_reader && !s->changed && !s->unmet &&
	       !s->formless && !s->bad_setting;
}

static bool is_unread_key(const struct variable *v)
{
	return v->processes && !v->readers &&
	       role_of(v->name) <= ROLE_ALTERNATIVE;
}

/* A key that is held and was asked for by nobody: the only one, or the only one
 * of the provider of `asked`. Null: none. */
static const struct variable *find_unread_key(const struct model *m,
					      const struct reading *asked)
{
	const struct variable *found = NULL;
	size_t n = 0, n_related = 0;

	for (size_t i = 0; i < m->n_variables; i++) {
		const struct variable *v = &m->variables[i];
		bool related = asked && is_unread_key(v) &&
			       are_of_one_provider(v->name, asked->name);

		if (!is_unread_key(v))
			continue;
		n++;
		n_related += related;
		if (related || !found)
			found = v;
	}
	return n == 1 || n_related == 1 ? found : NULL;
}

/* A host took a credential from elsewhere, and nothing speaks against it: no
 * other key is held unread, and no other program is unseen. */
static const struct request *
taken_from_elsewhere(const struct evaluation *e,
		     const struct verdict_evidence *s)
{
	const struct request *q = s->unheld.accepted;
	const struct variable *held;

	if (!q || s->unheld.refused || s->failed || s->gap || e->named->n ||
	    (s->copied && s->copied != q->image))
		return NULL;
	held = find_unread_key(e->model, s->asked);
	return held && !is_sent_by_client(q, held->name) ? NULL : q;
}

static struct doubt with_requests(struct doubt d, bool may_send)
{
	d.may_send = may_send;
	return d;
}

/* An optional name was missed, beside a credential that is wanted. */
static bool is_less_than_found(const struct verdict_evidence *s)
{
	return s->asked_need == OPTIONAL && s->found &&
	       s->found_need > OPTIONAL &&
	       role_of(s->found->name) != ROLE_SETTING;
}

/* Nobody got a needed name. */
static struct doubt not_found(const struct evaluation *e,
			      const struct verdict_evidence *s,
			      const struct report *report)
{
	const struct variable *held = NULL;
	struct arena *a = e->arena;

	if (!e->named->n && !s->found_key && !s->is_ignored &&
	    (!s->asked || s->asked_need == OPTIONAL))
		held = find_unread_key(e->model, s->asked);
	if (s->unheld.refused && !e->named->n && !s->found_key &&
	    !(s->taker && find_refusal(s->taker)))
		return doubt_unheld(e, s->unheld.refused, held);
	if (s->taker)
		return doubt_taken_from_file(e, s);
	if (s->copied)
		return with_requests(doubt_looks_in_copy(a, s->copied), true);
	if (held)
		return with_requests(doubt_held_unread(a, e, s, held),
				     s->any_reader);
	if (s->asked && !is_less_than_found(s))
		return with_requests(
			doubt_never_set(a, report, s->asked, s->asked_need),
			role_of(s->asked->name) == ROLE_OPTIONAL);
	if (s->is_ignored && !s->gap)
		return (struct doubt){.code = NULL};
	if (s->found && !s->gap && !s->running && !e->named->n)
		return s->found_key || !lacks_requests(e->model)
			       ? doubt_not_needed(a, s)
			       : doubt_only_setting(a, s);
	return doubt_nothing_read(a, e, s);
}

/* A program lost or missed what it needs, or what it had cannot be known. */
static struct doubt doubt_of_misses(const struct evaluation *e,
				    const struct verdict_evidence *s,
				    const struct report *report)
{
	struct arena *a = e->arena;

	if (e->model->trace->n_cut)
		return (struct doubt){
			.code = "lost-events",
			.reason = STR("the end of the trace is missing: a "
				      "file was cut; copy it again, "
				      "whole")};
	if (!e->model->n_images)
		return doubt_nothing_recorded(e->model->trace);
	if (s->unseen)
		return doubt_unseen(a, s->unseen);
	if (s->hidden)
		return doubt_hidden(a, s->hidden);
	if (s->failed_gap)
		return doubt_failed_gap(a, s->failed_gap);
	if (s->launcher)
		return doubt_about(
			a, s->launcher, "reads-hidden",
			"is a Go program: what it reads and starts cannot "
			"be seen");
	if (s->missed)
		return doubt_never_set(a, report, s->missed, NEEDED);
	if (!s->found_needed && !s->copy_held && !s->accepted_instead &&
	    !is_exonerated(s) && !taken_from_elsewhere(e, s))
		return not_found(e, s, report);
	return (struct doubt){.code = NULL};
}

/* Something on the way was not seen. */
static struct doubt doubt_of_way(const struct evaluation *e,
				 const struct verdict_evidence *s,
				 const struct report *report)
{
	struct arena *a = e->arena;

	if (s->silent)
		return doubt_about(
			a, s->silent, "unseen-hop",
			"was started with the recorder, and recorded nothing");
	if (s->maybe_hidden)
		return doubt_hidden(a, s->maybe_hidden);
	if (s->lost_unseen)
		return doubt_lost_unseen(a, report, s->lost_unseen);
	if (s->refused_empty)
		return doubt_refused_empty(a, s->refused_empty);
	if (s->lost_events)
		return (struct doubt){
			.code = "lost-events",
			.reason = STR("events were lost, and could say "
				      "otherwise: record "
				      "again (KEYTRAIL=dir=...,max=256M makes "
				      "room)")};
	if (s->unclear)
		return doubt_unclear(a, s->unclear);
	return (struct doubt){.code = NULL};
}

/* The value that was found may be wrong. */
static struct doubt doubt_of_value(const struct evaluation *e,
				   const struct verdict_evidence *s,
				   const struct report *report)
{
	struct arena *a = e->arena;
	struct unread_file file = {.open = NULL};
	struct loaded_file unlike = {.by = NULL};

	if (s->spoilt)
		return doubt_spoilt(a, s->spoilt);
	if (s->setting)
		return doubt_setting(a, report, s->setting);
	if (find_displaced(report))
		return doubt_displaced(e->model, find_displaced(report));
	if (s->failed && s->failed_reader && s->changed && !s->refused)
		return doubt_other_value(a, s->changed);
	if (s->refused && answered_setting(a, s->refused).len)
		return doubt_answered_setting(a, s->refused);
	if (s->refused && !is_exonerated(s))
		return doubt_refused(a, s);
	if (s->unread)
		return doubt_unread(a, s->unread);
	if (is_exonerated(s))
		file = find_unread_env_file(e->model, s->failed_reader);
	if (file.open)
		return doubt_not_compared(e->model, s->failed_reader, &file);
	if (is_exonerated(s))
		unlike = find_unlike_file(e->model, s->failed_reader);
	if (unlike.by)
		return doubt_unlike_file(e->model, s->failed_reader, &unlike);
	return (struct doubt){.code = NULL};
}

/* What stands against both `healthy` and `exonerated`. */
static struct doubt find_doubt(const struct evaluation *e,
			       const struct verdict_evidence *s,
			       const struct report *report)
{
	struct doubt doubt = doubt_of_misses(e, s, report);

	if (!doubt.code)
		doubt = doubt_of_way(e, s, report);
	if (!doubt.code)
		doubt = doubt_of_value(e, s, report);
	return doubt;
}

static enum verdict verdict_of_worst(enum severity worst)
{
	return worst == FAULT ? FAULTY : WARNED;
}

/* The image of which the doubt says that too little was seen, or null. */
static const struct image *gap_of(const struct doubt *doubt,
				  const struct verdict_evidence *s)
{
	if (!strcmp(doubt->code, "not-read"))
		return s->gap;
	if (strcmp(doubt->code, "unseen-hop"))
		return NULL;
	return s->unseen       ? s->unseen->loss->image
	       : s->failed_gap ? s->failed_gap
	       : s->silent     ? s->silent
			       : first_gap(s->unclear->image);
}

static struct str requests_to_record(const struct evaluation *e,
				     const struct doubt *doubt)
{
	return doubt->may_send && lacks_requests(e->model)
		       ? STR("whether a host accepts what is sent: keytrail "
			     "run --http")
		       : STR("");
}

static struct str and_then(struct arena *a, struct str reason, struct str step)
{
	return step.len ? arena_print(a, "%.*s; %.*s", STR_FMT(reason),
				      STR_FMT(step))
			: reason;
}

/* Every reason ends in a command to try, or the like. */
static struct str with_next_step(const struct evaluation *e,
				 const struct verdict_evidence *s,
				 const struct doubt *doubt)
{
	struct str step = {NULL, 0};

	if (doubt->code &&
	    !memmem(doubt->reason.at, doubt->reason.len, "keytrail ", 9))
		step = next_step(e->arena, e->model, doubt, gap_of(doubt, s));
	return and_then(e->arena, and_then(e->arena, doubt->reason, step),
			requests_to_record(e, doubt));
}

void decide_verdict(struct report *report, const struct evaluation *e)
{
	struct verdict_evidence s;
	struct doubt doubt;

	if (report->n_findings && report->findings[0].severity > NOTE) {
		report->verdict =
			verdict_of_worst(report->findings[0].severity);
		return;
	}
	s = find_verdict_evidence(e);
	doubt = find_doubt(e, &s, report);
	report->reason = with_next_step(e, &s, &doubt);
	report->reason_code = doubt.code;
	report->verdict = doubt.code	      ? INCONCLUSIVE
			  : is_exonerated(&s) ? EXONERATED
					      : HEALTHY;
}
