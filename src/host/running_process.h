/* An already running process, as /proc shows it to this user. Nothing is
 * written, and no other process is stopped. */
#ifndef HOST_RUNNING_PROCESS_H
#define HOST_RUNNING_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"

enum look { LOOK_ALLOWED, LOOK_FORBIDDEN, LOOK_GONE };

enum { RUNNING_NAME_BYTES = 64, RUNNING_GROUPS = 64 };

struct running_process {
	pid_t pid, parent;
	pid_t own_pid;	/* as its own pid namespace counts */
	pid_t leader;	/* of a thread: the process; else `pid` */
	uint64_t start; /* CLOCK_BOOTTIME in ns, less than a tick early */
	uid_t uid;	/* effective */
	gid_t gid;	/* effective */
	gid_t groups[RUNNING_GROUPS];
	size_t n_groups;
	char state; /* Z: has ended */
	char name[RUNNING_NAME_BYTES];

	/* The two variables at the start of the program, or null. No other
	 * variable is kept. KEYTRAIL may hold a key: never to be printed. */
	const char *preload, *settings;

	const char *exe;     /* "": a thread of the kernel, or has ended */
	const char *library; /* the recorder's file in memory, or null */
	const char *segment; /* the recorder's segment, or null */
	uint64_t segment_inode;
	bool segment_is_removed;
	bool is_secure; /* the loader obeys no variable (AT_SECURE) */
};

/* Identity of a process, and of the parent. False: no process. */
bool running_process_name(pid_t, struct running_process *);

/* Identity and environment of a process: of ancestors, this is all. */
enum look running_process_environment(struct arena *, pid_t,
				      struct running_process *);

/* The same, and the contents of memory. */
enum look running_process_look(struct arena *, pid_t, struct running_process *);

/* An open file or directory of the process, below /proc/PID. */
int running_process_open(pid_t, const char *name, int flags);

#endif
