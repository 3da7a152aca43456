/* Hashes of all variables inherited by this image: a hash of each name, and a
 * hash of each value. Hashes show how an environment differs, and reveal
 * neither names nor values. */
#ifndef RECORDER_ENV_HASHES_H
#define RECORDER_ENV_HASHES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENV_HASHES_FEW = 256, ENV_HASHES_MANY = 8192 };

struct env_hash {
	uint32_t name, value; /* name 0: free */
};

struct env_hashes {
	_Atomic uint32_t version; /* odd while `all` is being written */
	uint32_t count, mask;	  /* mask 0: too many variables to keep */
	struct env_hash *all;	  /* `few`, or globals->env_state.many */
	struct env_hash few[ENV_HASHES_FEW];
};

struct env_difference {
	bool is_known; /* false: too many variables, or just being written */
	uint32_t vars, held, unchanged, dropped, changed, added;
};

/* Makes the table empty, with space for the variables of envp. */
void env_hashes_begin(char *const *envp);

/* Adds NAME=value; n is the length of NAME. Of two entries with one name the
 * first counts, as in getenv. */
void env_hashes_add(const char *entry, size_t n);

/* Replaces all entries by the variables of envp. Of two threads at once, the
 * first wins. */
void env_hashes_rewrite(char *const *envp);

void env_hashes_compare(char *const *envp, struct env_difference *ret);

/* Number of variables in envp, without the recorder's own. */
uint32_t env_count(char *const *envp);

#endif
