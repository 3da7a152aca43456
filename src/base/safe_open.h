/* Opening files where another user may have put links, pipes or files under the
 * names that we are about to use.
 *
 * Trusted are root, our user, and for root also the caller of sudo. Every other
 * user is a stranger.
 *
 * Failure is false or -1. *ret_why finishes the sentence "cannot write FILE: ".
 * errno is the system's, or 0 when a stranger is the reason. */
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
	bool is_there;	 /* a file has the name: `st` */
	bool is_exposed; /* a stranger can exchange or move some directory
			  * on the way */
	bool is_opened;	 /* a link of /proc to an open file: dir and name are
			  * the link's */
	struct stat st;
};

/* Walks along `path`. A symbolic link on the way is followed unless a stranger
 * can have made the link; so is a link at the end if `follow`. */
bool resolve_path(const char *path, bool follow, struct resolved_path *ret,
		  const char **ret_why);

/* Opens what resolve_path() found there, and no file put in its place since.
 */
int resolved_open(const struct resolved_path *, int flags,
		  const char **ret_why);

void resolved_close(struct resolved_path *);

/* To append: a regular file of ours with no other name, made when
 * missing. O_EXCL in `flags`: only when missing. */
int open_to_append(int dir, const char *name, int flags, const char **ret_why);

/* To read: a regular file of a trusted user which only this user, and
 * perhaps the user's group, can read. */
int open_private(int dir, const char *name, const char **ret_why);

/* A new file under a random name, to be renamed or linked. */
enum { TEMPORARY_NAME = 32 };
int open_temporary(int dir, mode_t mode, char ret_name[TEMPORARY_NAME]);

/* 16 random hex digits. */
void draw_digits(char ret[17]);

#endif
