#include "commands/run/run_summary.h"

#include <dlfcn.h>
#include <unistd.h>

#include "base/limited_child.h"
#include "base/shell_word.h"
#include "command_sites/command_sites.h"
#include "commands/command.h"
#include "diagnosis/diagnosis.h"
#include "formats/words.h"
#include "symbols/source_maps.h"
#include "trace/trace.h"

enum { INDENT = 10, MOST_ROWS = 7 };

static enum style style_of(enum verdict verdict)
{
	if (verdict == FAULTY)
		return RED;
	return verdict == WARNED || verdict == INCONCLUSIVE ? YELLOW : GREEN;
}

/* The headline, as the report has it without looking into files; a sentence
 * that would fill more than its share of the ten lines is left to the report
 * whole. */
static void tell_verdict(struct out *o, const struct report *r)
{
	struct str headline = r->headline;

	if (out_columns(headline) > MOST_ROWS * (o->width - INDENT) * 3 / 4)
		headline = STR("the report says it: the sentence is too long "
			       "for a summary");
	out_clean(o, STR("keytrail: "));
	out_style(o, style_of(r->verdict));
	out_clean(o, str_of(verdict_word(r->verdict)));
	out_clean(o, STR(": "));
	out_style(o, PLAIN);
	out_wrap(o, INDENT, headline);
	out_line(o);
}

/* A run that is well until the next start: a file was changed under a program
 * which goes on with the older value. */
static void tell_rotation(struct out *o, const struct report *r)
{
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];

		if (r->verdict != HEALTHY || strcmp(f->code, "KT702") ||
		    out_columns(f->summary) > 2 * (o->width - INDENT))
			continue;
		out_clean(o, STR("keytrail: note: "));
		out_wrap(o, INDENT, f->summary);
		out_line(o);
		return;
	}
}

/* What else the report has, the fix first. */
static struct str rest_of(struct arena *a, const struct report *r)
{
	size_t more = 0;

	if (!r || (r->verdict != FAULTY && r->verdict != WARNED))
		return STR("more with");
	for (size_t i = 1; i < r->n_findings; i++)
		more += r->findings[i].severity > NOTE;
	if (!more)
		return STR("the fix");
	return arena_print(a, "the fix, and %zu more finding%s", more,
			   more == 1 ? "" : "s");
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

static bool load(struct arena *a, struct trace *ret, const char **ret_why)
{
	*ret = (struct trace){0};
	if (!trace_load(a, ret, ".", ret_why))
		return false;
	trace_sort_and_fold(a, ret);
	return true;
}

/* In a child, so the current directory may change: the trace is the
 * directory checked before, even if another file has the name now. The events
 * of env files are read back as a report would read them. */
static void summarize(struct out *o, const void *told)
{
	const struct run_summary *r = told;
	struct trace trace;
	const struct question question = {.pid = r->pid};
	const char *why = "its directory cannot be entered";
	const struct report *report;
	long runs;

	if (fchdir(r->dir) || !load(o->arena, &trace, &why)) {
		say(o,
		    arena_print(o->arena, "cannot read %s: %s", r->name, why));
		return;
	}
	if (r->files && env_file_lines_write(o->arena, &trace, r->files) &&
	    !r->quiet && !load(o->arena, &trace, &why))
		return;
	if (r->quiet)
		return;
	source_maps_resolve(o->arena, &trace);
	command_sites_resolve(o->arena, &trace);
	report = diagnose(o->arena, &trace, &question, &runs);
	if (report) {
		tell_verdict(o, report);
		tell_rotation(o, report);
	}
	tell_stacks(o, r);
	say(o, arena_print(o->arena, "%.*s: keytrail report %s",
			   STR_FMT(rest_of(o->arena, report)),
			   shell_path(o->arena, r->name)));
}

void run_summary_tell(const struct run_summary *r)
{
	struct out screen = terminal_out(r->arena, STDERR_FILENO);
	const struct work work = {r->arena, &screen, summarize, r};
	struct str text = {0};
	enum limited_end end = limited_child_text(&work, &text);

	if (r->quiet || end == LIMITED_STOPPED ||
	    !wait_until_writable(STDERR_FILENO))
		return;
	if (end == LIMITED_DONE)
		out_str(&screen, text);
	else
		say(&screen,
		    arena_print(r->arena,
				"the trace is large: keytrail report %s",
				shell_path(r->arena, r->name)));
	out_end(&screen);
}
