/* An open of an env or secret file, or a question whether the file is there.
 * Paths of other files are not looked at twice, and not counted. */
#ifndef RECORDER_OPEN_EVENT_H
#define RECORDER_OPEN_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "recorder/process/source_pos.h"

struct open_event {
	const char *fn, *path;
	int directory; /* of a relative path; AT_FDCWD: the current directory */
	int error;     /* 0: no error */
	bool is_probe, is_write;
	const void *caller;		/* or NULL */
	const struct source_pos *place; /* or NULL */
	callers_finder *find_callers;	/* of `place`; or NULL */
	const struct callers *callers;	/* found already; or NULL */
};

/* Could the path be of such a file? Answers most paths by their last few
 * bytes: an ordinary open may cost 10 ns more, and no more. */
bool open_may_be_told(const char *path);

/* Inside the recorder only, and only when open_may_be_told(). */
void record_open(const struct open_event *);

#endif
