/* The list of libraries in LD_PRELOAD, with the recorder in the list.
 *
 * The recorder stands before all libraries of the user, except the runtimes of
 * sanitizers. Where the next program's own runtime must come before the
 * recorder, the runtime is added and the recorder stands behind all of the
 * list: the order is that of the program without a recorder. ": :", not one
 * colon, lies between the added runtime and the recorder. Loaders take ": :"
 * for a separator like any other, and the recorder knows by ": :" that the user
 * did not name the runtime. */
#ifndef SHARED_PRELOAD_LIST_H
#define SHARED_PRELOAD_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define PRELOAD_NAME "LD_PRELOAD="

struct preload {
	const char
		*library; /* the recorder's; other copies have its file name */
	const char *runtime; /* must come before the recorder; "": none */
};

/* `paths` is the value of LD_PRELOAD in each function; NULL is an empty list.
 */
bool preload_has_us(const char *paths, const char *library);

/* True when preload_write would change nothing. */
bool preload_is_made(const char *paths, const struct preload *with);

/* Writes PRELOAD_NAME and the list, with the recorder or without. At most
 * preload_size() bytes are written, the null byte included. */
void preload_write(char *to, size_t size, const char *paths,
		   const struct preload *with, bool with_us);
size_t preload_size(const char *paths, const char *library);

/* Takes a runtime out of the list, in place, when ": :" follows the runtime. */
void preload_take_out_added(char *paths);

#endif
