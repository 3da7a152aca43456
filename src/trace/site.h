/* A site, the place of an event: FILE:LINE, MODULE+0xOFFSET, or a function or
 * a script alone. */
#ifndef TRACE_SITE_H
#define TRACE_SITE_H

#include <stdint.h>
#include "base/str.h"

/* The end of a site in code that a compiler or bundler wrote, when no map tells
 * the source. */
#define COMPILED_MARK " (compiled)"

bool site_is_marked(struct str site);
struct str site_without_mark(struct str site);

/* The file of FILE:LINE; any other site as it is. */
struct str site_file(struct str site);

/* The line of FILE:LINE, or 0. */
uint64_t site_line(struct str site);

/* The module of MODULE+0xOFFSET; any other site as it is. */
struct str site_module(struct str site);

/* True for two lines of one file, and two offsets in one module. A site without
 * line or offset is in the same file as its equal alone. */
bool sites_share_file(struct str a, struct str b);

#endif
