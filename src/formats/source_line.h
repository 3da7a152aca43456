/* The line of source that a place names, where it may be shown. */
#ifndef FORMATS_SOURCE_LINE_H
#define FORMATS_SOURCE_LINE_H

#include "model/finding.h"

/* The masked line at FILE:LINE. len 0: not to be shown. Shown are lines for a
 * view with `source`, of a trace of directories only, from a regular file with
 * one name, of the caller or of the trace's owner, below the working directory
 * of the image, which has not changed since the image began. */
struct str source_line(struct arena *, const struct report *,
		       const struct image *, struct str site);

#endif
