/* The event "copy": the program took all of its environment in its own
 * language, so that later reads may be of the copy. */
#ifndef RECORDER_COPY_EVENT_H
#define RECORDER_COPY_EVENT_H

#include "recorder/process/source_pos.h"

/* Once for each place. `fn`: "os.environ", "process.env". `image_id`: NULL for
 * this process. */
void record_copy(const char *fn, const struct source_pos *place,
		 callers_finder *, const char *image_id);

#endif
