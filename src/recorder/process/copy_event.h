/* The event "copy": the program took all of its environment in its own
 * language, so that later reads may be of the copy. */
#ifndef RECORDER_COPY_EVENT_H
#define RECORDER_COPY_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "recorder/process/source_pos.h"

/* Once for each place. `fn`: "os.environ", "process.env", "ENV". `image_id`:
 * NULL for this process. */
void record_copy(const char *fn, const struct source_pos *place,
		 callers_finder *, const char *image_id);

/* Code whose copy hides no read of a credential: the environment of a child, a
 * search for proxies, values to restore or to put into other values. Each
 * language has rows: a part of the path, in lower case. */
typedef char copy_path_part[28];
bool copy_is_harmless(const char *file, const copy_path_part *rows,
		      size_t count);

#endif
