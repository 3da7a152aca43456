/* The source of a place in JavaScript that was compiled in memory (tsx,
 * ts-node, a development server): only V8 has the script's inline source map. A
 * place in a script with a map file keeps its position, and the analyzer reads
 * the file.
 *
 * A map is decoded where it lies, as a stream, once for a place, as long as all
 * of it costs the process little. */
#ifndef RECORDER_V8_SOURCE_MAP_H
#define RECORDER_V8_SOURCE_MAP_H

#include <stdbool.h>

#include "recorder/process/source_pos.h"
#include "recorder/runtimes/v8/v8.h"

/* `place`: the position of `frame` in its script, which becomes the position in
 * the source where that is known. `is_important`: all of the budget may be
 * spent, not only a quarter. */
void v8_map_frame(void *isolate, local frame, bool is_important,
		  struct source_pos *place);

/* Is this what V8 has in place of a URL the URL of a map? */
bool v8_is_map_url(local url);

/* The same for a script of which the URL of the map is known. */
void v8_map_by_url(void *isolate, local url, struct source_pos *place);

/* The same for a place that was looked up before, in another event. Another
 * place of a script that was met is marked as compiled. */
void v8_map_again(void *isolate, struct source_pos *place);

/* Does the script of this frame say that it has a map? */
bool v8_has_map(local frame);

/* Was an inline map met in this process? */
bool v8_has_met_maps(void);

/* True for a place that a map may change. */
bool v8_may_map(const struct source_pos *place);

#endif
