/* The source of JavaScript that was compiled, bundled or minified: the position
 * in the script, as recorded, becomes the line of the source that its map
 * tells. A place in a script that is evidently compiled, and has no map, is
 * marked (COMPILED_MARK).
 *
 * Scripts and maps are read where the trace was made: not for a packed file,
 * and not for strangers. A script that was changed since the event is not
 * believed.
 */
#ifndef SYMBOLS_SOURCE_MAPS_H
#define SYMBOLS_SOURCE_MAPS_H

#include "trace/trace.h"

/* Of each event of a sorted trace: changes `site`, `column` and `callers`. The
 * position in the script stays in `generated`. */
void source_maps_resolve(struct arena *, struct trace *);

#endif
