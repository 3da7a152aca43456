/* Formats: ways of telling a report.
 *
 * To add one: write src/formats/NAME.c defining `const struct format
 * format_NAME`. The build finds it, and `report -f NAME` works. A format
 * says only what stands in the report, and nothing of where the trace lies:
 * a packed trace must be told in the same words. */
#ifndef FORMATS_FORMATS_H
#define FORMATS_FORMATS_H

#include "base/out.h"
#include "model/finding.h"

struct format {
	const char *name;
	void (*write)(struct out *, const struct report *);
};

extern const struct format *const formats[]; /* generated, null-terminated */

#endif
