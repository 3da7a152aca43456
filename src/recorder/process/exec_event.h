/* Events of exec and spawn: the target, the arguments, the environment passed
 * on. */
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
	/* arguments of the caller */
	const char *fn, *path;
	char *const *argv;
	char *const *envp;
	const void *caller;
	int dirfd;   /* AT_FDCWD, or the directory of a relative path */
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

/* May the recorder read the arguments of the caller? Where the kernel would
 * answer EFAULT, a read by the recorder would end the host. The kernel is asked
 * about the addresses of path, argv and envp. The pointers within argv and envp
 * must at least not be near zero. */
bool exec_event_is_readable(const struct exec_event *);

void exec_event_begin(struct exec_event *);

/* Leaves the recorder, and makes the caller's call. The environment is the
 * caller's, or a rebuilt copy whose memory lasts as long as the call. `how` is
 * passed to `call`. */
typedef int exec_event_function(const struct exec_event *, const void *how,
				char *const *envp);
int exec_event_call(const struct exec_event *, exec_event_function *,
		    const void *how);

/* After E2BIG: prepares another attempt without the recorder in the
 * environment. The next program will not be observed. False when the first
 * attempt was already without the recorder. */
bool exec_event_without_preload(struct exec_event *);

/* Records an exec before the call. Nothing is recorded for a missing file,
 * since such an exec cannot succeed. */
void record_exec(const struct exec_event *);
void exec_event_failed(const struct exec_event *, int error);

/* Records a spawn. `child` is 0 for an unknown pid, `error` 0 for success. */
void record_spawn(const struct exec_event *, uint32_t child, int error);

/* Records failed execs that were followed by no successful exec of the same
 * search. */
void record_exec_failures(void);

#endif
