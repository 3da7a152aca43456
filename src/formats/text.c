/* The report for people. A reader asks in this order: the failure, the place
 * of the loss, the path of the key, the remedy, and the gaps. */
#include "formats/trace_owners.h"
#include "formats/formats.h"
#include "formats/text_layout.h"
#include "formats/words.h"
#include "model/process_name.h"

static void print_heading(struct out *o, const struct finding *f,
			  const char *word, enum style style)
{
	static const char *const confidences[] = {[POSSIBLE] = ", possibly",
						  [LIKELY] = ", likely",
						  [CERTAIN] = ""};

	print_styled(o, style, str_of(word));
	out_pad(o, BODY);
	print_styled(o, STRONG, f->variable);
	print_words(o, "  ");
	print_styled(o, FAINT,
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

/* The callers, innermost first, where the trace has a stack. */
static void print_callers(struct out *o, const struct event *e)
{
	size_t n = e ? e->stack.n : 0;

	for (size_t i = 0; i < n && i < MAX_ROWS; i++) {
		out_pad(o, BODY + 2);
		out_clean(o, e->stack.at[i]);
		out_line(o);
	}
	if (n > MAX_ROWS)
		print_body(o, counted(o, n - MAX_ROWS, "more caller"));
}

static void print_others(struct out *o, const struct finding *f)
{
	if (f->others.n)
		print_body(o, arena_print(o->arena, "nor %.*s",
					  STR_FMT(join_names_in_words(
						  o->arena, &f->others))));
}

static void print_failed(struct out *o, const struct finding *f)
{
	struct str site, others = STR("");

	if (!f->victim)
		return;
	site = at_site(o, f->victim_site);
	if (f->count > 1)
		others = arena_print(o->arena, "; so did %llu more",
				     (unsigned long long)f->count - 1);
	print_label(o, "failed");
	print_body(
		o,
		arena_print(o->arena, "%.*s asked for it%.*s and %s%.*s",
			    STR_FMT(process_name_and_pid(o->arena, f->victim)),
			    STR_FMT(site),
			    had_a_value(f) ? "got a value that is not right"
					   : "did not get it",
			    STR_FMT(others)));
	print_others(o, f);
	print_callers(o, f->victim_event);
}

static void print_lost(struct out *o, const struct finding *f)
{
	print_label(o, "lost");
	out_style(o, STRONG);
	out_wrap(o, BODY, f->summary);
	out_style(o, PLAIN);
	out_line(o);
	if (!f->culprit || !f->operation.len)
		return; /* the summary says all */
	print_body(o, arena_print(o->arena, "%.*s%.*s, by %.*s",
				  STR_FMT(f->operation),
				  STR_FMT(at_site(o, f->culprit_site)),
				  STR_FMT(process_name_and_pid(o->arena,
							       f->culprit))));
	print_callers(o, f->culprit_event);
}

static void print_fix(struct out *o, const struct finding *f)
{
	if (!f->fix.len)
		return;
	print_label(o, "fix");
	print_body(o, f->fix);
}

static void print_fault(struct out *o, const struct finding *f)
{
	print_heading(o, f, "FAULT", RED);
	print_failed(o, f);
	print_lost(o, f);
	print_path(o, f);
	print_fix(o, f);
	out_line(o);
}

static void print_warning(struct out *o, const struct finding *f)
{
	print_heading(o, f, "warning", YELLOW);
	print_body(o, f->summary);
	print_fix(o, f);
	out_line(o);
}

static void print_note(struct out *o, const struct finding *f)
{
	print_styled(o, FAINT, STR("note"));
	print_body(o, arena_print(o->arena, "%.*s%s%.*s: %.*s (%s)",
				  STR_FMT(f->variable), f->others.n ? ", " : "",
				  STR_FMT(join_names_in_words(o->arena,
							      &f->others)),
				  STR_FMT(f->summary), f->code));
}

static void print_findings(struct out *o, const struct report *r,
			   enum severity of,
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

static enum style style_of(enum verdict verdict)
{
	return verdict == INCONCLUSIVE ? YELLOW : GREEN;
}

static void print_verdict(struct out *o, const struct report *r)
{
	const char *word = verdict_word(r->verdict);

	if (r->verdict == FAULTY || r->verdict == WARNED)
		return; /* the findings follow */
	print_styled(o, style_of(r->verdict), str_of(word));
	if (r->verdict == INCONCLUSIVE)
		out_line(o);
	print_body(o, verdict_in_words(o->arena, r));
	out_line(o);
}

static void print_trace_files(struct out *o, const struct model *m)
{
	struct strs words = {NULL, 0};

	if (m->trace)
		words = files_in_words(o->arena, m->trace);
	if (words.n)
		print_label(o, "files");
	for (size_t i = 0; i < words.n; i++)
		print_body(o, words.at[i]);
}

static void write_text(struct out *o, const struct report *r)
{
	print_verdict(o, r);
	print_findings(o, r, FAULT, print_fault);
	print_findings(o, r, WARNING, print_warning);
	print_findings(o, r, NOTE, print_note);
	print_variables(o, r->model);
	print_choice(o, r);
	print_coverage(o, r);
	print_trace_files(o, r->model);
}

const struct format format_text = {"text", write_text};
