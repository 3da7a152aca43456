/* The source position of an act in the program's own language.
 *
 * Python's os.environ["K"] = v ends in setenv, and Python's subprocess in
 * execve. The runtime's adapter notes file and line just before libc is called,
 * and the event of the hook then has the position as "site" and "in". */
#ifndef RECORDER_SOURCE_POS_H
#define RECORDER_SOURCE_POS_H

#include <stdbool.h>
#include <stdint.h>

#include "recorder/process/callers.h"
#include "recorder/trace/event_line.h"

enum {
	SOURCE_POS_FILE = 256,
	SOURCE_POS_FUNCTION = 64,
	SOURCE_POS_SCRIPT = 128
};

/* Of a script that was compiled: where the source map is. */
enum source_pos_map {
	SOURCE_POS_NO_MAP,
	SOURCE_POS_MAP_UNREAD, /* where it is was not looked at yet */
	SOURCE_POS_MAP_INLINE,
	SOURCE_POS_MAP_SILENT, /* inline, and tells no source of the place */
	SOURCE_POS_MAP_FILE
};

struct source_pos {
	uint64_t line, column; /* 0: not known */
	/* The same in the script that runs, where a map told the source; else
	 * 0. */
	uint32_t script_line, script_column;
	enum source_pos_map map;
	char file[SOURCE_POS_FILE], function[SOURCE_POS_FUNCTION];
	char script[SOURCE_POS_SCRIPT]; /* where it is another file; or "" */
};

/* True for a place in a script that could not be mapped to the source. */
static inline bool source_pos_is_compiled(const struct source_pos *p)
{
	return p->map && p->map != SOURCE_POS_MAP_FILE && !p->script_line;
}

void source_pos_set(struct source_pos *, const char *file, uint64_t line,
		    const char *function);

/* Completes a position: the function's name, or the place in the source. */
typedef void function_finder(struct source_pos *);

/* The position of this thread, for the next event, and the callers of that
 * position: filled in beforehand, or found when the event is written. */
typedef void callers_finder(struct callers *);
struct source_pos *source_pos_current(void);
struct callers *source_pos_callers(void);
void source_pos_find_callers_by(callers_finder *);
void source_pos_clear(void);

/* The position is that of the next call of libc and no other: the hook of the
 * call clears it. */
void source_pos_end_with_call(void);
bool source_pos_is_for_one_call(void);

/* Hashes: of all but the function's name; of file and function. */
uint64_t source_pos_hash(const struct source_pos *);
uint64_t source_pos_function_hash(const struct source_pos *);

/* Puts "site", "column", "generated" or "map", and "in", as far as known. */
void source_pos_put(struct event_line *, const struct source_pos *);

/* Puts "place" and, the first time in this image, "callers". To come last. */
void source_pos_put_callers(struct event_line *, const struct source_pos *,
			    const struct callers *);

/* Finds the callers, then the same. For events that are told once. */
void source_pos_put_callers_by(struct event_line *, const struct source_pos *,
			       callers_finder *);

/* The same for the current position. */
void source_pos_put_current_callers(struct event_line *);

#endif
