/* Was a signal sent to us alone, or to our whole process group? The kernel does
 * not say. So a process of our group, the probe, does nothing but block all
 * signals: a signal which waits for the probe was sent to the group, and the
 * command has got the signal as well. */
#ifndef COMMANDS_RUN_GROUP_SIGNAL_H
#define COMMANDS_RUN_GROUP_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct group_probe {
	pid_t pid;	   /* 0: no process could be made */
	uint64_t received; /* by earlier probes, bit 0 is signal 1; each until
			    * asked for */
};

/* All signals of the calling process must be blocked. */
void group_probe_start(struct group_probe *);

/* True when the signal, which we received, was sent to the probe as well.
 * Returns false after a few milliseconds. */
bool group_probe_received(struct group_probe *, int signal);

/* Harmless without a probe. */
void group_probe_end(struct group_probe *);

#endif
