#include "commands/sources.h"
#include "symbols/symbols.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "formats/words.h"

/* Events in order of time, a sentence each:
 *
 *	+0.001234  4211 python3.11  asked for OPENAI_API_KEY: not there */

struct stage {
	struct out *o;
	const struct trace *trace;
	struct hashmap *programs; /* by image */
	uint64_t start, last;
	bool begun;
};

static void say(struct stage *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct stage *s, const char *format, ...)
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

static void say_str(struct stage *s, struct str text)
{
	out_clean(s->o, text);
}

/* --- parts of sentences ------------------------------------------------- */

static void say_value(struct stage *s, const struct value *v)
{
	static const char *const shapes[] = {
#define SHAPE(id, name) name,
		KT_SHAPES(SHAPE)
#undef SHAPE
	};

	say_str(s, (struct str){v->fp.at, v->fp.len < 8 ? v->fp.len : 8});
	say(s, " (%llu bytes", (unsigned long long)v->len);
	for (int i = 0; i < KT_SHAPE_COUNT; i++)
		if (v->is >> i & 1)
			say(s, ", %s", shapes[i]);
	if (v->from.len) {
		say(s, ", ");
		say_str(s, v->from);
	}
	say(s, ")");
}

static void say_names(struct stage *s, const char *before,
		      const struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		say(s, "%s", i ? ", " : before);
		say_str(s, v->at[i].name);
	}
}

static void say_held(struct stage *s, const struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		say(s, "%s", i ? ", " : ", holding ");
		say_str(s, v->at[i].name);
		say(s, " ");
		say_value(s, &v->at[i].value);
	}
	if (!v->n)
		say(s, ", holding nothing that is watched");
}

static void say_command(struct stage *s, const struct event *e)
{
	if (!e->args.n)
		say_str(s, e->path.len ? e->path : e->exe);
	for (size_t i = 0; i < e->args.n; i++) {
		say(s, "%s", i ? " " : "");
		say_str(s, e->args.at[i]);
	}
	if (e->argc > e->args.n && e->args.n)
		say(s, " ...");
}

static void say_times(struct stage *s, const struct event *e)
{
	if (e->n > 1 && e->kind != KT_LOST && e->kind != KT_FOLD)
		say(s, ", %llu times by now", (unsigned long long)e->n);
}

static void say_error(struct stage *s, const struct event *e)
{
	say(s, ": %s", strerror((int)e->error));
}

static void say_end(struct stage *s, const struct event *e)
{
	if (e->has_signal)
		say(s, " killed by signal %lld", (long long)e->signal);
	else if (e->has_status)
		say(s, " with status %lld", (long long)e->status);
}

static void say_passed(struct stage *s, const struct event *e)
{
	if (e->same) {
		say(s, ", its environment unchanged");
	} else {
		say(s, ", passing %llu variables where it held %llu",
		    (unsigned long long)e->vars, (unsigned long long)e->held);
		say_names(s, ", less ", &e->lost);
	}
	if (e->has_handed && e->handed == KT_HANDED_NOT)
		say(s, "; the recorder is not handed on");
	if (e->has_handed && e->handed == KT_HANDED_OFF)
		say(s, "; the recorder is turned off there");
}

/* --- sentences ---------------------------------------------------------- */

static void tell_birth(struct stage *s, const struct event *e)
{
	say(s, "begins");
	if (e->parent.len) {
		say(s, str_eq(e->by, STR("thread")) ? " as a thread of "
						    : " as a fork of ");
		say_str(s, e->parent);
	}
	if (e->args.n || e->exe.len) {
		say(s, " as ");
		say_command(s, e);
	}
	say_held(s, &e->env);
}

static void tell_read(struct stage *s, const struct event *e)
{
	say(s, "asks for ");
	say_str(s, e->name);
	say(s, e->found ? ": " : ": not there");
	if (e->found)
		say_value(s, &e->value);
}

static void tell_set(struct stage *s, const struct event *e)
{
	say(s, e->has_errno ? "fails to set "
	       : e->kept    ? "would set "
			    : "sets ");
	say_str(s, e->name);
	say(s, " to ");
	say_value(s, &e->value);
	if (e->kept)
		say(s, ", but leaves the value that it has");
	if (e->has_errno)
		say_error(s, e);
}

static void tell_unset(struct stage *s, const struct event *e)
{
	say(s, "removes ");
	say_str(s, e->name);
	if (!e->had_it)
		say(s, ", which was not there");
}

static void tell_clear(struct stage *s, const struct event *e)
{
	say(s, "clears its environment");
	say_names(s, ", losing ", &e->had);
}

static void tell_swap(struct stage *s, const struct event *e)
{
	say(s, "has another environment now");
	say_names(s, ", lost: ", &e->lost);
	say_names(s, ", new or changed: ", &e->env);
}

static void tell_fork(struct stage *s, const struct event *e)
{
	say(s, "forks");
	if (e->has_child)
		say(s, " %llu", (unsigned long long)e->child);
}

static void tell_exec(struct stage *s, const struct event *e)
{
	say(s, e->vfork ? "(its vfork child) becomes " : "becomes ");
	say_command(s, e);
	say_passed(s, e);
}

static void tell_spawn(struct stage *s, const struct event *e)
{
	say(s, e->has_errno ? "fails to start " : "starts ");
	say_command(s, e);
	if (e->has_child)
		say(s, " as %llu", (unsigned long long)e->child);
	if (e->has_errno)
		say_error(s, e);
	else
		say_passed(s, e);
}

static void tell_exec_failed(struct stage *s, const struct event *e)
{
	say(s, "could not become ");
	say_str(s, e->path);
	say_error(s, e);
}

static void tell_exit(struct stage *s, const struct event *e)
{
	say(s, e->vfork ? "(its vfork child) exits" : "exits");
	say_end(s, e);
}

static void tell_wait(struct stage *s, const struct event *e)
{
	say(s, "learns that %llu ended", (unsigned long long)e->child);
	say_end(s, e);
}

static void tell_hears(struct stage *s, const struct event *e)
{
	(void)e;
	say(s, "is heard by what it asks its language for, too");
}

static void tell_lost(struct stage *s, const struct event *e)
{
	say(s, "could not write %llu events before this",
	    (unsigned long long)e->n);
}

static void tell_fold(struct stage *s, const struct event *e)
{
	say(s, "is counted from here on: ");
	say_str(s, folded_in_words(s->o->arena, e));
}

static void tell_full(struct stage *s, const struct event *e)
{
	say(s,
	    "finds the trace full at %llu bytes: the last of the room is "
	    "for births, launches and misses",
	    (unsigned long long)e->max);
}

static void tell_run(struct stage *s, const struct event *e)
{
	say(s, "keytrail starts ");
	say_str(s, e->command);
}

static void tell_ran(struct stage *s, const struct event *e)
{
	say(s, "the command ended");
	say_end(s, e);
}

typedef void sentence(struct stage *, const struct event *);

static sentence *const sentences[KT_EVENT_COUNT] = {
	[KT_BIRTH] = tell_birth, [KT_READ] = tell_read,
	[KT_SET] = tell_set,	 [KT_UNSET] = tell_unset,
	[KT_CLEAR] = tell_clear, [KT_SWAP] = tell_swap,
	[KT_FORK] = tell_fork,	 [KT_EXEC] = tell_exec,
	[KT_SPAWN] = tell_spawn, [KT_EXEC_FAILED] = tell_exec_failed,
	[KT_EXIT] = tell_exit,	 [KT_WAIT] = tell_wait,
	[KT_HEARS] = tell_hears, [KT_LOST] = tell_lost,
	[KT_FOLD] = tell_fold,	 [KT_FULL] = tell_full,
	[KT_RUN] = tell_run,	 [KT_RAN] = tell_ran,
};

/* --- lines -------------------------------------------------------------- */

static struct str pid_of(const struct event *e)
{
	const char *dot =
		e->image.len ? memchr(e->image.at, '.', e->image.len) : NULL;

	if (!dot)
		return e->image;
	return (struct str){e->image.at, (size_t)(dot - e->image.at)};
}

/* The program of an image is told by its birth; a thread, and a fork that was
 * seen only by its consequences, has its parent's. */
static struct str program_of(struct stage *s, const struct event *e)
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

/* Each boot counts from its own beginning. */
static uint64_t since_start(struct stage *s, const struct event *e)
{
	if (!s->begun || e->t < s->last)
		s->start = e->t;
	s->begun = true;
	s->last = e->t;
	return e->t - s->start;
}

static void tell_event(struct stage *s, const struct event *e)
{
	uint64_t us = since_start(s, e) / 1000;

	say(s, "+%llu.%06llu  ", (unsigned long long)(us / 1000000),
	    (unsigned long long)(us % 1000000));
	say_str(s, pid_of(e));
	say(s, " ");
	say_str(s, program_of(s, e));
	if (e->owner)
		say(s, " of user %llu",
		    (unsigned long long)s->trace->owners[e->owner].uid);
	out_pad(s->o, 30);
	say(s, " ");
	sentences[e->kind](s, e);
	if (event_site(e).len) {
		say(s, ", at ");
		say_str(s, site_in_words(event_site(e)));
		if (e->column)
			say(s, ":%llu", (unsigned long long)e->column);
	}
	if (e->in.len) {
		say(s, " in ");
		say_str(s, e->in);
	}
	say_times(s, e);
	out_line(s->o);
	for (size_t i = 0; i < e->stack.n; i++) {
		out_pad(s->o, 33);
		say_str(s, e->stack.at[i]);
		out_line(s->o);
	}
}

static int replay(struct arena *arena, int argc, char **argv)
{
	const struct opt table[] = {{0}};
	struct opts opts = {.synopsis = "replay TRACE...",
			    .about = "Tells every event of a trace in order "
				     "of time.",
			    .table = table};
	struct trace trace;
	struct stage stage;
	struct out o;
	int status;

	if (!take_options(arena, &opts, argc, argv, &status))
		return status;
	if (!load_sources(arena, &opts, "replay", &trace))
		return FAILED;
	trace_sort_and_fold(arena, &trace);
	symbols_resolve(arena, &trace);
	o = to_screen(arena, STDOUT_FILENO);
	stage = (struct stage){.o = &o, .trace = &trace, .programs = hashmap_new(arena)};
	for (size_t i = 0; i < trace.n && !o.error; i++)
		if (sentences[trace.events[i].kind])
			tell_event(&stage, &trace.events[i]);
	return end_screen(&o, DONE);
}

const struct command command_replay = {
	"replay", "tell what happened, event by event", replay};
