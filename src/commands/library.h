/* Where the recorder is: libkeytrail.so, to be preloaded. */
#ifndef COMMANDS_LIBRARY_H
#define COMMANDS_LIBRARY_H

#include "base/arena.h"

/* The path in KEYTRAIL_LIB, else beside this program, else where `make install`
 * puts the recorder. The file may be missing. */
const char *library_expected(struct arena *);

/* Why this file cannot be the recorder, or null. */
const char *library_flaw(const char *path);

/* The loader splits LD_PRELOAD at blanks and colons. */
bool library_can_be_named(const char *path);

#endif
