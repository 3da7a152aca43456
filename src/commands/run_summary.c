#include "commands/run_summary.h"

#include <dlfcn.h>
#include <unistd.h>

#include "base/limited_child.h"
#include "commands/command.h"
#include "diagnosis/diagnosis.h"
#include "formats/words.h"
#include "trace/trace.h"

#define INDENT 10

/* Cut at a blank: no word and no character is torn. */
static struct str cut(struct arena *arena, struct str s, size_t most)
{
	if (s.len <= most)
		return s;
	while (most && s.at[most] != ' ')
		most--;
	return arena_print(arena, "%.*s ...", (int)most, s.at);
}

static void tell(struct out *o, enum style style, const char *word,
		 struct str text)
{
	out_clean(o, STR("keytrail: "));
	out_style(o, style);
	out_clean(o, str_of(word));
	out_style(o, PLAIN);
	out_wrap(o, INDENT, cut(o->arena, text, 3 * (o->width - INDENT - 10)));
	out_line(o);
}

static void tell_finding(struct out *o, const struct report *r)
{
	const struct finding *f = &r->findings[0];
	bool is_fault = f->severity == FAULT;

	tell(o, is_fault ? RED : YELLOW, is_fault ? "fault " : "warning ",
	     arena_print(o->arena, "%s: %.*s", f->code, STR_FMT(f->summary)));
	if (r->n_findings > 1)
		tell(o, PLAIN, "",
		     arena_print(o->arena, "and %zu more finding%s",
				 r->n_findings - 1,
				 r->n_findings == 2 ? "" : "s"));
}

static void tell_verdict(struct out *o, const struct report *r)
{
	enum style style = r->verdict == INCONCLUSIVE ? YELLOW : GREEN;

	if (r->verdict == FAULTY || r->verdict == WARNED)
		tell_finding(o, r);
	else
		tell(o, style,
		     arena_print(o->arena, "%s: ", verdict_word(r->verdict)).at,
		     verdict_in_words(o->arena, r));
}

static void say(struct out *o, struct str text)
{
	out_clean(o, STR("keytrail: "));
	out_clean(o, text);
	out_line(o);
}

/* A user of --stacks without a stack is told the reason. */
static void tell_stacks(struct out *o, const struct run_summary *r)
{
	if (r->stacks && !dlopen(KT_UNWINDER, RTLD_LAZY | RTLD_LOCAL))
		say(o, STR("no stacks were taken: " KT_UNWINDER
			   " is not here; install libunwind (libunwind8 on "
			   "Debian)"));
}

/* In a child, so the current directory may change: the trace is the
 * directory checked before, even if another file has the name now. */
static void summarize(struct out *o, const void *told)
{
	const struct run_summary *r = told;
	struct trace trace = {0};
	const struct question question = {.pid = r->pid};
	const char *why = "its directory cannot be entered";
	const struct report *report;
	long runs;

	if (fchdir(r->dir) || !trace_load(o->arena, &trace, ".", &why)) {
		say(o,
		    arena_print(o->arena, "cannot read %s: %s", r->name, why));
		return;
	}
	trace_sort_and_fold(o->arena, &trace);
	report = diagnose(o->arena, &trace, &question, &runs);
	if (report)
		tell_verdict(o, report);
	tell_stacks(o, r);
	out_print(o, "keytrail: more with: keytrail report ");
	out_clean(o, str_of(r->name));
	out_line(o);
}

void run_summary_tell(const struct run_summary *r)
{
	struct out screen = terminal_out(r->arena, STDERR_FILENO);
	const struct work work = {r->arena, &screen, summarize, r};
	struct str text = {0};
	enum limited_end end = limited_child_text(&work, &text);

	if (end == LIMITED_STOPPED || !wait_until_writable(STDERR_FILENO))
		return;
	if (end == LIMITED_DONE)
		out_str(&screen, text);
	else
		say(&screen,
		    arena_print(r->arena,
				"the trace is large: keytrail report %s",
				r->name));
	out_end(&screen);
}
