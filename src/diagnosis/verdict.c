/* The verdict on a trace: the worst severity; else what the signs allow. */
#include "diagnosis/verdict_evidence.h"

#include "diagnosis/evidence/reader_requests.h"
#include "diagnosis/next_step.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "shared/credential_name.h"

/* Why a verdict cannot be given: a word, and a sentence. */
struct doubt {
	const char *code; /* null: no doubt */
	struct str reason;
};

static __attribute__((format(printf, 3, 4))) struct doubt
new_doubt(struct arena *a, const char *code, const char *format, ...)
{
	struct doubt d = {.code = code};
	va_list args;

	va_start(args, format);
	d.reason = arena_vprint(a, format, args);
	va_end(args);
	return d;
}

static struct doubt unseen(struct arena *a, const struct reading *r)
{
	const struct image *at = r->loss->image;

	return new_doubt(a, "unseen-hop",
			 "what became of %.*s in %.*s could not be seen "
			 "(%s)",
			 STR_FMT(r->name), STR_FMT(process_in_sentence(a, at)),
			 at->gap != GAP_NONE ? gap_word(at->gap)
					     : "its environment did not tell");
}

static struct doubt hidden(struct arena *a, const struct reading *r)
{
	return new_doubt(a, "reads-hidden",
			 "%.*s lacked %.*s and failed, but what %s reads of "
			 "%sits environment cannot be seen",
			 STR_FMT(process_in_sentence(a, r->image)),
			 STR_FMT(r->name), runtime_of(r->image)->name,
			 may_look_in_copy(r->image) ? "a copy of " : "");
}

static struct doubt failed_gap(struct arena *a, const struct image *gap)
{
	return new_doubt(
		a, "unseen-hop", "%.*s failed, and could not be observed (%s)",
		STR_FMT(process_in_sentence(a, gap)), gap_word(gap->gap));
}

/* A doubt about an image, as a sentence: NAME and `words`. */
static struct doubt about(struct arena *a, const struct image *image,
			  const char *code, const char *words)
{
	return new_doubt(a, code, "%.*s %s",
			 STR_FMT(process_in_sentence(a, image)), words);
}

static struct str reader_in_words(struct arena *a, const struct reading *r)
{
	struct str site = {NULL, 0};

	if (r->event)
		site = site_to_edit(r->image, r->event);
	return place_has_line(site) ? place_in_words(a, r->image, site)
				    : process_in_sentence(a, r->image);
}

static struct doubt never_set(struct arena *a, const struct reading *r)
{
	return new_doubt(a, "never-set",
			 "%.*s asked for %.*s and did not get it; if it is "
			 "needed: keytrail report --variable %.*s",
			 STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			 STR_FMT(r->name));
}

static bool is_recorded(const struct model *m, struct str name)
{
	for (size_t i = 0; i < m->n_variables; i++)
		if (str_eq(m->variables[i].name, name))
			return true;
	return false;
}

/* A name that no program was asked to watch. */
static bool is_unwatched(const struct evaluation *e,
			 const struct verdict_evidence *s)
{
	struct str name = e->named->n == 1 ? e->named->at[0] : STR("");

	return name.len && !s->any_reader &&
	       !is_credential_name(name.at, name.len) &&
	       !is_near_credential_name(name.at, name.len) &&
	       !is_known_setting_name(name.at, name.len) &&
	       !is_recorded(e->model, name) &&
	       !matches_pattern(&e->model->watch, name);
}

static struct doubt not_watched(struct arena *a, struct str name)
{
	return new_doubt(a, "not-watched",
			 "%.*s was not watched; `keytrail run -w %.*s` "
			 "watches it",
			 STR_FMT(name), STR_FMT(name));
}

static bool is_http2(const struct event *unseen)
{
	return str_eq(unseen->what, STR("http2"));
}

static const char *way_of_unseen(const struct event *unseen)
{
	return is_http2(unseen) ? "over HTTP/2" : "inside its own TLS";
}

/* "; PROGRAM could not be observed" or the like, or nothing. */
static struct str what_hinders(struct arena *a, const struct evaluation *e,
			       const struct verdict_evidence *s)
{
	if (s->gap)
		return arena_print(a, "; %.*s could not be observed (%s)",
				   STR_FMT(process_in_sentence(a, s->gap)),
				   gap_word(s->gap->gap));
	if (s->sender)
		return arena_print(a, "; what %.*s sent %s could not be read",
				   STR_FMT(process_in_sentence(a, s->sender)),
				   way_of_unseen(s->sender->unseen_requests));
	if (e->named->n && s->folded)
		return STR("; not every name that some place asked for was "
			   "recorded");
	if (s->running && trace_is_over(e->model->trace))
		return arena_print(a, "; the end of %.*s was not recorded",
				   STR_FMT(process_in_sentence(a, s->running)));
	if (s->running)
		return arena_print(a, "; %.*s has not ended yet",
				   STR_FMT(process_in_sentence(a, s->running)));
	return STR("");
}

/* Read, by a program that may do without the name. */
static struct doubt not_needed(struct arena *a,
			       const struct verdict_evidence *s)
{
	const struct reading *r = s->found;

	return (struct doubt){
		"not-read",
		arena_print(a,
			    "%.*s found %.*s, but is not known to need it%s; "
			    "if it does: keytrail report --variable %.*s",
			    STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			    s->is_found_by_tool
				    ? ": it counts as a tool, because its file "
				      "lies outside its working directory"
				    : "",
			    STR_FMT(r->name))};
}

static struct doubt nothing_read(struct arena *a, const struct evaluation *e,
				 const struct verdict_evidence *s)
{
	struct str name = e->named->n ? e->named->at[0]
			  : s->found  ? STR("a name that it needs")
				      : STR("a watched variable");
	struct str hindrance = what_hinders(a, e, s);
	bool is_silent = !e->named->n && !s->found && !hindrance.len;

	if (is_unwatched(e, s))
		return not_watched(a, name);
	return new_doubt(a,
			 s->running && !s->gap ? "still-running" : "not-read",
			 "no program was seen to %s %.*s%.*s%s",
			 s->any_reader ? "find" : "ask for", STR_FMT(name),
			 STR_FMT(hindrance),
			 is_silent ? "; to watch another name: keytrail "
				     "run -w NAME"
				   : "");
}

/* A library of the program's own, or a function, has a file instead. */
static struct doubt taken_from_file(struct arena *a,
				    const struct verdict_evidence *s)
{
	return new_doubt(a, "not-read",
			 "%.*s took %.*s from %.*s, not from the "
			 "environment; if it was refused, try the value "
			 "with its provider: keytrail sees no request",
			 STR_FMT(reader_in_words(a, s->taker)),
			 STR_FMT(s->taker->name),
			 STR_FMT(line_of_file(a, s->taken.by, &s->taken)));
}

static struct doubt looks_in_copy(struct arena *a, const struct image *image)
{
	return new_doubt(a, "reads-hidden",
			 "%.*s; a name that was looked for there was not "
			 "seen",
			 STR_FMT(copy_in_words(a, image)));
}

static const struct image *first_gap(const struct image *image)
{
	while (image->parent && image->observed)
		image = image->parent;
	return image;
}

static struct doubt unclear(struct arena *a, const struct reading *found)
{
	const struct image *gap = first_gap(found->image);

	if (gap->observed)
		return (struct doubt){NULL, {NULL, 0}};
	return new_doubt(a, "unseen-hop",
			 "the way of %.*s leads through %.*s, which could "
			 "not be observed",
			 STR_FMT(found->name),
			 STR_FMT(process_in_sentence(a, gap)));
}

/* "api.openai.com refused it (401)" */
static struct str refusal_in_words(struct arena *a, const struct reading *r)
{
	const struct request *q = find_refusal(r);

	return arena_print(a, "%.*s refused it (%.*s)",
			   STR_FMT(host_in_words(a, q)),
			   STR_FMT(answer_in_words(a, q)));
}

static struct doubt spoilt(struct arena *a, const struct reading *r)
{
	struct str answer = STR("whether it was accepted was not watched");

	if (find_refusal(r))
		answer = refusal_in_words(a, r);
	return new_doubt(a, "not-watched",
			 "%.*s read %.*s, but the value does not look like "
			 "a key for it, and %.*s",
			 STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			 STR_FMT(answer));
}

/* A refused key of which not all is known that would clear the environment. */
static struct doubt refused(struct arena *a, const struct verdict_evidence *s)
{
	const char *why = s->changed	   ? "the run has other values of it"
			  : s->unmet	   ? "another name was missed"
			  : s->bad_setting ? "a setting beside it is malformed"
					   : "the value has no known form";

	return new_doubt(a, "not-watched", "%.*s sent %.*s and %.*s; %s",
			 STR_FMT(reader_in_words(a, s->refused)),
			 STR_FMT(s->refused->name),
			 STR_FMT(refusal_in_words(a, s->refused)), why);
}

static struct doubt unread(struct arena *a, const struct reading *r)
{
	const struct event *e = find_unseen_requests(r);

	return (struct doubt){
		"requests-unseen",
		arena_print(a,
			    "%.*s got %.*s; what was then sent %s could not be "
			    "read; %stry the value with its provider",
			    STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			    way_of_unseen(e),
			    is_http2(e) ? "let the client use HTTP/1.1, or "
					: "")};
}

static struct doubt setting(struct arena *a, const struct reading *r)
{
	return new_doubt(a, "never-set",
			 "%.*s got its key, but nothing for %.*s, which "
			 "says where the key goes; if it is needed: "
			 "keytrail report --variable %.*s",
			 STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			 STR_FMT(r->name));
}

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

static struct doubt displaced(struct arena *a, const struct finding *f)
{
	return new_doubt(a, "not-watched",
			 "%.*s got one of two values for %.*s; which of "
			 "the two is accepted was not watched",
			 STR_FMT(process_in_sentence(a, f->victim)),
			 STR_FMT(f->variable));
}

/* A failed reader got all that it needed or wanted, well-formed and unchanged.
 */
static bool is_exonerated(const struct verdict_evidence *s)
{
	return s->failed && s->failed_reader && !s->changed && !s->unmet &&
	       !s->formless && !s->bad_setting;
}

/* Nobody got a needed name. */
static struct doubt not_found(struct arena *a, const struct evaluation *e,
			      const struct verdict_evidence *s)
{
	if (s->taker)
		return taken_from_file(a, s);
	if (s->copied)
		return looks_in_copy(a, s->copied);
	if (s->asked)
		return never_set(a, s->asked);
	if (s->is_ignored && !s->gap)
		return (struct doubt){NULL, {NULL, 0}};
	if (s->found && !s->gap && !s->running && !e->named->n)
		return not_needed(a, s);
	return nothing_read(a, e, s);
}

static struct doubt nothing_recorded(const struct trace *t)
{
	bool is_file = t->n_loose_files && t->n_sources == 1;

	return (struct doubt){"nothing-recorded",
			      is_file && !t->broken && !t->n
				      ? STR("the file is empty: no program "
					    "recorded anything")
				      : STR("no program recorded anything")};
}

/* Where the file has another value, the value that was refused shadowed it. */
static struct doubt not_compared(struct arena *a, const struct reading *r,
				 const struct event *open)
{
	return new_doubt(a, "not-watched",
			 "%.*s got the %.*s that was there before %.*s was "
			 "opened; whether the file has another was not looked "
			 "at: `keytrail run` looks when its command has ended",
			 STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			 STR_FMT(place_in_words(a, r->image, open->path)));
}

/* What stands against both `healthy` and `exonerated`. */
static struct doubt find_doubt(const struct evaluation *e,
			       const struct verdict_evidence *s,
			       const struct report *report)
{
	struct arena *a = e->arena;
	struct doubt doubt = {NULL, {NULL, 0}};
	const struct event *file = NULL;

	if (e->model->trace->n_cut)
		return (struct doubt){"lost-events",
				      STR("the end of the trace is missing: a "
					  "file was cut")};
	if (!e->model->n_images)
		return nothing_recorded(e->model->trace);
	if (s->unseen)
		return unseen(a, s->unseen);
	if (s->hidden)
		return hidden(a, s->hidden);
	if (s->failed_gap)
		return failed_gap(a, s->failed_gap);
	if (s->launcher)
		return about(a, s->launcher, "reads-hidden",
			     "is a Go program: what it reads and starts cannot "
			     "be seen");
	if (s->missed)
		return never_set(a, s->missed);
	if (!s->found_needed && !s->copy_held && !is_exonerated(s))
		doubt = not_found(a, e, s);
	if (doubt.code)
		return doubt;
	if (s->silent)
		return about(
			a, s->silent, "unseen-hop",
			"was started with the recorder, and recorded nothing");
	if (s->maybe_hidden)
		return hidden(a, s->maybe_hidden);
	if (s->lost_events)
		return (struct doubt){
			"lost-events",
			STR("events were lost, and could say otherwise: record "
			    "again (KEYTRAIL=dir=...,max=256M makes room)")};
	if (s->unclear)
		return unclear(a, s->unclear);
	if (s->spoilt)
		return spoilt(a, s->spoilt);
	if (s->setting)
		return setting(a, s->setting);
	if (find_displaced(report))
		return displaced(a, find_displaced(report));
	if (s->refused && !is_exonerated(s))
		return refused(a, s);
	if (s->unread)
		return unread(a, s->unread);
	if (is_exonerated(s))
		file = find_unread_env_file(e->model, s->failed_reader);
	if (file)
		return not_compared(a, s->failed_reader, file);
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

/* Every reason ends in a command to try, or the like. */
static struct str with_next_step(const struct evaluation *e,
				 const struct verdict_evidence *s,
				 const struct doubt *doubt)
{
	struct str step = {NULL, 0};

	if (doubt->code &&
	    !memmem(doubt->reason.at, doubt->reason.len, "keytrail ", 9))
		step = next_step(e->arena, e->model, doubt->code,
				 gap_of(doubt, s));
	if (!step.len)
		return doubt->reason;
	return arena_print(e->arena, "%.*s; %.*s", STR_FMT(doubt->reason),
			   STR_FMT(step));
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
