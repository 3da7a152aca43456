/* A trace in memory, for tests of the model: each event is written by say(). A
 * test is set up by begin() and torn down by end(). */
#ifndef UNIT_MODEL_EVENTS_H
#define UNIT_MODEL_EVENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "trace/trace.h"

static struct arena *arena;
static struct event events[64];
static struct trace trace;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	trace = (struct trace){.events = events};
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* The next event. Events of one boot are written in order of time. */
static struct event *say(enum kt_event kind, uint64_t t, const char *image)
{
	struct event *e = &events[trace.n++];

	assert_true(trace.n <= sizeof events / sizeof *events);
	*e = (struct event){.kind = kind,
			    .t = t,
			    .n = 1,
			    .thread = 1,
			    .name = STR("A_KEY")};
	e->image = str_of(image);
	return e;
}

#endif
