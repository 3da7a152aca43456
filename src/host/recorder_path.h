/* Where the recorder is: libkeytrail.so, to be preloaded. */
#ifndef HOST_RECORDER_PATH_H
#define HOST_RECORDER_PATH_H

#include "base/arena.h"

/* The path in KEYTRAIL_LIB, else beside this program, else where `make install`
 * puts the recorder. `http`: the recorder that hears HTTP, too, in the
 * directory http/ beside. The file may be missing. */
const char *recorder_path(struct arena *, bool http);

/* Why this file cannot be the recorder, or null. */
const char *recorder_path_flaw(const char *path);

/* The loader splits LD_PRELOAD at blanks and colons. */
bool recorder_path_can_be_named(const char *path);

#endif
