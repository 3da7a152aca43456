/* The report for people. A reader in a hurry asks in this order: which line,
 * which way, what to change, what else, and what was not seen. */
#include "formats/trace_owners.h"
#include "formats/formats.h"
#include "formats/text_layout.h"
#include "formats/words.h"

static enum style style_of(enum verdict verdict)
{
	return verdict == INCONCLUSIVE ? YELLOW : GREEN;
}

/* What to do about a key that a host refused. */
static void print_fix_of_refusal(struct out *o, const struct report *r)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (!strcmp(r->findings[i].code, "KT803")) {
			print_fix(o, &r->findings[i]);
			return;
		}
}

/* Where a finding is to blame, the finding is the first line. */
static void print_verdict(struct out *o, const struct report *r)
{
	if (r->verdict == FAULTY || r->verdict == WARNED)
		return;
	print_styled(o, style_of(r->verdict), str_of(verdict_word(r->verdict)));
	if (o->column >= BODY)
		print_words(o, ": ");
	out_pad(o, BODY);
	out_wrap(o, BODY, r->headline);
	out_line(o);
	if (r->verdict == EXONERATED)
		print_fix_of_refusal(o, r);
	if (r->reason_code) {
		print_label(o, "more");
		print_body(o, arena_print(o->arena, "keytrail explain %s",
					  r->reason_code));
	}
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
	print_findings(o, r);
	print_notes(o, r);
	if (r->view.tree)
		print_tree(o, r);
	print_variables(o, r);
	print_choice(o, r);
	print_coverage(o, r);
	print_trace_files(o, r->model);
}

const struct format format_text = {"text", write_text};
