/* The signals that the trace tells of: both programs tell the same ones. */
#ifndef SHARED_STOP_SIGNAL_H
#define SHARED_STOP_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Sent to stop a process, or taken so by many programs: nodemon sends USR2,
 * gunicorn sends ABRT to a worker that hangs. 0 only asks. */
static inline bool signal_stops(int number)
{
	const uint32_t stopping = 1u << SIGHUP | 1u << SIGINT | 1u << SIGQUIT |
				  1u << SIGABRT | 1u << SIGKILL |
				  1u << SIGUSR2 | 1u << SIGTERM;

	return number > 0 && number < 32 && stopping >> number & 1;
}

#endif
