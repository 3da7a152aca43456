#include "formats/formats.h"
#include "base/hashmap.h"
#include "formats/files.h"
#include "formats/words.h"

/* The report for people, in the order in which they ask: what failed, where
 * was the key lost, along which path, what do I change, what was not seen. */

#define LABEL	  2  /* column where labels begin */
#define BODY	  10 /* ... and what they label */
#define MOST_HOPS 12
#define MOST_ROWS 12

static void tell(struct out *o, const char *words)
{
	out_clean(o, str_of(words));
}

static void styled(struct out *o, enum style style, struct str words)
{
	out_style(o, style);
	out_clean(o, words);
	out_style(o, PLAIN);
}

static void label(struct out *o, const char *name)
{
	out_pad(o, LABEL);
	styled(o, FAINT, str_of(name));
	out_pad(o, BODY);
}

static void body(struct out *o, struct str words)
{
	out_pad(o, BODY);
	out_wrap(o, BODY, words);
	out_line(o);
}

static struct str counted(struct out *o, uint64_t n, const char *thing)
{
	return arena_print(o->arena, "%llu %s%s", (unsigned long long)n, thing,
			   n == 1 ? "" : "s");
}

static struct str who(struct out *o, const struct image *i)
{
	struct str name = name_of(o->arena, i);

	if (!i->pid)
		return name;
	return arena_print(o->arena, "%.*s (pid %llu%.*s)", STR_FMT(name),
			   (unsigned long long)i->pid,
			   STR_FMT(model_user(o->arena, i)));
}

/* --- the path ----------------------------------------------------------- */

struct mark {
	const char *utf8, *ascii, *word;
	enum style style;
};

static struct mark mark_of(enum state s)
{
	switch (s) {
	case STATE_UNSEEN:
		return (struct mark){"·", "?", "not seen", FAINT};
	case STATE_ABSENT:
		return (struct mark){"○", "-", "absent", RED};
	case STATE_PRESENT:
		return (struct mark){"●", "+", "present", GREEN};
	case STATE_CHANGED:
		return (struct mark){"◐", "~", "changed", YELLOW};
	}
	return (struct mark){"·", "?", "not seen", FAINT};
}

static unsigned indent_of(size_t depth)
{
	return BODY + 2 * (unsigned)(depth < 8 ? depth : 8);
}

static struct str shortened(struct out *o, struct str s, unsigned columns)
{
	size_t n = s.len;

	if (out_columns(s) <= columns)
		return s;
	while (n && out_columns((struct str){s.at, n}) + 3 > columns)
		n--;
	return arena_print(o->arena, "%.*s...", (int)n, s.at);
}

/* Room for the longest name, yet the state must stand on the same line. */
static unsigned state_column(struct out *o, const struct finding *f)
{
	unsigned most = o->width > 64 ? o->width - 34 : 30, widest = 0;

	for (size_t i = 0; i < f->n_path; i++) {
		struct str name = name_of(o->arena, f->path[i].image);
		unsigned ends = indent_of(i) + out_columns(name) + 2;

		widest = ends > widest ? ends : widest;
	}
	return widest < most ? widest : most;
}

/* Enough of a fingerprint to tell two apart by eye. */
static struct str head_of(struct str fp)
{
	return (struct str){fp.at, fp.len < 8 ? fp.len : 8};
}

static void hop(struct out *o, const struct step *s, size_t depth,
		unsigned column)
{
	struct mark mark = mark_of(s->state);
	struct str name = name_of(o->arena, s->image);

	out_pad(o, indent_of(depth) - (depth ? 2 : 0));
	if (depth)
		tell(o, o->utf8 ? "└ " : "` ");
	out_clean(o, shortened(o, name, column - o->column - 2));
	out_pad(o, column);
	out_style(o, mark.style);
	tell(o, o->utf8 ? mark.utf8 : mark.ascii);
	tell(o, " ");
	tell(o, mark.word);
	out_style(o, PLAIN);
	if (s->fp.len) {
		out_pad(o, column + 12);
		out_clean(o, head_of(s->fp));
	}
	if (s->image->pid) {
		out_pad(o, column + 22);
		styled(o, FAINT,
		       arena_print(o->arena, "pid %llu%.*s",
				   (unsigned long long)s->image->pid,
				   STR_FMT(model_user(o->arena, s->image))));
	}
	out_line(o);
}

/* A process that execs its way through env, shims and shells, and holds the
 * same all along, is one hop: the last image stands for it. */
static bool goes_on(const struct finding *f, const struct step *s)
{
	return s->image != f->culprit && s->image->pid &&
	       s[1].image->pid == s->image->pid && s[1].state == s->state &&
	       str_eq(s[1].fp, s->fp);
}

static struct finding with_whole_processes(struct out *o, struct finding f)
{
	struct step *kept = TAKE(o->arena, struct step, f.n_path);
	size_t n = 0;

	for (size_t i = 0; i < f.n_path; i++)
		if (i + 1 == f.n_path || !goes_on(&f, &f.path[i]))
			kept[n++] = f.path[i];
	f.path = kept;
	f.n_path = n;
	return f;
}

/* Of a very long path the middle is left out: it went well there, or the
 * loss would be told elsewhere. */
static void path(struct out *o, const struct finding *whole)
{
	struct finding f = with_whole_processes(o, *whole);
	unsigned column = state_column(o, &f);
	size_t skip = f.n_path > MOST_HOPS ? f.n_path - MOST_HOPS : 0;

	if (!f.n_path)
		return;
	label(o, "path");
	for (size_t i = 0; i < f.n_path; i++) {
		if (skip && i == 3) {
			out_pad(o, indent_of(i));
			out_clean(o, counted(o, skip, "more hop"));
			out_line(o);
			i += skip;
		}
		hop(o, &f.path[i], i, column);
	}
}

/* --- findings ----------------------------------------------------------- */

static void heading(struct out *o, const struct finding *f, const char *word,
		    enum style style)
{
	static const char *const confidences[] = {[POSSIBLE] = ", possibly",
						  [LIKELY] = ", likely",
						  [CERTAIN] = ""};

	styled(o, style, str_of(word));
	out_pad(o, BODY);
	styled(o, STRONG, f->variable);
	tell(o, "  ");
	styled(o, FAINT,
	       arena_print(o->arena, "%s %s%s", f->code, f->id,
			   confidences[f->confidence]));
	out_line(o);
}

static bool had_a_value(const struct finding *f)
{
	enum state last =
		f->n_path ? f->path[f->n_path - 1].state : STATE_ABSENT;

	return last == STATE_PRESENT || last == STATE_CHANGED;
}

static struct str at_site(struct out *o, struct str site)
{
	site = site_in_words(site);
	return site.len ? arena_print(o->arena, " at %.*s", STR_FMT(site))
			: STR("");
}

/* Who called that, where the trace has it: innermost first. */
static void callers(struct out *o, const struct event *e)
{
	size_t n = e ? e->stack.n : 0;

	for (size_t i = 0; i < n && i < MOST_ROWS; i++) {
		out_pad(o, BODY + 2);
		out_clean(o, e->stack.at[i]);
		out_line(o);
	}
	if (n > MOST_ROWS)
		body(o, counted(o, n - MOST_ROWS, "more caller"));
}

static void what_failed(struct out *o, const struct finding *f)
{
	struct str site, others = STR("");

	if (!f->victim)
		return;
	site = at_site(o, f->victim_site);
	if (f->count > 1)
		others = arena_print(o->arena, "; so did %llu more",
				     (unsigned long long)f->count - 1);
	label(o, "failed");
	body(o, arena_print(o->arena, "%.*s asked for it%.*s and %s%.*s",
			    STR_FMT(who(o, f->victim)), STR_FMT(site),
			    had_a_value(f) ? "got a value that is not right"
					   : "did not get it",
			    STR_FMT(others)));
	callers(o, f->victim_event);
}

static void where_lost(struct out *o, const struct finding *f)
{
	label(o, "lost");
	out_style(o, STRONG);
	out_wrap(o, BODY, f->summary);
	out_style(o, PLAIN);
	out_line(o);
	if (!f->culprit || !f->operation.len)
		return; /* the summary says all that is known */
	body(o,
	     arena_print(o->arena, "%.*s%.*s, by %.*s", STR_FMT(f->operation),
			 STR_FMT(at_site(o, f->culprit_site)),
			 STR_FMT(who(o, f->culprit))));
	callers(o, f->culprit_event);
}

static void fix(struct out *o, const struct finding *f)
{
	if (!f->fix.len)
		return;
	label(o, "fix");
	body(o, f->fix);
}

static void fault(struct out *o, const struct finding *f)
{
	heading(o, f, "FAULT", RED);
	what_failed(o, f);
	where_lost(o, f);
	path(o, f);
	fix(o, f);
	out_line(o);
}

static void warning(struct out *o, const struct finding *f)
{
	heading(o, f, "warning", YELLOW);
	body(o, f->summary);
	fix(o, f);
	out_line(o);
}

static void note(struct out *o, const struct finding *f)
{
	styled(o, FAINT, STR("note"));
	body(o, arena_print(o->arena, "%.*s: %.*s (%s)", STR_FMT(f->variable),
			    STR_FMT(f->summary), f->code));
}

static void findings(struct out *o, const struct report *r, enum severity of,
		     void (*write)(struct out *, const struct finding *))
{
	bool any = false;

	for (size_t i = 0; i < r->n_findings; i++)
		if (r->findings[i].severity == of) {
			write(o, &r->findings[i]);
			any = true;
		}
	if (any && of == NOTE)
		out_line(o);
}

/* --- what was seen, and what was not ------------------------------------ */

static void verdict(struct out *o, const struct report *r)
{
	switch (r->verdict) {
	case FAULTY:
		return; /* the faults speak for themselves */
	case HEALTHY:
		styled(o, GREEN, STR("healthy"));
		body(o, STR("whoever was seen to ask for a key got it"));
		break;
	case INCONCLUSIVE:
		styled(o, YELLOW, STR("inconclusive"));
		out_line(o);
		body(o, r->reason.len ? r->reason
				      : STR("too little was seen to say"));
		break;
	}
	out_line(o);
}

/* The counts stand in a column of their own, or where the name ends; where
 * there is no room for both, on the next line. */
static void variable(struct out *o, const struct variable *v)
{
	struct str name = shortened(o, v->name, o->width - BODY);
	unsigned column = o->width > 60 ? o->width - 48 : 0;
	unsigned ends = BODY + out_columns(name) + 2;

	if (column < ends)
		column = ends;
	out_pad(o, BODY);
	out_clean(o, name);
	if (column + 36 > o->width) {
		out_line(o);
		column = BODY + 2;
	}
	out_pad(o, column);
	out_clean(o, arena_print(o->arena,
				 "held by %zu, read by %zu, missed by %zu",
				 v->holders, v->readers, v->missed));
	out_line(o);
}

static void variables(struct out *o, const struct model *m)
{
	size_t told = 0, read = 0;

	for (size_t i = 0; i < m->n_variables; i++) {
		const struct variable *v = &m->variables[i];

		if (!v->readers && !v->missed)
			continue;
		if (!read++)
			label(o, "keys");
		if (told == MOST_ROWS)
			continue;
		variable(o, v);
		told++;
	}
	if (read > told)
		body(o, counted(o, read - told, "more variable"));
}

/* Equal gaps are told once: a key is what the line will say. */
struct tally {
	const struct gap *gap;
	size_t n;
};

static struct tally **tally_gaps(struct out *o, const struct report *r)
{
	struct hashmap *by_words = hashmap_new(o->arena);
	struct tally **all = TAKE(o->arena, struct tally *, r->n_gaps + 1);
	size_t n = 0;

	for (size_t i = 0; i < r->n_gaps; i++) {
		const struct gap *g = &r->gaps[i];
		struct str words = arena_print(o->arena, "%s %.*s", g->reason,
					       STR_FMT(g->image->exe));
		struct tally **slot =
			(struct tally **)hashmap_slot(by_words, NULL, words);

		if (!*slot) {
			*slot = TAKE(o->arena, struct tally, 1);
			(*slot)->gap = g;
			all[n++] = *slot;
		}
		(*slot)->n++;
	}
	return all;
}

static void gap(struct out *o, const struct tally *t)
{
	const struct image *i = t->gap->image;
	struct str name = i->exe.len ? i->exe : name_of(o->arena, i);
	struct str times = STR("");

	if (t->n > 1)
		times = arena_print(o->arena, ", %zu times", t->n);
	body(o, arena_print(o->arena, "%.*s%.*s: %s", STR_FMT(name),
			    STR_FMT(times), gap_in_words(t->gap)));
}

static void gaps(struct out *o, const struct report *r)
{
	struct tally **t = tally_gaps(o, r);
	size_t told = 0;

	for (; t[told] && told < MOST_ROWS; told++)
		gap(o, t[told]);
	if (t[told])
		body(o, STR("and others: the JSON report names them all"));
}

static void folded(struct out *o, const struct model *m)
{
	size_t told = 0;

	for (const struct folded *f = m->folded; f; f = f->next) {
		if (!told++)
			label(o, "counted");
		if (told > MOST_ROWS)
			continue;
		body(o, arena_print(o->arena,
				    "%.*s by %.*s%.*s; the first and the last "
				    "are told",
				    STR_FMT(folded_in_words(o->arena, f->event)),
				    STR_FMT(who(o, f->image)),
				    STR_FMT(at_site(o, event_site(f->event)))));
	}
	if (told > MOST_ROWS)
		body(o, STR("and others: the JSON report names them all"));
}

static void full(struct out *o, const struct report *r)
{
	body(o, arena_print(o->arena,
			    "the trace is full since %.*s (%llu KiB): of later "
			    "events, births, launches and misses come first",
			    STR_FMT(moment_in_words(o->arena, r->full_wall)),
			    (unsigned long long)r->full->max >> 10));
}

static void coverage(struct out *o, const struct report *r)
{
	label(o, "seen");
	body(o, arena_print(o->arena, "%zu of %.*s", r->observed,
			    STR_FMT(counted(o, r->images, "process image"))));
	folded(o, r->model);
	if (r->n_gaps || r->lost_events || r->broken_lines || r->full)
		label(o, "unseen");
	if (r->full)
		full(o, r);
	gaps(o, r);
	if (r->lost_events)
		body(o, counted(o, r->lost_events, "lost event"));
	if (r->broken_lines)
		body(o, counted(o, r->broken_lines, "broken line"));
}

static void files(struct out *o, const struct model *m)
{
	struct strs words = {NULL, 0};

	if (m->trace)
		words = files_in_words(o->arena, m->trace);
	if (words.n)
		label(o, "files");
	for (size_t i = 0; i < words.n; i++)
		body(o, words.at[i]);
}

static void write_text(struct out *o, const struct report *r)
{
	verdict(o, r);
	findings(o, r, FAULT, fault);
	findings(o, r, WARNING, warning);
	findings(o, r, NOTE, note);
	variables(o, r->model);
	coverage(o, r);
	files(o, r->model);
}

const struct format format_text = {"text", write_text};
