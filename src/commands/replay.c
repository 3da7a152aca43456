#include "commands/open_traces.h"
#include "commands/replay_filter.h"
#include "symbols/symbols.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "formats/words.h"

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

static void print(struct replay *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void print(struct replay *s, const char *format, ...)
{
	char text[4096];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n > 0)
		out_clean(s->o, (struct str){text, strlen(text)});
}

static void print_str(struct replay *s, struct str text)
{
	out_clean(s->o, text);
}

/* --- parts of sentences --------------------------------------------------- */

static void print_value(struct replay *s, const struct value *v)
{
	static const char *const shapes[] = {
#define SHAPE(id, name) name,
		KT_SHAPES(SHAPE)
#undef SHAPE
	};

	print_str(s, (struct str){v->fp.at, v->fp.len < 8 ? v->fp.len : 8});
	print(s, " (%llu bytes", (unsigned long long)v->len);
	for (int i = 0; i < KT_SHAPE_COUNT; i++)
		if (v->is >> i & 1)
			print(s, ", %s", shapes[i]);
	if (v->from.len) {
		print(s, ", ");
		print_str(s, v->from);
	}
	print(s, ")");
}

static void print_names(struct replay *s, const char *before,
			const struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		print(s, "%s", i ? ", " : before);
		print_str(s, v->at[i].name);
	}
}

static void print_held(struct replay *s, const struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		print(s, "%s", i ? ", " : ", holding ");
		print_str(s, v->at[i].name);
		print(s, " ");
		print_value(s, &v->at[i].value);
	}
	if (!v->n)
		print(s, ", holding nothing that is watched");
}

static void print_command(struct replay *s, const struct event *e)
{
	if (!e->args.n)
		print_str(s, e->path.len ? e->path : e->exe);
	for (size_t i = 0; i < e->args.n; i++) {
		print(s, "%s", i ? " " : "");
		print_str(s, e->args.at[i]);
	}
	if (e->argc > e->args.n && e->args.n)
		print(s, " ...");
}

static void print_times(struct replay *s, const struct event *e)
{
	if (e->n > 1 && e->kind != KT_LOST && e->kind != KT_FOLD)
		print(s, ", %llu times by now", (unsigned long long)e->n);
}

static void print_error(struct replay *s, const struct event *e)
{
	print(s, ": %s", strerror((int)e->error));
}

static void print_signal(struct replay *s, int64_t n)
{
	print_str(s, signal_in_words(s->o->arena, n));
}

/* "was killed by SIGINT", "ended with status 1": `ended` is the verb. */
static void print_end(struct replay *s, const struct event *e,
		      const char *killed, const char *ended)
{
	if (e->has_signal) {
		print(s, "%s by ", killed);
		print_signal(s, e->signal);
		return;
	}
	print(s, "%s", ended);
	if (e->has_status)
		print(s, " with status %lld", (long long)e->status);
}

static void print_passed(struct replay *s, const struct event *e)
{
	if (e->same) {
		print(s, ", its environment unchanged");
	} else {
		print(s, ", passing %llu variable%s where it held %llu",
		      (unsigned long long)e->vars, e->vars == 1 ? "" : "s",
		      (unsigned long long)e->held);
		print_names(s, ", less ", &e->lost);
	}
	if (e->has_handed && e->handed == KT_HANDED_NOT)
		print(s, "; the recorder is not handed on");
	if (e->has_handed && e->handed == KT_HANDED_OFF)
		print(s, "; the recorder is turned off there");
}

/* --- sentences ------------------------------------------------------------ */

static void print_birth(struct replay *s, const struct event *e)
{
	print(s, "begins");
	if (e->parent.len) {
		print(s, str_eq(e->by, STR("thread")) ? " as a thread of "
						      : " as a fork of ");
		print_str(s, image_pid(e->parent));
	}
	if (e->args.n || e->exe.len) {
		print(s, "%s", e->parent.len ? ": " : " as ");
		print_command(s, e);
	}
	print_held(s, &e->env);
}

static void print_read(struct replay *s, const struct event *e)
{
	print(s, "asks for ");
	print_str(s, e->name);
	print(s, e->found ? ": " : ": not there");
	if (e->found)
		print_value(s, &e->value);
}

static void print_set(struct replay *s, const struct event *e)
{
	print(s, e->has_errno ? "fails to set "
		 : e->kept    ? "would set "
			      : "sets ");
	print_str(s, e->name);
	print(s, " to ");
	print_value(s, &e->value);
	if (e->kept)
		print(s, ", but leaves the value that it has");
	if (e->has_errno)
		print_error(s, e);
}

static void print_unset(struct replay *s, const struct event *e)
{
	print(s, "removes ");
	print_str(s, e->name);
	if (!e->had_it)
		print(s, ", which was not there");
}

static void print_clear(struct replay *s, const struct event *e)
{
	print(s, "clears its environment");
	print_names(s, ", losing ", &e->had);
}

static void print_swap(struct replay *s, const struct event *e)
{
	print(s, "has another environment now");
	print_names(s, ", lost: ", &e->lost);
	print_names(s, ", new or changed: ", &e->env);
}

static void print_fork(struct replay *s, const struct event *e)
{
	print(s, "forks");
	if (e->has_child)
		print(s, " %llu", (unsigned long long)e->child);
}

static void print_exec(struct replay *s, const struct event *e)
{
	print(s, e->vfork ? "(its vfork child) becomes " : "becomes ");
	print_command(s, e);
	print_passed(s, e);
}

static void print_spawn(struct replay *s, const struct event *e)
{
	print(s, e->has_errno ? "fails to start " : "starts ");
	print_command(s, e);
	if (e->has_child)
		print(s, " as %llu", (unsigned long long)e->child);
	if (e->has_errno)
		print_error(s, e);
	else
		print_passed(s, e);
}

static void print_exec_failed(struct replay *s, const struct event *e)
{
	print(s, "could not become ");
	print_str(s, e->path);
	print_error(s, e);
}

static void print_exit(struct replay *s, const struct event *e)
{
	print(s, "%s", e->vfork ? "(its vfork child) " : "");
	print_end(s, e, "is killed", "exits");
}

static void print_wait(struct replay *s, const struct event *e)
{
	print(s, "learns that %llu ", (unsigned long long)e->child);
	print_end(s, e, "was killed", "ended");
}

/* Of native code: the kinds that are no class. */
static bool print_raise_of_native(struct replay *s, struct str type)
{
	if (str_eq(type, STR("abort")))
		print(s, "calls abort");
	else if (str_eq(type, STR("assert")))
		print(s, "fails an assertion");
	else if (str_eq(type, STR("panic")))
		print(s, "panics");
	else
		return false;
	return true;
}

static void print_raise(struct replay *s, const struct event *e)
{
	if (e->at.len && print_raise_of_native(s, e->type))
		return;
	print(s, e->handled ? "handles " : "raises ");
	print_str(s, e->type);
	print(s, e->handled ? " as it exits" : ", and nobody catches it");
}

static void print_kill(struct replay *s, const struct event *e)
{
	if (!e->image.len && e->pid)
		print(s, "process %llu ", (unsigned long long)e->pid);
	else if (!e->image.len)
		print(s, "the kernel ");
	print(s, "sends ");
	print_signal(s, e->signal);
	print(s, " to ");
	if (!e->has_to)
		print(s, e->group ? "every process" : "a process");
	else if (e->group && !e->to)
		print(s, "its own process group");
	else
		print(s, "%s%llu", e->group ? "process group " : "",
		      (unsigned long long)e->to);
}

static void print_copy(struct replay *s, const struct event *e)
{
	(void)e;
	print(s, "copies its whole environment");
}

static void print_differ(struct replay *s, const struct event *e)
{
	print_str(s, e->fn);
	if (!e->env.n && !e->lost.n)
		print(s, " is equal to libc's environ again");
	else
		print(s, e->replaced ? " is another object than it was"
				     : " is not equal to libc's environ");
	print_names(s, ", with: ", &e->env);
	print_names(s, ", without: ", &e->lost);
}

static void print_hears(struct replay *s, const struct event *e)
{
	(void)e;
	print(s, "shows what its language itself reads from here on");
}

static void print_lost(struct replay *s, const struct event *e)
{
	print(s, "could not write %llu events before this",
	      (unsigned long long)e->n);
}

static void print_fold(struct replay *s, const struct event *e)
{
	print(s, "goes on, and is only counted: ");
	print_str(s, folded_in_words(s->o->arena, e));
}

static void print_full(struct replay *s, const struct event *e)
{
	print(s,
	      "finds the trace full at %llu bytes: the last of the room is "
	      "for births, launches and misses",
	      (unsigned long long)e->max);
}

static void print_run(struct replay *s, const struct event *e)
{
	print(s, "keytrail starts ");
	print_str(s, e->command);
}

static void print_ran(struct replay *s, const struct event *e)
{
	print(s, "the command ");
	print_end(s, e, "was killed", "ended");
}

typedef void sentence(struct replay *, const struct event *);

static sentence *const sentences[KT_EVENT_COUNT] = {
	[KT_BIRTH] = print_birth, [KT_READ] = print_read,
	[KT_SET] = print_set,	  [KT_UNSET] = print_unset,
	[KT_CLEAR] = print_clear, [KT_SWAP] = print_swap,
	[KT_FORK] = print_fork,	  [KT_EXEC] = print_exec,
	[KT_SPAWN] = print_spawn, [KT_EXEC_FAILED] = print_exec_failed,
	[KT_EXIT] = print_exit,	  [KT_WAIT] = print_wait,
	[KT_HEARS] = print_hears, [KT_LOST] = print_lost,
	[KT_RAISE] = print_raise, [KT_KILL] = print_kill,
	[KT_COPY] = print_copy,	  [KT_FOLD] = print_fold,
	[KT_FULL] = print_full,	  [KT_RUN] = print_run,
	[KT_RAN] = print_ran,	  [KT_DIFFER] = print_differ,
};

/* --- lines ---------------------------------------------------------------- */

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

static void print_event(struct replay *s, const struct event *e)
{
	uint64_t us = since_start(s, e) / 1000;
	struct str program = program_of(s, e);

	if (!replay_filter_takes(s->filter, e))
		return;
	print(s, "+%llu.%06llu  ", (unsigned long long)(us / 1000000),
	      (unsigned long long)(us % 1000000));
	print_str(s, image_pid(e->image));
	print(s, " ");
	print_str(s, program);
	if (e->owner)
		print(s, " of user %llu",
		      (unsigned long long)s->trace->owners[e->owner].uid);
	out_pad(s->o, 30);
	print(s, " ");
	sentences[e->kind](s, e);
	if (event_site(e).len) {
		print(s, ", at ");
		print_str(s, site_in_words(event_site(e)));
		if (e->column)
			print(s, ":%llu", (unsigned long long)e->column);
	}
	if (event_function(e).len) {
		print(s, " in ");
		print_str(s, event_function(e));
	}
	print_times(s, e);
	out_line(s->o);
	for (size_t i = 0; i < e->stack.n; i++) {
		out_pad(s->o, 33);
		print_str(s, e->stack.at[i]);
		out_line(s->o);
	}
}

static int replay(struct arena *arena, int argc, char **argv)
{
	struct replay_filter filter = {.pids = {0}};
	const struct opt table[] = {
		{0, "variable", "NAME",
		 "only events that name this variable; may be repeated",
		 .list = &filter.variables},
		{0, "pid", "PID",
		 "only events of this process or about it; may be repeated",
		 .list = &filter.pids},
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
	int status;

	if (!take_options(arena, &opts, argc, argv, &status))
		return status;
	if (!open_traces(arena, &opts, "replay", &trace))
		return FAILED;
	trace_sort_and_fold(arena, &trace);
	if (!replay_filter_fits(arena, &filter, &trace))
		return FAILED;
	symbols_resolve(arena, &trace);
	o = terminal_out(arena, STDOUT_FILENO);
	stage = (struct replay){.o = &o,
				.trace = &trace,
				.filter = &filter,
				.programs = hashmap_new(arena)};
	for (size_t i = 0; i < trace.n && !o.error; i++)
		if (sentences[trace.events[i].kind])
			print_event(&stage, &trace.events[i]);
	return terminal_end(&o, DONE);
}

const struct command command_replay = {
	"replay", "tell what happened, event by event", replay};
