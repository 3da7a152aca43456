/* The envp handed on: ours added, the caller's untouched. */
#ifndef RECORDER_INJECT_H
#define RECORDER_INJECT_H

#include <stddef.h>

#include "keytrail/trace.h"
#include "recorder/target.h"

enum injection { INJECT_NOTHING, INJECT_US, INJECT_REMOVE };

/* Decides what becomes of our two variables in envp. */
enum injection inject_choose(char *const *envp, const struct target *,
			     enum kt_handed *ret);

/* Bytes that inject_build needs, 0 for INJECT_NOTHING. */
size_t inject_size(char *const *envp, enum injection);

/* Builds the environment in `space`; its strings are the caller's and ours.
 * `runtime` ("" for none) goes before us. */
char *const *inject_build(void *space, char *const *envp, enum injection,
			  const char *runtime);

#endif
