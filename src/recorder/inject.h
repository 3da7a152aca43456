/* The envp handed on: ours added, the caller's untouched. */
#ifndef RECORDER_INJECT_H
#define RECORDER_INJECT_H

#include <stddef.h>

#include "keytrail/trace.h"
#include "recorder/target.h"

enum injection {
	INJECT_NOTHING, /* pass envp itself */
	INJECT_US,
	INJECT_REMOVE, /* our library would only make the loader complain */
	INJECT_BARE,   /* neither of our variables: space is short */
};

/* Decides what becomes of our two variables in envp. */
enum injection inject_choose(char *const *envp, const struct target *,
			     enum kt_handed *ret);

/* What to pass when the kernel found the environment too large (E2BIG): what
 * the caller would have passed without us. */
enum injection inject_less(char *const *envp);

/* Bytes that inject_build needs, 0 for INJECT_NOTHING. */
size_t inject_size(char *const *envp, enum injection);

/* Builds the environment in `space`; its strings are the caller's and ours.
 * `runtime` ("" for none) goes before us: see preload.h. */
char *const *inject_build(void *space, char *const *envp, enum injection,
			  const char *runtime);

#endif
