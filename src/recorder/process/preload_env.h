/* The envp handed on: ours added, the caller's untouched. */
#ifndef RECORDER_PRELOAD_ENV_H
#define RECORDER_PRELOAD_ENV_H

#include <stddef.h>

#include "keytrail/trace.h"
#include "recorder/process/exec_target.h"

enum preload_change {
	PRELOAD_UNCHANGED, /* pass envp itself */
	PRELOAD_ADD,
	PRELOAD_REMOVE, /* our library would only make the loader complain */
	PRELOAD_REMOVE_BOTH, /* neither of our variables: space is short */
};

/* Decides what becomes of our two variables in envp. */
enum preload_change preload_env_choose(char *const *envp,
				       const struct exec_target *,
				       enum kt_handed *ret);

/* What to pass when the kernel found the environment too large (E2BIG): what
 * the caller would have passed without us. */
enum preload_change preload_env_without_us(char *const *envp);

/* Bytes that preload_env_build needs, 0 for PRELOAD_UNCHANGED. */
size_t preload_env_size(char *const *envp, enum preload_change);

/* Builds the environment in `space`; its strings are the caller's and ours.
 * `runtime` ("" for none) goes before us: see shared/preload_list.h. */
char *const *preload_env_build(void *space, char *const *envp,
			       enum preload_change, const char *runtime);

/* Takes the runtime that was added for this program out of LD_PRELOAD, at the
 * program's birth and in place: no child is given the runtime, by whatever
 * means the child is started. */
void preload_take_back(char **envp);

#endif
