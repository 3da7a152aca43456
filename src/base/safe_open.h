/* Opening files where another user may have prepared the way: links, pipes, or
 * files of his own, under the names that we are about to use.
 *
 * Trusted are root, the user that we are, and for root also the user who called
 * sudo. Everybody else is a stranger.
 *
 * Failure is false or -1, *ret_why says why in words that finish the sentence
 * "cannot write FILE: ", and errno is what the system said, or 0 when a
 * stranger is the reason. */
#ifndef BASE_SAFE_OPEN_H
#define BASE_SAFE_OPEN_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

bool is_trusted(uid_t);

/* Why a stranger can exchange files in this directory, or null. */
const char *directory_flaw(const struct stat *);

/* Where a path leads. */
struct resolved_path {
	int dir; /* the directory that holds the name; O_PATH */
	char name[NAME_MAX + 1];
	bool is_there;	 /* something has that name, and `st` tells what */
	bool is_exposed; /* a stranger can put another thing under some name on
			  * the way, or move what is there */
	bool is_opened;	 /* a link of /proc to what a process has open: dir and
			  * name are the link's */
	struct stat st;
};

/* Walks along `path`. A symbolic link on the way is followed when no stranger
 * can have made it; so is a link at the end if `follow`. */
bool resolve_path(const char *path, bool follow, struct resolved_path *ret,
		  const char **ret_why);

/* Opens what resolve_path() found there, and nothing else that came in between.
 */
int resolved_open(const struct resolved_path *, int flags,
		  const char **ret_why);

void resolved_close(struct resolved_path *);

/* To append: a regular file of ours with no other name, made when it is
 * missing. O_EXCL in `flags`: only when it is missing. */
int open_to_append(int dir, const char *name, int flags, const char **ret_why);

/* To read: a regular file of a trusted user that only he, and perhaps his
 * group, can read. */
int open_private(int dir, const char *name, const char **ret_why);

/* A new file under a name that nobody can guess, to be renamed or linked. */
enum { TEMPORARY_NAME = 32 };
int open_temporary(int dir, mode_t mode, char ret_name[TEMPORARY_NAME]);

/* 16 hex digits that nobody can guess. */
void draw_digits(char ret[17]);

#endif
