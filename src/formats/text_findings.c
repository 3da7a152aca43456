/* Faults, warnings and notes. */
#include "base/path.h"
#include "formats/source_line.h"
#include "formats/text_layout.h"
#include "formats/words.h"
#include "model/place.h"
#include "model/request_words.h"
#include "trace/caller.h"
#include "trace/site.h"

enum { MOST_WHOLE = 2, MOST_BRIEF = 4, MOST_NOTES = 3 };

/* --- the places ----------------------------------------------------------- */

static bool contains(struct str text, struct str words)
{
	return words.len && memmem(text.at, text.len, words.at, words.len);
}

/* The whole path of a place of which the sentence has the end alone. */
static void print_place(struct out *o, struct str sentence,
			const struct image *image, struct str site,
			const char **label)
{
	struct str words = place_in_words(o->arena, image, site);

	if (!image || !place_has_line(site) || words.len + 2 >= site.len ||
	    !contains(sentence, words))
		return;
	if (path_is_below(site, image->cwd))
		return;
	if (*label)
		print_label(o, *label);
	*label = NULL;
	print_body(o, site);
}

/* The callers, innermost first, where the trace has a stack. */
static void print_stack(struct out *o, const struct event *e)
{
	size_t n = e ? e->stack.n : 0;

	if (n)
		print_label(o, "stack");
	for (size_t i = 0; i < n && i < MAX_ROWS; i++) {
		out_pad(o, BODY);
		out_clean(o, e->stack.at[i]);
		out_line(o);
	}
	if (n > MAX_ROWS)
		print_body(o, counted(o, n - MAX_ROWS, "more caller"));
}

/* "app.py:7  key = os.environ[...]", in one line. */
static void print_source(struct out *o, const struct report *r,
			 const struct image *image, struct str site,
			 const char **label)
{
	struct str words = place_in_words(o->arena, image, site);
	struct str line = source_line(o->arena, r, image, site);

	if (!line.len)
		return;
	if (*label)
		print_label(o, *label);
	*label = NULL;
	out_pad(o, BODY);
	out_clean(o, words);
	out_clean(o, STR("  "));
	print_styled(o, STRONG,
		     shortened(o, line,
			       o->width > o->column + 12 ? o->width - o->column
							 : 12));
	out_line(o);
}

static void print_sources(struct out *o, const struct report *r,
			  const struct finding *f)
{
	const char *label = "source";

	if (!f->culprit_may_have_moved)
		print_source(o, r, f->culprit, f->culprit_site, &label);
	if (!str_eq(f->victim_site, f->culprit_site))
		print_source(o, r, f->victim, f->victim_site, &label);
}

static void print_edited(struct out *o, const struct report *r,
			 const struct image *image, struct str site,
			 const char **label)
{
	struct str words = place_in_words(o->arena, image, site);

	if (!place_was_edited(r->model->trace, site))
		return;
	if (*label)
		print_label(o, *label);
	*label = NULL;
	print_body(o, arena_print(o->arena,
				  "%.*s was written after the run, whose line "
				  "is told",
				  STR_FMT(site_file(words))));
}

static void print_places(struct out *o, const struct report *r,
			 const struct finding *f)
{
	const char *label = "where", *edited = "edited";

	print_sources(o, r, f);
	print_edited(o, r, f->culprit, f->culprit_site, &edited);
	if (!str_eq(site_file(f->victim_site), site_file(f->culprit_site)))
		print_edited(o, r, f->victim, f->victim_site, &edited);
	print_place(o, f->summary, f->culprit, f->culprit_site, &label);
	print_place(o, f->summary, f->victim, f->victim_site, &label);
	if (f->victim_via.len) {
		print_label(o, "through");
		print_body(o,
			   place_in_words(o->arena, f->victim, f->victim_via));
	}
	print_stack(o, f->culprit_event);
	if (f->victim_event != f->culprit_event)
		print_stack(o, f->victim_event);
}

/* --- a finding ------------------------------------------------------------ */

static void print_summary(struct out *o, const struct finding *f)
{
	bool is_fault = f->severity == FAULT;

	print_styled(o, is_fault ? RED : YELLOW,
		     is_fault ? STR("FAULT") : STR("warning"));
	out_pad(o, BODY);
	out_style(o, STRONG);
	out_wrap(o, BODY, f->summary);
	out_style(o, PLAIN);
	out_line(o);
	if (f->detail.len)
		print_body(o, f->detail);
}

/* ", server.py:6", where the sentence of the finding has another place. */
static struct str place_of_request(struct out *o, const struct finding *f)
{
	if (!event_has_source_line(f->request->event) ||
	    str_eq(f->request_site, f->victim_site))
		return STR("");
	return arena_print(o->arena, ", %.*s",
			   STR_FMT(place_in_words(o->arena, f->request->image,
						  f->request_site)));
}

/* "POST https://api.openai.com/v1/responses: 401 invalid_api_key (at
 * least 8 times)": repeats are told at powers of two. */
static void print_request(struct out *o, const struct finding *f)
{
	struct str times = STR("");
	uint64_t n = f->request ? request_count(f->request) : 0;

	if (!n)
		return;
	if (n > 1)
		times = arena_print(o->arena, " (at least %llu times)",
				    (unsigned long long)n);
	print_label(o, "request");
	print_body(o, arena_print(
			      o->arena, "%.*s%.*s%.*s",
			      STR_FMT(request_in_words(o->arena, f->request)),
			      STR_FMT(times), STR_FMT(place_of_request(o, f))));
}

void print_fix(struct out *o, const struct finding *f)
{
	if (!f->fix.len)
		return;
	print_label(o, "fix");
	print_body(o, f->fix);
}

static void print_more(struct out *o, const struct finding *f)
{
	static const char *const sureness[] = {
		[POSSIBLE] = " (one of several causes that fit)",
		[LIKELY] = " (the likely cause; not proven)",
		[CERTAIN] = ""};

	print_label(o, "more");
	print_body(o, arena_print(o->arena, "keytrail explain %s%s", f->code,
				  sureness[f->confidence]));
}

static void print_whole(struct out *o, const struct report *r,
			const struct finding *f)
{
	print_summary(o, f);
	print_places(o, r, f);
	print_path(o, f);
	print_request(o, f);
	print_fix(o, f);
	print_more(o, f);
	out_line(o);
}

static void print_brief(struct out *o, const struct finding *f)
{
	print_summary(o, f);
	print_fix(o, f);
	print_more(o, f);
	out_line(o);
}

/* The findings that matter most are told in full. */
void print_findings(struct out *o, const struct report *r)
{
	size_t n = 0;
	bool all = r->view.verbose;

	while (n < r->n_findings && r->findings[n].severity > NOTE)
		n++;
	for (size_t i = 0; i < n; i++) {
		const struct finding *f = &r->findings[i];

		if (i >= MOST_WHOLE + MOST_BRIEF && !all)
			continue;
		if (all || !i || (i < MOST_WHOLE && f->severity == FAULT))
			print_whole(o, r, f);
		else
			print_brief(o, f);
	}
	if (n > MOST_WHOLE + MOST_BRIEF && !all) {
		print_body(o,
			   arena_print(o->arena, "and %.*s: keytrail report -v",
				       STR_FMT(counted(
					       o, n - MOST_WHOLE - MOST_BRIEF,
					       "more finding"))));
		out_line(o);
	}
}

/* --- notes ---------------------------------------------------------------- */

/* Names that were asked for and set nowhere are told together. */
static bool is_never_set(const struct finding *f)
{
	return f->loss == LOSS_NOWHERE && !strcmp(f->code, "KT101");
}

static bool headline_has(const struct report *r, struct str words)
{
	return r->headline.len &&
	       memmem(r->headline.at, r->headline.len, words.at, words.len);
}

struct names {
	struct strs told;
	size_t more;
};

static void add_never_set(const struct report *r, struct names *names,
			  struct str name)
{
	if (headline_has(r, name))
		return;
	for (size_t i = 0; i < names->told.n; i++)
		if (str_eq(names->told.at[i], name))
			return;
	if (names->told.n < MAX_ROWS)
		names->told.at[names->told.n++] = name;
	else
		names->more++;
}

static struct names never_set_names(struct out *o, const struct report *r)
{
	struct names names = {{TAKE(o->arena, struct str, MAX_ROWS), 0}, 0};

	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];

		if (f->severity != NOTE || !is_never_set(f) ||
		    (f->is_incidental && !r->view.verbose))
			continue;
		add_never_set(r, &names, f->variable);
		for (size_t k = 0; k < f->others.n; k++)
			add_never_set(r, &names, f->others.at[k]);
	}
	return names;
}

/* The headline of a healthy report counts them already. */
static bool print_never_set(struct out *o, const struct report *r)
{
	struct names names = never_set_names(o, r);
	struct str more = STR("");

	if (!names.told.n || r->verdict == HEALTHY)
		return false;
	if (names.more)
		more = arena_print(o->arena, " and %zu more", names.more);
	print_styled(o, FAINT, STR("note"));
	print_body(
		o,
		arena_print(o->arena, "asked for and set nowhere: %.*s%.*s",
			    STR_FMT(join_names_in_words(o->arena, &names.told)),
			    STR_FMT(more)));
	return true;
}

static void print_note(struct out *o, const struct finding *f)
{
	print_styled(o, FAINT, STR("note"));
	print_body(o, arena_print(o->arena, "%.*s (%s)", STR_FMT(f->summary),
				  f->code));
}

/* Another finding on the same reader and name says more. */
static bool is_explained(const struct report *r, const struct finding *f)
{
	for (size_t i = 0; i < r->n_findings && r->findings[i].severity > NOTE;
	     i++)
		if (r->findings[i].victim == f->victim &&
		    str_eq(r->findings[i].variable, f->variable))
			return true;
	return false;
}

/* A note on a name that nobody asked for helps nobody. */
bool note_is_worth_a_line(const struct report *r, const struct finding *f)
{
	return !is_never_set(f) && f->victim_event &&
	       !headline_has(r, f->summary) && !is_explained(r, f);
}

void print_notes(struct out *o, const struct report *r)
{
	size_t n = 0, most = r->view.verbose ? r->n_findings : MOST_NOTES;
	bool any = !r->view.verbose && print_never_set(o, r);

	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];

		if (f->severity != NOTE ||
		    (!r->view.verbose && !note_is_worth_a_line(r, f)))
			continue;
		if (n++ < most)
			print_note(o, f);
	}
	if (n > most)
		print_body(o,
			   arena_print(
				   o->arena, "and %.*s: keytrail report -v",
				   STR_FMT(counted(o, n - most, "more note"))));
	if (any || n)
		out_line(o);
}
