/* An exec or spawn: what it is about to become, what it passes on. */
#ifndef RECORDER_EXEC_EVENT_H
#define RECORDER_EXEC_EVENT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keytrail/trace.h"
#include "recorder/process/preload_env.h"

enum search { AS_IT_STANDS, ALONG_PATH };

struct exec_event {
	/* the caller's own words */
	const char *fn, *path;
	char *const *argv;
	char *const *envp;
	const void *caller;
	int dirfd;   /* AT_FDCWD, or what path is relative to */
	bool search; /* along PATH, when path has no slash */

	/* found out by exec_event_begin */
	uint64_t t;
	uint32_t vfork_pid; /* the caller is a vfork child with this pid */
	struct exec_target target;
	enum kt_handed handed;
	enum preload_change injection;
};

static inline struct exec_event
exec_event_of(const char *fn, const char *path, char *const *argv,
	      char *const *envp, enum search search, const void *caller)
{
	return (struct exec_event){.fn = fn,
				   .path = path,
				   .argv = argv,
				   .envp = envp,
				   .caller = caller,
				   .dirfd = AT_FDCWD,
				   .search = search == ALONG_PATH};
}

/* May we look at what the caller passed? Where the kernel would answer EFAULT
 * we must not end the host instead: the addresses of the three are asked for,
 * those in the lists must at least not be near to zero. */
bool exec_event_is_readable(const struct exec_event *);

void exec_event_begin(struct exec_event *);

/* Makes the caller's call with the environment to pass: the caller's own, or
 * one rebuilt in memory that lasts as long as the call does. `how` is handed to
 * `call`. Leaves the recorder before it. */
typedef int exec_event_function(const struct exec_event *, const void *how,
				char *const *envp);
int exec_event_call(const struct exec_event *, exec_event_function *,
		    const void *how);

/* The environment was too large with us in it: the next attempt goes without,
 * and what it becomes will be out of sight. False when we were not in it. */
bool exec_event_without_preload(struct exec_event *);

/* Tells an exec before it happens; one that cannot succeed is not told. */
void record_exec(const struct exec_event *);
void exec_event_failed(const struct exec_event *, int error);

/* Tells a spawn: `child` 0 when it is not known, `error` when it failed. */
void record_spawn(const struct exec_event *, uint32_t child, int error);

/* Tells failed execs that no later one made good. */
void record_exec_failures(void);

#endif
