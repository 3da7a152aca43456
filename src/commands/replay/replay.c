#include "commands/open_traces.h"
#include "commands/replay/replay_filter.h"
#include "commands/replay/replay_sentences.h"
#include "commands/replay/replay_sentence_parts.h"
#include "commands/option_names.h"
#include "symbols/source_maps.h"
#include "symbols/symbols.h"

#include <unistd.h>

#include "base/hashmap.h"
#include "formats/words.h"
#include "trace/site.h"

/* Events in order of time, a sentence each:
 *
 *	+0.001234  4211 python3.11  asked for OPENAI_API_KEY: not there */

struct replay {
	struct out *o;
	const struct trace *trace;
	const struct replay_filter *filter;
	struct hashmap *programs; /* by image */
	uint64_t start, last;
	bool begun;
};

/* The program of an image is in its birth. A thread has its parent's program,
 * and so has a fork without a birth event. */
static struct str program_of(struct replay *s, const struct event *e)
{
	const struct event *birth;

	if (e->kind == KT_BIRTH)
		*hashmap_slot(s->programs, NULL, e->image) =
			(void *)(uintptr_t)e;
	birth = hashmap_find(s->programs, NULL, e->image);
	for (int ups = 8; birth && !birth->exe.len && ups; ups--)
		birth = hashmap_find(s->programs, NULL, birth->parent);
	return birth ? str_base(birth->exe) : STR("");
}

/* Times count from the beginning of the boot. */
static uint64_t since_start(struct replay *s, const struct event *e)
{
	if (!s->begun || e->t < s->last)
		s->start = e->t;
	s->begun = true;
	s->last = e->t;
	return e->t - s->start;
}

/* The column belongs to the line, in front of a mark. */
static void print_site(struct out *o, const struct event *e)
{
	struct str site = site_in_words(event_site(e));
	struct str place = site_without_mark(site);

	replay_print(o, ", at ");
	out_clean(o, place);
	if (e->column)
		replay_print(o, ":%llu", (unsigned long long)e->column);
	out_clean(o, (struct str){site.at + place.len, site.len - place.len});
}

static void print_event(struct replay *s, const struct event *e)
{
	uint64_t us = since_start(s, e) / 1000;
	struct str program = program_of(s, e);

	if (!replay_filter_takes(s->filter, e))
		return;
	replay_print(s->o, "+%llu.%06llu  ", (unsigned long long)(us / 1000000),
		     (unsigned long long)(us % 1000000));
	out_clean(s->o, image_pid(e->image));
	replay_print(s->o, " ");
	out_clean(s->o, program);
	if (e->owner)
		replay_print(
			s->o, " of user %llu",
			(unsigned long long)s->trace->owners[e->owner].uid);
	out_pad(s->o, 30);
	replay_print(s->o, " ");
	replay_sentence(s->o, e);
	if (event_site(e).len)
		print_site(s->o, e);
	if (event_function(e).len) {
		replay_print(s->o, " in ");
		out_clean(s->o, event_function(e));
	}
	replay_times(s->o, e);
	out_line(s->o);
	for (size_t i = 0; i < e->stack.n; i++) {
		out_pad(s->o, 33);
		out_clean(s->o, e->stack.at[i]);
		out_line(s->o);
	}
}

static int replay(struct arena *arena, int argc, char **argv)
{
	struct replay_filter filter = {.pids = {0}};
	const struct opt table[] = {
		LIST(0, "variable", "NAME", &filter.variables,
		     "only events that name this variable; may be repeated"),
		LIST(0, "pid", "PID", &filter.pids,
		     "only events of this process or about it; may be "
		     "repeated"),
		{0},
	};
	struct opts opts = {.synopsis = "replay [--variable NAME]... "
					"[--pid PID]... [TRACE...]",
			    .about = "Tells every event of a trace in order "
				     "of time. Without a TRACE: of the newest "
				     "keytrail-*/ here.",
			    .table = table};
	struct trace trace;
	struct replay stage;
	struct out o;

	if (!take_options(arena, &opts, argc, argv))
		return opts.status;
	if (!are_whole_names(arena, "replay", "--variable",
			     &filter.variables) ||
	    !open_traces(arena, &opts, "replay", &trace))
		return FAILED;
	trace_sort_and_fold(arena, &trace);
	if (!replay_filter_fits(arena, &filter, &trace))
		return FAILED;
	symbols_resolve(arena, &trace);
	source_maps_resolve(arena, &trace);
	o = terminal_out(arena, STDOUT_FILENO);
	stage = (struct replay){.o = &o,
				.trace = &trace,
				.filter = &filter,
				.programs = hashmap_new(arena)};
	for (size_t i = 0; i < trace.n && !o.error; i++)
		if (has_sentence(&trace.events[i]))
			print_event(&stage, &trace.events[i]);
	return terminal_end(&o, DONE);
}

const struct command command_replay = {
	"replay", "tell what happened, event by event", replay};
