/* The lines of `keytrail run` in the trace: the command, and the command's end.
 * In run.jsonl; in run-PID-RANDOM.jsonl where another user has the name
 * run.jsonl. */
#ifndef COMMANDS_RUN_EVENTS_H
#define COMMANDS_RUN_EVENTS_H

#include <signal.h>
#include <sys/types.h>
#include <time.h>
#include "base/opts.h"
#include "keytrail/trace.h"

struct run_events {
	int dir; /* the trace directory */
	char name[64];
};

/* False, with errno, when no file can be made in `dir`. No descriptor stays
 * open. */
bool run_events_open(int dir, struct run_events *ret);

struct run_start {
	uint64_t t; /* monotonic, in ns */
	pid_t pid;
	const char *command;
	enum kt_target target;
	bool launcher; /* see run_self_wrapper.h */
	bool no_env_files;
	bool http; /* requests of HTTP are recorded */
	const struct texts *watch;
};

/* False, with errno, when a line cannot be written. `status` is wait's. */
bool run_events_start(const struct run_events *, struct arena *,
		      const struct run_start *);
bool run_events_end(const struct run_events *, pid_t, int status);

/* A signal that stops: received by us, and about to reach the command. Told
 * once a second. */
void run_events_signal(const struct run_events *, pid_t command,
		       const siginfo_t *);

/* Appends a line of the caller's. False, with errno, when that failed. */
bool run_events_append(const struct run_events *, struct str line);

uint64_t clock_now(clockid_t, uint64_t unit);

#endif
