#include "commands/replay/replay_sentences.h"

#include "commands/replay/replay_requests.h"
#include "commands/replay/replay_sentence_parts.h"
#include "formats/words.h"
#include "trace/env_file.h"

/* --- parts of sentences --------------------------------------------------- */

static void print_names(struct out *o, const char *before,
			const struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		replay_print(o, "%s", i ? ", " : before);
		out_clean(o, v->at[i].name);
	}
}

static void print_values(struct out *o, const char *before,
			 const struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		replay_print(o, "%s", i ? ", " : before);
		out_clean(o, v->at[i].name);
		replay_print(o, " ");
		replay_value(o, &v->at[i].value);
	}
}

static void print_held(struct out *o, const struct values *v)
{
	print_values(o, ", holding ", v);
	if (!v->n)
		replay_print(o, ", holding nothing that is watched");
}

static void print_command(struct out *o, const struct event *e)
{
	if (!e->args.n)
		out_clean(o, e->path.len ? e->path : e->exe);
	for (size_t i = 0; i < e->args.n; i++) {
		replay_print(o, "%s", i ? " " : "");
		out_clean(o, e->args.at[i]);
	}
	if (e->argc > e->args.n && e->args.n)
		replay_print(o, " ...");
}

void replay_times(struct out *o, const struct event *e)
{
	if (e->n > 1 && e->kind != KT_LOST && e->kind != KT_FOLD)
		replay_print(o, ", %llu times by now",
			     (unsigned long long)e->n);
}

static void print_error(struct out *o, const struct event *e)
{
	replay_print(o, ": %s", strerror((int)e->error));
}

static void print_signal(struct out *o, int64_t n)
{
	out_clean(o, signal_in_words(o->arena, n));
}

/* "was killed by SIGINT", "ended with status 1": `ended` is the verb. */
static void print_end(struct out *o, const struct event *e, const char *killed,
		      const char *ended)
{
	if (e->has_signal) {
		replay_print(o, "%s by ", killed);
		print_signal(o, e->signal);
		return;
	}
	replay_print(o, "%s", ended);
	if (e->has_status)
		replay_print(o, " with status %lld", (long long)e->status);
}

static void print_passed(struct out *o, const struct event *e)
{
	if (e->same) {
		replay_print(o, ", its environment unchanged");
	} else {
		replay_print(o, ", passing %llu variable%s where it held %llu",
			     (unsigned long long)e->vars,
			     e->vars == 1 ? "" : "s",
			     (unsigned long long)e->held);
		print_names(o, ", less ", &e->lost);
	}
	if (e->has_handed && e->handed == KT_HANDED_NOT)
		replay_print(o, "; the recorder is not handed on");
	if (e->has_handed && e->handed == KT_HANDED_OFF)
		replay_print(o, "; the recorder is turned off there");
}

/* --- sentences ------------------------------------------------------------ */

static void print_birth(struct out *o, const struct event *e)
{
	replay_print(o, "begins");
	if (e->parent.len) {
		replay_print(o, str_eq(e->by, STR("thread"))
					? " as a thread of "
					: " as a fork of ");
		out_clean(o, image_pid(e->parent));
	}
	if (e->args.n || e->exe.len) {
		replay_print(o, "%s", e->parent.len ? ": " : " as ");
		print_command(o, e);
	}
	print_held(o, &e->env);
}

static void print_read(struct out *o, const struct event *e)
{
	replay_print(o, "asks for ");
	out_clean(o, e->name);
	replay_print(o, e->found ? ": " : ": not there");
	if (e->found)
		replay_value(o, &e->value);
}

static void print_set(struct out *o, const struct event *e)
{
	replay_print(o, e->has_errno ? "fails to set "
			: e->kept    ? "would set "
				     : "sets ");
	out_clean(o, e->name);
	replay_print(o, " to ");
	replay_value(o, &e->value);
	if (e->kept)
		replay_print(o, ", but leaves the value that it has");
	if (e->has_errno)
		print_error(o, e);
}

static void print_unset(struct out *o, const struct event *e)
{
	replay_print(o, "removes ");
	out_clean(o, e->name);
	if (!e->had_it)
		replay_print(o, ", which was not there");
}

static void print_clear(struct out *o, const struct event *e)
{
	replay_print(o, "clears its environment");
	print_names(o, ", losing ", &e->had);
}

static void print_swap(struct out *o, const struct event *e)
{
	replay_print(o, "changes its environment");
	print_names(o, ", removing ", &e->lost);
	print_values(o, ", setting ", &e->env);
}

static void print_fork(struct out *o, const struct event *e)
{
	replay_print(o, "forks");
	if (e->has_child)
		replay_print(o, " %llu", (unsigned long long)e->child);
}

static void print_exec(struct out *o, const struct event *e)
{
	replay_print(o, e->vfork ? "(its vfork child) becomes " : "becomes ");
	print_command(o, e);
	print_passed(o, e);
}

static void print_spawn(struct out *o, const struct event *e)
{
	replay_print(o, e->has_errno ? "fails to start " : "starts ");
	print_command(o, e);
	if (e->has_child)
		replay_print(o, " as %llu", (unsigned long long)e->child);
	if (e->has_errno)
		print_error(o, e);
	else
		print_passed(o, e);
}

static void print_exec_failed(struct out *o, const struct event *e)
{
	replay_print(o, "could not become ");
	out_clean(o, e->path);
	print_error(o, e);
}

static void print_exit(struct out *o, const struct event *e)
{
	replay_print(o, "%s", e->vfork ? "(its vfork child) " : "");
	print_end(o, e, "is killed", "exits");
}

static void print_wait(struct out *o, const struct event *e)
{
	replay_print(o, "learns that %llu ", (unsigned long long)e->child);
	print_end(o, e, "was killed", "ended");
}

/* Of native code: the kinds that are no class. */
static bool print_raise_of_native(struct out *o, struct str type)
{
	if (str_eq(type, STR("abort")))
		replay_print(o, "calls abort");
	else if (str_eq(type, STR("assert")))
		replay_print(o, "fails an assertion");
	else if (str_eq(type, STR("panic")))
		replay_print(o, "panics");
	else
		return false;
	return true;
}

static void print_raise(struct out *o, const struct event *e)
{
	if (e->at.len && print_raise_of_native(o, e->type))
		return;
	replay_print(o, e->handled ? "handles " : "raises ");
	out_clean(o, e->type);
	replay_print(o,
		     e->handled ? " as it exits" : ", and nobody catches it");
}

static void print_kill(struct out *o, const struct event *e)
{
	if (!e->image.len && e->pid)
		replay_print(o, "process %llu ", (unsigned long long)e->pid);
	else if (!e->image.len)
		replay_print(o, "the kernel ");
	replay_print(o, "sends ");
	print_signal(o, e->signal);
	replay_print(o, " to ");
	if (!e->has_to)
		replay_print(o, e->group ? "every process" : "a process");
	else if (e->group && !e->to)
		replay_print(o, "its own process group");
	else
		replay_print(o, "%s%llu", e->group ? "process group " : "",
			     (unsigned long long)e->to);
}

static void print_copy(struct out *o, const struct event *e)
{
	(void)e;
	replay_print(o, "copies its whole environment");
}

static void print_differ(struct out *o, const struct event *e)
{
	out_clean(o, e->fn);
	if (!e->env.n && !e->lost.n)
		replay_print(o, " is equal to libc's environ again");
	else
		replay_print(o, e->replaced
					? " is another object than it was"
					: " is not equal to libc's environ");
	print_names(o, ", with: ", &e->env);
	print_names(o, ", without: ", &e->lost);
}

static void print_open(struct out *o, const struct event *e)
{
	replay_print(o, e->probe   ? "looks for "
			: e->write ? "opens for writing "
				   : "opens ");
	out_clean(o, e->path);
	if (e->has_errno)
		print_error(o, e);
}

static void print_file(struct out *o, const struct event *e)
{
	out_clean(o, e->path);
	replay_print(o, " assigns ");
	for (size_t i = 0; e->file && i < e->file->n; i++) {
		const struct file_variable *v = &e->file->variables[i];

		replay_print(o, "%s", i ? ", " : "");
		out_clean(o, v->name);
		replay_print(o, " ");
		replay_value(o, &v->value);
	}
	if (!e->file || !e->file->n)
		replay_print(o, "nothing that is watched");
}

static void print_hears(struct out *o, const struct event *e)
{
	(void)e;
	replay_print(o, "shows what its language itself reads from here on");
}

static void print_lost(struct out *o, const struct event *e)
{
	replay_print(o, "could not write %llu events before this",
		     (unsigned long long)e->n);
}

static void print_fold(struct out *o, const struct event *e)
{
	replay_print(o, "goes on, and is only counted: ");
	out_clean(o, folded_in_words(o->arena, e));
}

static void print_full(struct out *o, const struct event *e)
{
	replay_print(
		o,
		"finds the trace full at %llu bytes: the last of the room is "
		"for births, launches and misses",
		(unsigned long long)e->max);
}

static void print_run(struct out *o, const struct event *e)
{
	replay_print(o, "keytrail starts ");
	out_clean(o, e->command);
}

static void print_ran(struct out *o, const struct event *e)
{
	replay_print(o, "the command ");
	print_end(o, e, "was killed", "ended");
}

typedef void sentence(struct out *, const struct event *);

static sentence *const sentences[KT_EVENT_COUNT] = {
	[KT_BIRTH] = print_birth,      [KT_READ] = print_read,
	[KT_SET] = print_set,	       [KT_UNSET] = print_unset,
	[KT_CLEAR] = print_clear,      [KT_SWAP] = print_swap,
	[KT_FORK] = print_fork,	       [KT_EXEC] = print_exec,
	[KT_SPAWN] = print_spawn,      [KT_EXEC_FAILED] = print_exec_failed,
	[KT_EXIT] = print_exit,	       [KT_WAIT] = print_wait,
	[KT_HEARS] = print_hears,      [KT_LOST] = print_lost,
	[KT_RAISE] = print_raise,      [KT_KILL] = print_kill,
	[KT_COPY] = print_copy,	       [KT_FOLD] = print_fold,
	[KT_FULL] = print_full,	       [KT_RUN] = print_run,
	[KT_RAN] = print_ran,	       [KT_DIFFER] = print_differ,
	[KT_OPEN] = print_open,	       [KT_FILE] = print_file,
	[KT_REQUEST] = replay_request, [KT_RESPONSE] = replay_response,
	[KT_UNSEEN] = replay_unseen,
};

bool has_sentence(const struct event *e)
{
	return sentences[e->kind];
}

void replay_sentence(struct out *o, const struct event *e)
{
	sentences[e->kind](o, e);
}
