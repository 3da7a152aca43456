/* Paths as text: nothing is looked up in the file system. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/arena.h"
#include "base/str.h"

/* True for a path inside FOLDER, however deep. Nothing is below the root
 * directory, in which everything lies, or below an empty path. */
bool path_is_below(struct str path, struct str folder);

/* The part of `path` behind FOLDER and its slash; all of `path` where
 * path_is_below() is false. A view. */
struct str path_behind(struct str path, struct str folder);

/* The part before the last slash, "/" for "/x". A view. */
struct str path_parent(struct str path);

/* `path` as seen from FOLDER: "config/.env" below, "../.env" in a directory
 * above; else the whole path. Both are absolute. */
struct str path_from(struct arena *, struct str folder, struct str path);

#endif
