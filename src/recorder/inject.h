/* The envp handed on: ours added, the caller's untouched. */
#ifndef RECORDER_INJECT_H
#define RECORDER_INJECT_H

#include <stddef.h>

#include "keytrail/trace.h"

/* Decides what becomes of our two variables in envp. */
enum injection { INJECT_NOTHING, INJECT_US, INJECT_REMOVE };

enum injection inject_choose(char *const *envp, enum kt_target target,
			     enum kt_handed *ret);

/* Bytes that inject_build needs, 0 for INJECT_NOTHING. */
size_t inject_size(char *const *envp, enum injection);

/* Builds the environment in `space`; its strings are the caller's and ours. */
char *const *inject_build(void *space, char *const *envp, enum injection);

#endif
