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

#include "recorder/lib/clock.h"
#include "recorder/lib/host_errno.h"
#include "recorder/process/reentry.h"
#include "recorder/state/process_globals.h"

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

#endif
