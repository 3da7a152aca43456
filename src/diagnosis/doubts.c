#include "diagnosis/doubts.h"

#include "diagnosis/evidence/answered_setting.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/next_step.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "shared/credential_name.h"

struct doubt new_doubt(struct arena *a, const char *code, const char *format,
		       ...)
{
	struct doubt d = {.code = code};
	va_list args;

	va_start(args, format);
	d.reason = arena_vprint(a, format, args);
	va_end(args);
	return d;
}

struct doubt doubt_unseen(struct arena *a, const struct reading *r)
{
	const struct image *at = r->loss->image;

	return new_doubt(a, "unseen-hop",
			 "what became of %.*s in %.*s could not be seen "
			 "(%s)",
			 STR_FMT(r->name), STR_FMT(process_in_sentence(a, at)),
			 at->gap != GAP_NONE ? gap_word(at->gap)
					     : "its environment did not tell");
}

struct doubt doubt_failed_gap(struct arena *a, const struct image *gap)
{
	return new_doubt(
		a, "unseen-hop", "%.*s failed, and could not be observed (%s)",
		STR_FMT(process_in_sentence(a, gap)), gap_word(gap->gap));
}

struct doubt doubt_about(struct arena *a, const struct image *image,
			 const char *code, const char *words)
{
	return new_doubt(a, code, "%.*s %s",
			 STR_FMT(process_in_sentence(a, image)), words);
}

struct str reader_in_words(struct arena *a, const struct reading *r)
{
	struct str site = {NULL, 0};

	if (r->event)
		site = site_to_edit(r->image, r->event);
	return place_has_line(site) ? place_in_words(a, r->image, site)
				    : process_in_sentence(a, r->image);
}

const struct finding *find_cause(const struct report *report,
				 const struct reading *r)
{
	for (size_t i = 0; i < report->n_findings; i++) {
		const struct finding *f = &report->findings[i];

		if (str_eq(f->variable, r->name) && f->culprit &&
		    strcmp(f->code, "KT101") &&
		    (f->victim == r->image || f->count > 1))
			return f;
	}
	return NULL;
}

/* A refused request after the miss, whatever credential was on the request. */
static const struct request *refusal_beside(const struct reading *r)
{
	const struct image *image = r->image;

	for (size_t i = image->n_requests; i > 0 && r->event; i--) {
		const struct request *q = &image->requests[i - 1];

		if (!q->event->incoming && is_refused(q) &&
		    q->event->t > r->event->t && !q->host_accepts_later)
			return q;
	}
	return NULL;
}

/* A name that is judged as needed already needs no word of the user's. */
static struct str step_for(struct arena *a, const struct report *report,
			   const struct reading *r, enum need need)
{
	const struct request *refusal = refusal_beside(r);

	if (need < NEEDED)
		return arena_print(
			a, "if it is needed: keytrail report --variable %.*s",
			STR_FMT(r->name));
	if (refusal)
		return arena_print(
			a,
			"%.*s was seen; if that is for want of it: keytrail "
			"report --variable %.*s",
			STR_FMT(request_in_words(a, refusal)),
			STR_FMT(r->name));
	if (report->model->n_requests)
		return arena_print(
			a, "if it is not needed: keytrail report --ignore %.*s",
			STR_FMT(r->name));
	return STR("whether a host refused: keytrail run --http");
}

/* The error that ended the reader, raised at a line of its own. */
static struct str error_in_words(struct arena *a, const struct reading *r)
{
	const struct event *raise = r->image->raise;

	if (!raise || !r->event || raise->t < r->event->t || !raise->type.len ||
	    !model_failed(r->image) || !event_has_source_line(raise) ||
	    str_eq(raise->site, r->event->site))
		return STR("");
	return arena_print(
		a, ", and ended by %.*s at %.*s", STR_FMT(raise->type),
		STR_FMT(place_in_words(a, r->image,
				       site_to_edit(r->image, raise))));
}

struct doubt doubt_never_set(struct arena *a, const struct report *report,
			     const struct reading *r, enum need need)
{
	const struct finding *cause = find_cause(report, r);
	struct str step = step_for(a, report, r, need);

	if (cause)
		return new_doubt(a, "never-set", "%.*s; %.*s",
				 STR_FMT(cause->summary), STR_FMT(step));
	return new_doubt(a, "never-set",
			 "%.*s asked for %.*s and did not get it%.*s; %.*s",
			 STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			 STR_FMT(error_in_words(a, r)), STR_FMT(step));
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
	       !model_variable(e->model, name) &&
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

struct doubt doubt_not_needed(struct arena *a, const struct verdict_evidence *s)
{
	const struct reading *r = s->found;

	return new_doubt(a, "not-read",
			 "%.*s found %.*s, but is not known to need it%s; "
			 "if it does: keytrail report --variable %.*s",
			 STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			 s->is_found_by_tool
				 ? ": it counts as a tool, because its file "
				   "lies outside its working directory"
				 : "",
			 STR_FMT(r->name));
}

struct doubt doubt_only_setting(struct arena *a,
				const struct verdict_evidence *s)
{
	return new_doubt(
		a, "not-read",
		"%.*s found %.*s, and no program was seen to ask for a key; "
		"whether a host accepts what is sent: keytrail run --http",
		STR_FMT(reader_in_words(a, s->found)), STR_FMT(s->found->name));
}

static const char *code_of_silence(const struct verdict_evidence *s)
{
	return s->running && !s->gap ? "still-running" : "not-read";
}

struct doubt doubt_nothing_read(struct arena *a, const struct evaluation *e,
				const struct verdict_evidence *s)
{
	struct str name = e->named->n ? e->named->at[0]
			  : s->found  ? STR("a name that it needs")
				      : STR("a watched variable");
	struct str hindrance = what_hinders(a, e, s);
	bool is_silent = !e->named->n && !s->found && !hindrance.len;

	if (is_unwatched(e, s))
		return not_watched(a, name);
	return new_doubt(a, code_of_silence(s),
			 "no program was seen to %s %.*s%.*s%s",
			 s->any_reader ? "find" : "ask for", STR_FMT(name),
			 STR_FMT(hindrance),
			 is_silent ? "; to watch another name: keytrail "
				     "run -w NAME"
				   : "");
}

/* Of the only value: "", or " empty". */
static const char *state_of_value(const struct variable *v)
{
	return v->n_values == 1 && v->values[0].value->is & KT_IS_EMPTY
		       ? " empty"
		       : "";
}

struct doubt doubt_held_unread(struct arena *a, const struct evaluation *e,
			       const struct verdict_evidence *s,
			       const struct variable *held)
{
	struct str hindrance = what_hinders(a, e, s);

	return new_doubt(a, code_of_silence(s),
			 "no program was seen to ask for %.*s, which %zu "
			 "process%s%s%.*s; if one needs it: keytrail report "
			 "--variable %.*s",
			 STR_FMT(held->name), held->processes,
			 held->processes == 1 ? " holds" : "es hold",
			 state_of_value(held), STR_FMT(hindrance),
			 STR_FMT(held->name));
}

/* Whether a host took the value from the file. */
static struct str answer_to_taken(const struct evaluation *e,
				  const struct reading *r)
{
	const struct request *q = find_refusal(r);

	if (q)
		return arena_print(e->arena,
				   "%.*s was the answer: is the value in the "
				   "file right? (keytrail replay)",
				   STR_FMT(request_in_words(e->arena, q)));
	return e->model->n_requests
		       ? STR("no request with it was seen; keytrail replay "
			     "has the requests")
		       : STR("whether a host accepts it: keytrail run --http");
}

struct doubt doubt_taken_from_file(const struct evaluation *e,
				   const struct verdict_evidence *s)
{
	struct arena *a = e->arena;

	return new_doubt(a, "not-read",
			 "%.*s took %.*s from %.*s, not from the "
			 "environment; %.*s",
			 STR_FMT(reader_in_words(a, s->taker)),
			 STR_FMT(s->taker->name),
			 STR_FMT(line_of_file(a, s->taken.by, &s->taken)),
			 STR_FMT(answer_to_taken(e, s->taker)));
}

struct str act_of(struct str summary)
{
	const char *end =
		summary.len ? memchr(summary.at, ';', summary.len) : NULL;

	return (struct str){summary.at,
			    end ? (size_t)(end - summary.at) : summary.len};
}

const struct image *first_gap(const struct image *image)
{
	while (image->parent && image->observed)
		image = image->parent;
	return image;
}

struct doubt doubt_unclear(struct arena *a, const struct reading *found)
{
	const struct image *gap = first_gap(found->image);

	if (gap->observed)
		return (struct doubt){.code = NULL};
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

struct doubt about_value(struct str name, struct doubt d)
{
	d.name = name;
	return d;
}

struct doubt doubt_spoilt(struct arena *a, const struct reading *r)
{
	struct str answer = STR("whether it was accepted was not watched");

	if (find_refusal(r))
		answer = refusal_in_words(a, r);
	return about_value(
		r->name,
		new_doubt(a, "not-watched",
			  "%.*s read %.*s, but the value does not look like "
			  "a key for it, and %.*s",
			  STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			  STR_FMT(answer)));
}

struct doubt doubt_refused(struct arena *a, const struct verdict_evidence *s)
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

struct doubt doubt_answered_setting(struct arena *a, const struct reading *r)
{
	return new_doubt(
		a, "not-watched", "%.*s sent %.*s and %.*s; look at %.*s, %s",
		STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
		STR_FMT(refusal_in_words(a, r)),
		STR_FMT(answered_setting(a, r)),
		has_answered_setting(r)
			? "which was read beside the key"
			: "of which the answer speaks: `keytrail run -w NAME` "
			  "shows who sets it");
}

struct doubt doubt_unread(struct arena *a, const struct reading *r)
{
	const struct event *e = find_unseen_requests(r);

	return new_doubt(a, "requests-unseen",
			 "%.*s got %.*s; what was then sent %s could not be "
			 "read; %stry the value with its provider",
			 STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			 way_of_unseen(e),
			 is_http2(e) ? "let the client use HTTP/1.1, or " : "");
}

struct doubt doubt_setting(struct arena *a, const struct report *report,
			   const struct reading *r)
{
	const struct finding *cause = find_cause(report, r);
	struct str act = cause ? act_of(cause->summary) : STR("");

	return new_doubt(a, "never-set",
			 "%.*s got its key, but nothing for %.*s, which "
			 "says where the key goes%s%.*s; %.*s",
			 STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			 act.len ? ": " : "", STR_FMT(act),
			 STR_FMT(step_for(a, report, r, WANTED)));
}

struct doubt doubt_other_value(struct arena *a, const struct reading *r)
{
	return about_value(
		r->name,
		new_doubt(a, "not-watched",
			  "%.*s read %.*s, of which the run has other values; "
			  "which of them is accepted was not watched",
			  STR_FMT(reader_in_words(a, r)), STR_FMT(r->name)));
}

struct doubt doubt_nothing_recorded(const struct trace *t)
{
	bool is_file = t->n_loose_files && t->n_sources == 1;

	return (struct doubt){
		.code = "nothing-recorded",
		.reason = is_file && !t->broken && !t->n
				  ? STR("the file is empty: no program "
					"recorded anything")
				  : STR("no program recorded anything")};
}
