/* Places of the program as people name them. A site is "FILE:LINE", a script,
 * or "module+0xOFFSET". */
#ifndef MODEL_PLACE_H
#define MODEL_PLACE_H

#include "model/model.h"

/* True for FILE:LINE. */
bool place_has_line(struct str site);

/* True for the script that pip made to start a package: PREFIX/bin/NAME, where
 * code below PREFIX/lib/python* is on the way to the event. The user wrote no
 * line of such a script. */
bool is_entry_script(const struct event *, struct str path);

/* The first line of the event or of its callers that lies outside of libraries,
 * tools and runtimes. len 0: none does, or no line is known. */
struct str own_line_of(const struct event *);

/* The package of a site in a library; len 0: the site lies in no library. */
struct str place_library(struct str site);

/* True when the file of FILE:LINE was written after the event, so that another
 * line may have the number now. */
bool place_was_edited(const struct trace *, struct str site);

/* HASH of /tmp/ipykernel_PID/HASH.py: Jupyter compiles a cell under the hash of
 * its text, and writes no such file. len 0: another place. */
struct str place_cell(struct str site);

/* Without "file://". */
struct str place_without_scheme(struct str site);

/* The path below the working directory of the process; else the name of the
 * file, in brackets behind the name of its package: "openai (_client.py:7)". */
struct str place_in_words(struct arena *, const struct image *,
			  struct str site);

#endif
