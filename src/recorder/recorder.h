/* The recorder on one page: a library inside of every process.
 *
 * A hook (hooks/) calls the real function (real.h) and records the event
 * (image.h, env_state.h, exec_event.h). dedup.h counts equal events, and fold.h
 * counts similar events. An event is one line of JSON on the stack
 * (event_line.h). The line is copied into the trace (segment.h), or counted as
 * lost. watched_names.h knows the names of credentials. Only secret.c reads a
 * value. runtimes/ asks interpreters for the position in their programs.
 *
 * Rules for all of this code: no heap, no locks, no stdio, no descriptor kept
 * open, no call into libc except the call made by the host. errno is restored.
 * Frames are small. Everything is safe in a vfork child and in a signal
 * handler. On any trouble: count the loss, and return. */
#ifndef RECORDER_RECORDER_H
#define RECORDER_RECORDER_H

#include "recorder/lib/clock.h"
#include "recorder/lib/host_errno.h"
#include "recorder/process/reentry.h"
#include "recorder/state/process_globals.h"

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

#endif
