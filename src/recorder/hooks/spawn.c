/* posix_spawn, and the functions that run a shell. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "recorder/process/exec_event.h"
#include "recorder/runtimes/interpreter.h"
#include "recorder/hooks/real.h"
#include "recorder/recorder.h"
#include "recorder/lib/syscall.h"

struct spawn {
	__typeof__(posix_spawn) *real;
	pid_t *pid;
	const posix_spawn_file_actions_t *actions;
	const posix_spawnattr_t *attributes;
};

static int call_real(const struct exec_event *h, const void *how,
		     char *const *envp)
{
	const struct spawn *s = how;

	return s->real(s->pid, h->path, s->actions, s->attributes, h->argv,
		       envp);
}

/* Makes one attempt, and records the attempt with the outcome. */
static int attempt(const struct spawn *s, const struct exec_event *h)
{
	int error = exec_event_call(h, call_real, s);

	if (recorder_enter())
		record_spawn(h, error ? 0 : (uint32_t)*s->pid, error);
	return error;
}

static int spawn(struct spawn *s, struct exec_event *h)
{
	pid_t own_pid = 0;
	int error;

	if (!exec_event_is_readable(h) || !recorder_enter())
		return call_real(h, s, h->envp);
	if (!s->pid)
		s->pid = &own_pid;
	exec_event_begin(h);
	interpreter_on_launch(h);
	error = attempt(s, h);
	if (error == E2BIG && exec_event_without_preload(h))
		error = attempt(s, h);
	recorder_leave();
	return error;
}

#define SPAWN(function, search)                                                \
	EXPORT int function(pid_t *pid, const char *path,                      \
			    const posix_spawn_file_actions_t *actions,         \
			    const posix_spawnattr_t *attributes,               \
			    char *const argv[], char *const envp[])            \
	{                                                                      \
		struct spawn s = {REAL(function), pid, actions, attributes};   \
		struct exec_event h = exec_event_of(#function, path, argv,     \
						    envp, search, CALLER);     \
                                                                               \
		return spawn(&s, &h);                                          \
	}

SPAWN(posix_spawn, AS_IT_STANDS)
SPAWN(posix_spawnp, ALONG_PATH)

/* ---- a shell of libc's own ----------------------------------------------- */

/* system and popen pass environ itself. When environ lacks the recorder, or
 * holds a preload that the loader complains about, another array replaces
 * environ during the call, provided that no other thread can see the
 * replacement. Otherwise the shell is a gap. */
struct shell {
	char *argv[4];
	struct exec_event handover;
	bool is_heard;
	char **environ_before; /* NULL: environ was not replaced */
	void *space;
	size_t size;
};

extern char __libc_single_threaded __attribute__((weak)); /* glibc 2.32 */

static void exchange_environ(struct shell *s, struct exec_event *h)
{
	bool is_alone = &__libc_single_threaded && __libc_single_threaded;

	s->size = preload_env_size(h->envp, h->injection);
	s->space = s->size && is_alone ? sys_memory(s->size) : NULL;
	if (!s->space) {
		if (h->handed == KT_HANDED_ADDED)
			h->handed = KT_HANDED_NOT;
		return;
	}
	s->environ_before = environ;
	environ = (char **)(uintptr_t)preload_env_build(
		s->space, h->envp, h->injection, h->target.runtime);
}

static __attribute__((noinline)) void before_shell(struct shell *s,
						   const char *fn,
						   const char *line,
						   const void *caller)
{
	*s = (struct shell){.argv = {(char *)(uintptr_t) "sh",
				     (char *)(uintptr_t) "-c",
				     (char *)(uintptr_t)line}};
	s->handover = exec_event_of(fn, "/bin/sh", s->argv, environ,
				    AS_IT_STANDS, caller);
	s->is_heard = line && recorder_enter();
	if (!s->is_heard)
		return;
	exec_event_begin(&s->handover);
	interpreter_on_launch(&s->handover);
	exchange_environ(s, &s->handover);
	recorder_leave();
}

static void record_shell(const struct shell *s, int error)
{
	if (!s->is_heard || !recorder_enter())
		return;
	record_spawn(&s->handover, 0, error);
	recorder_leave();
}

static void after_shell(const struct shell *s)
{
	if (!s->environ_before || environ != s->space)
		return; /* or a signal handler set a variable: keep that */
	environ = s->environ_before;
	SYS(munmap, s->space, s->size);
}

/* Recorded before the call, which lasts as long as the shell. */
EXPORT int system(const char *line)
{
	struct shell s;
	int result;

	before_shell(&s, "system", line, CALLER);
	record_shell(&s, 0);
	result = REAL(system)(line);
	after_shell(&s);
	return result;
}

EXPORT FILE *popen(const char *line, const char *mode)
{
	struct shell s;
	FILE *result;

	before_shell(&s, "popen", line, CALLER);
	result = REAL(popen)(line, mode);
	after_shell(&s);
	record_shell(&s, result ? 0 : host_errno());
	return result;
}
