/* Directories as another process sees them: below its root, in its mount
 * namespace. Links lead nowhere else, and links of /proc are not followed. */
#ifndef HOST_FOREIGN_ROOT_H
#define HOST_FOREIGN_ROOT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"

/* A user, and the root below which the user's paths lie. */
struct foreign_root {
	int fd;
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t n_groups;
};

/* This process. */
struct foreign_root own_root(struct arena *);

/* To read, or with O_PATH. -1: errno tells why. */
int open_below(const struct foreign_root *, const char *path, int flags);

/* Why the user cannot load the library `path`: continues a sentence that begins
 * with the path. Null: nothing is known against it. */
const char *reading_flaw(struct arena *, const struct foreign_root *,
			 const char *path);

/* Why a recorder can make no file in `dir`, nor the directory where it is
 * missing; null: nothing is known against it. `key`: the path of the key file;
 * null: none is needed. */
const char *recording_flaw(struct arena *, const struct foreign_root *,
			   const char *dir, const char *key,
			   const char **ret_advice);

#endif
