/* Formats: ways to print a report.
 *
 * To add one: write src/formats/NAME.c defining `const struct format
 * format_NAME`. The build finds the file, and `report -f NAME` works. A format
 * prints the report only, not the path of the trace: a packed trace must have
 * the same report. */
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
