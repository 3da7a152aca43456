/* The path of a source that a source map names. */
#ifndef SHARED_SOURCE_MAP_PATH_H
#define SHARED_SOURCE_MAP_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Puts the path of `source`, below `root` ("" or the map's sourceRoot). A
 * relative path is relative to the file `base`: the map, or the script around
 * an inline map. A bundler's URL (webpack://app/./src/a.ts) becomes a path
 * below the project, "./src/a.ts". False: `source` is no file, or the path is
 * too long. */
bool source_map_path(char *ret, size_t size, const char *base, const char *root,
		     const char *source);

/* Takes the dots out of a path: a/./b/../c becomes a/c. */
void path_normalize(char *path);

/* Undoes %20 and the like, in place. */
void percent_decode(char *text);

#endif
