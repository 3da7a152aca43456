/* The recorder on one page: a guest in every process.
 *
 * A hook (hook_*.c) calls the real function (real.h) and says what happened
 * (image.h, env_state.h, dedup.h); that becomes one line of JSON on the stack
 * (event_line.h), which goes into the trace (segment.h) or is counted as lost.
 * Values are opened in secret.c alone; watched_names.c knows which names count;
 * exec_event.c judges and prepares what an exec or spawn passes on.
 *
 * The oath: no heap, no locks, no stdio, no kept descriptor, no call into libc
 * but the one the host made, errno given back, frames small, safe in a vfork
 * child and in a signal handler. On any trouble: count the loss, step aside.
 */
#ifndef RECORDER_RECORDER_H
#define RECORDER_RECORDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/state/settings.h"
#include "recorder/process/fold.h"
#include "recorder/process/env_state.h"
#include "recorder/state/dedup.h"
#include "recorder/secrets/value_filter.h"

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

/* The environment of the host; NULL address before the loader is done. */
extern char **environ __attribute__((weak));

/* What must not outlive a fork: zero in the child, by whatever road it came
 * (MADV_WIPEONFORK). Threads share it, so it is atomic. */
struct life {
	_Atomic uint64_t born; /* t of the birth; 0: not born yet */
	_Atomic uint32_t being_born;
	int32_t pid;
	_Atomic uint32_t threads; /* that have spoken */
	atomic_bool knows_stacks; /* see unwind.c */
	_Atomic uint64_t lost, told_lost;
	struct dedup dedup;
	struct folds folds;
	struct failed_exec {
		_Atomic uint32_t taken;
		uint32_t count;
		int error;
		uint64_t t;
		const char *fn;
		uint32_t vfork_pid;
		char name[64];
	} failed;
};

/* Everything we keep, in pages of our own: never in a core. What every image
 * touches lies together, for each page costs a fault. */
struct process_globals {
	uint64_t seed;	    /* of secret_tag */
	uint32_t euid;	    /* at birth */
	bool wiped_by_hand; /* no MADV_WIPEONFORK: the fork hooks do it */
	char parent[48];    /* id of the image we were forked from, or "" */
	char self[48];	    /* id of this image: becomes parent in a fork */
	struct settings settings;
	char exe[PATH_BYTES / 2];
	bool hides_exe;		  /* its path is a secret */
	char args[LINE_BYTES];	  /* "args":[...],"argc":N as first written */
	char python_library[256]; /* directory of Python's own modules */
	struct value_filter value_filter; /* of all values that were met */
	struct env_state env_state;
	_Alignas(4096) struct life life;
};

extern struct process_globals *globals; /* NULL: not started, or off */

struct thread {
	bool inside;  /* the recorder is at work in this thread */
	bool vforked; /* between vfork and the child's exec or _exit */
	uint32_t number;
	uint64_t born; /* the image that `number` belongs to */
};
extern __thread struct thread thread;

/* May we record? False inside ourselves and when off. Notices a fork that no
 * hook saw. Every true is paired with recorder_leave(). */
bool recorder_enter(void);
void recorder_leave(void);

/* Enters even before a fork's child has its birth: for the fork hooks. */
bool recorder_enter_unborn(void);

/* dedup_count_if_due for this image. */
uint64_t count_event(uint64_t tag, uint64_t always);

/* The one that the program began with; in a fork's child, the one that forked.
 */
bool is_main_thread(void);

uint64_t now(void);	    /* CLOCK_MONOTONIC in ns, without a system call */
uint64_t wall_ms(void);	    /* CLOCK_REALTIME in ms */
uint64_t boot_second(void); /* CLOCK_REALTIME when CLOCK_BOOTTIME was 0 */
void clock_start(void);

/* From now on without the time stamp counter: a tick of some ms, but never
 * back. For good, and in children too. */
void clock_coarsen(void);

/* The host's errno. Ours to read after a call that the host made, to write
 * only where we stand in for a function that its libc lacks. */
int host_errno(void);
void host_set_errno(int error);

#endif
