/* The seen and the unseen part of a run. */
#include "base/hashmap.h"
#include "catalogue/catalogue.h"
#include "formats/text_layout.h"
#include "formats/words.h"
#include "model/still_running.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "shared/source_owner.h"

enum { MOST_NAMES = 5, MOST_VALUES = 4 };

static size_t count_readers_of_nothing(const struct variable *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_values; i++)
		if (v->values[i].value->is & KT_IS_EMPTY)
			n += v->values[i].readers;
	return n;
}

static struct str readers_of_nothing(struct out *o, const struct variable *v,
				     size_t n)
{
	struct str missed = STR(""),
		   number = arena_print(o->arena, "%zu of ", n);

	if (v->missed)
		missed = arena_print(o->arena, "missed by %zu and ", v->missed);
	if (n == v->readers)
		number = n > 1 ? STR("all ") : STR("");
	return arena_print(o->arena, "%.*sfound empty by %.*s%.*s",
			   STR_FMT(missed), STR_FMT(number),
			   STR_FMT(counted(o, v->readers, "reader")));
}

static struct str readers_in_words(struct out *o, const struct variable *v)
{
	struct str readers = counted(o, v->readers, "reader");
	size_t n = count_readers_of_nothing(v);

	if (n)
		return readers_of_nothing(o, v, n);

	if (v->missed == v->readers)
		return arena_print(o->arena, "missed by %s%.*s",
				   v->readers > 1 ? "all " : "",
				   STR_FMT(readers));
	if (!v->missed)
		return arena_print(o->arena, "found by %s%.*s",
				   v->readers > 1 ? "all " : "",
				   STR_FMT(readers));
	return arena_print(o->arena, "missed by %zu of %.*s", v->missed,
			   STR_FMT(readers));
}

/* The words stand in one column or, behind a long name, where the name ends.
 * When the line is too short for both, the words stand on the next line. */
static void print_variable(struct out *o, const struct variable *v)
{
	struct str name = shortened(o, v->name, o->width - BODY);
	struct str words = arena_print(
		o->arena, "%.*s, held by %.*s", STR_FMT(readers_in_words(o, v)),
		STR_FMT(counted(o, v->processes, "process")));
	unsigned column = o->width > 60 ? o->width - 48 : 0;
	unsigned ends = BODY + out_columns(name) + 2;

	if (column < ends)
		column = ends;
	out_pad(o, BODY);
	out_clean(o, name);
	if (column + out_columns(words) > o->width) {
		out_line(o);
		column = BODY + 2;
	}
	out_pad(o, column);
	out_wrap(o, BODY + 2, words);
	out_line(o);
}

/* The eye tells two fingerprints apart by eight digits. */
static struct str value_in_words(struct arena *a, const struct value_use *use)
{
	const struct value *v = use->value;
	struct strs shapes = shapes_in_words(a, v);
	struct str from = v->from, readers = STR("not read");

	if (use->readers)
		readers = arena_print(a, "read by %zu", use->readers);

	if (from.len)
		from = arena_print(a, ", a key of %.*s", STR_FMT(from));
	return arena_print(a, "%.*s in %zu, %.*s (%llu byte%s%.*s%s%.*s)",
			   v->fp.len < 8 ? (int)v->fp.len : 8, v->fp.at,
			   use->processes, STR_FMT(readers),
			   (unsigned long long)v->len, v->len == 1 ? "" : "s",
			   STR_FMT(from), shapes.n ? ", " : "",
			   STR_FMT(join_names_in_words(a, &shapes)));
}

static size_t count_values(const struct variable *v, struct str key)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_values; i++)
		n += str_eq(v->values[i].key, key);
	return n;
}

static bool is_foreign_value(const struct variable *v,
			     const struct value_use *use)
{
	return use->value->from.len &&
	       is_foreign_form(v->name, use->value->from);
}

/* "2 values: 3f01 in 4, a6ff in 3": of two values one may be wrong. The values
 * from the ith on whose fingerprints have one key. */
static void print_values_of_key(struct out *o, const struct variable *v,
				size_t i, size_t n)
{
	struct str key = v->values[i].key;
	struct arena *a = o->arena;
	struct str text =
		arena_print(a, "%.*s: ", STR_FMT(counted(o, n, "value")));
	size_t told = 0;

	for (; i < v->n_values && told < MOST_VALUES; i++)
		if (str_eq(v->values[i].key, key))
			text = arena_print(
				a, "%.*s%s%.*s", STR_FMT(text),
				told++ ? "; " : "",
				STR_FMT(value_in_words(a, &v->values[i])));
	if (n > told)
		text = arena_print(a, "%.*s; and %zu more", STR_FMT(text),
				   n - told);
	out_pad(o, BODY + 2);
	out_wrap(o, BODY + 2, text);
	out_line(o);
}

static bool is_first_of_key(const struct variable *v, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (str_eq(v->values[j].key, v->values[i].key))
			return false;
	return true;
}

/* Fingerprints under two keys tell nothing about one another. */
static void print_values(struct out *o, const struct variable *v)
{
	for (size_t i = 0; i < v->n_values; i++) {
		size_t n = is_first_of_key(v, i)
				   ? count_values(v, v->values[i].key)
				   : 0;

		if (n > 1 || (n && is_foreign_value(v, &v->values[i])))
			print_values_of_key(o, v, i, n);
	}
}

/* Names that were asked for and set nowhere have a line of their own above. */
static bool is_worth_a_line(const struct report *r, const struct variable *v)
{
	if (!v->readers && !v->missed)
		return false;
	return r->view.verbose || v->processes;
}

void print_variables(struct out *o, const struct report *r)
{
	const struct model *m = r->model;
	size_t most = r->view.verbose ? m->n_variables : MOST_NAMES;
	size_t read = 0;

	for (size_t i = 0; i < m->n_variables; i++) {
		const struct variable *v = &m->variables[i];

		if (!is_worth_a_line(r, v))
			continue;
		if (!read++)
			print_label(o, "keys");
		if (read > most)
			continue;
		print_variable(o, v);
		print_values(o, v);
	}
	if (read > most)
		print_body(o,
			   arena_print(o->arena, "and %.*s: keytrail report -v",
				       STR_FMT(counted(o, read - most,
						       "more variable"))));
}

/* Gaps with the same line in the report. */
struct equal_gaps {
	const struct coverage_gap *gap; /* the first */
	size_t n;
};

static struct equal_gaps **group_gaps(struct out *o, const struct report *r)
{
	struct hashmap *by_words = hashmap_new(o->arena);
	struct equal_gaps **all =
		TAKE(o->arena, struct equal_gaps *, r->n_gaps + 1);
	size_t n = 0;

	for (size_t i = 0; i < r->n_gaps; i++) {
		const struct coverage_gap *g = &r->gaps[i];
		struct str words =
			arena_print(o->arena, "%s %.*s", gap_word(g->gap),
				    STR_FMT(g->image->exe));
		struct equal_gaps **slot = (struct equal_gaps **)hashmap_slot(
			by_words, NULL, words);

		if (!*slot) {
			*slot = TAKE(o->arena, struct equal_gaps, 1);
			(*slot)->gap = g;
			all[n++] = *slot;
		}
		(*slot)->n++;
	}
	return all;
}

/* "; FIX: keytrail explain WORD". Of a process that lives, the doctor knows. */
static struct str gap_step(struct arena *a, const struct model *m,
			   const struct coverage_gap *g)
{
	if (!g->image->observed && model_lives_here(m, g->image))
		return arena_print(a, "; why: keytrail doctor -p %llu",
				   (unsigned long long)g->image->pid);
	if (runtime_of(g->image)->starts_text)
		return arena_print(a,
				   "; to record what it starts: keytrail "
				   "doctor -- %.*s",
				   STR_FMT(str_base(g->image->exe)));
	if (model_bypasses_libc(g->image))
		return STR("; record what it starts by itself: keytrail "
			   "explain no-trace");
	if (g->gap == GAP_STATIC &&
	    find_source_owner(g->image->exe.at, g->image->exe.len).owner ==
		    SOURCE_TOOL)
		return STR("; what it starts is recorded: keytrail explain "
			   "static");
	return arena_print(a, "; %s: keytrail explain %s", gap_fix(g->gap),
			   gap_word(g->gap));
}

static void print_gap(struct out *o, const struct model *m,
		      const struct equal_gaps *t)
{
	const struct image *i = t->gap->image;
	struct str name = i->exe.len ? i->exe : process_name(o->arena, i);
	struct str times = STR("");

	if (t->n > 1)
		times = arena_print(o->arena, ", %zu times", t->n);
	print_body(o, arena_print(o->arena, "%.*s%.*s: %s%.*s", STR_FMT(name),
				  STR_FMT(times), gap_in_words(t->gap),
				  STR_FMT(gap_step(o->arena, m, t->gap))));
}

static void print_gaps(struct out *o, const struct report *r)
{
	struct equal_gaps **t = group_gaps(o, r);
	size_t printed = 0;

	for (; t[printed] && printed < MAX_ROWS; printed++)
		print_gap(o, r->model, t[printed]);
	if (t[printed])
		print_body(o,
			   STR("and others: the JSON report names them all"));
}

static struct str at_place(struct out *o, const struct folded *f)
{
	struct str site = event_site(f->event);

	if (!site.len)
		return site;
	return arena_print(o->arena, " at %.*s",
			   STR_FMT(place_in_words(o->arena, f->image, site)));
}

static void print_folded(struct out *o, const struct model *m)
{
	size_t printed = 0;

	for (const struct folded *f = m->folded; f; f = f->next) {
		if (!printed++)
			print_label(o, "counted");
		if (printed > MAX_ROWS)
			continue;
		print_body(o,
			   arena_print(
				   o->arena,
				   "%.*s by %.*s%.*s; the first and the last "
				   "are told",
				   STR_FMT(folded_in_words(o->arena, f->event)),
				   STR_FMT(process_name_and_pid(o->arena,
								f->image)),
				   STR_FMT(at_place(o, f))));
	}
	if (printed > MAX_ROWS)
		print_body(o,
			   STR("and others: the JSON report names them all"));
}

static void print_full(struct out *o, const struct report *r)
{
	print_body(o,
		   arena_print(o->arena,
			       "the trace is full since %.*s (%llu KiB): of "
			       "later events, "
			       "births, launches and misses come first",
			       STR_FMT(moment_in_words(o->arena, r->full_wall)),
			       (unsigned long long)r->full->max >> 10));
}

static struct str run_in_words(struct arena *a, const struct run_choice *run)
{
	if (run->run > 0)
		return arena_print(a, "run %ld of %ld", run->run, run->runs);
	return arena_print(a, "all %ld runs", run->runs);
}

/* What of the trace was judged, where not all of it was. */
void print_choice(struct out *o, const struct report *r)
{
	const struct run_choice *run = &r->run;

	if (run->runs > 1) {
		print_label(o, "judged");
		print_body(o, run_in_words(o->arena, run));
	}
	if (run->earlier_starts) {
		print_label(o, "starts");
		print_body(o,
			   arena_print(o->arena, "%.*s, of which %zu failed",
				       STR_FMT(counted(o, run->earlier_starts,
						       "earlier start")),
				       run->failed_starts));
	}
	if (r->n_ignored) {
		print_label(o, "ignored");
		print_body(o, counted(o, r->n_ignored, "finding"));
	}
}

void print_coverage(struct out *o, const struct report *r)
{
	print_label(o, "seen");
	print_body(o,
		   arena_print(o->arena, "%zu of %.*s", r->observed_processes,
			       STR_FMT(counted(o, r->processes, "process"))));
	print_folded(o, r->model);
	if (r->n_gaps || r->lost_events || r->broken_lines || r->full)
		print_label(o, "unseen");
	if (r->full)
		print_full(o, r);
	print_gaps(o, r);
	if (r->lost_events)
		print_body(o, counted(o, r->lost_events, "lost event"));
	if (r->broken_lines)
		print_body(o, counted(o, r->broken_lines, "broken line"));
}
