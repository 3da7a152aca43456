/* Which files and directories are a user's own, by owner and mode. */
#ifndef SHARED_FILE_RIGHTS_H
#define SHARED_FILE_RIGHTS_H

#include <stdbool.h>
#include <sys/stat.h>

/* True when nobody except the owner may write. */
static inline bool only_owner_writes(const struct stat *st)
{
	return !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* True for a regular file which only its owner may write, and only the owner
 * and the group may read: fit for a key. */
static inline bool is_private_file(const struct stat *st)
{
	return S_ISREG(st->st_mode) && only_owner_writes(st) &&
	       !(st->st_mode & S_IRWXO);
}

/* True for a regular file of `user` without a second name, which nobody else
 * can write: fit for a segment. */
static inline bool is_file_of(const struct stat *st, uid_t user)
{
	return S_ISREG(st->st_mode) && st->st_uid == user &&
	       st->st_nlink == 1 && only_owner_writes(st);
}

/* True for a directory of `user` in which nobody else can put a file. */
static inline bool is_directory_of(const struct stat *st, uid_t user)
{
	return S_ISDIR(st->st_mode) && st->st_uid == user &&
	       only_owner_writes(st);
}

/* True for a program that runs with the rights of another user than `user`, or
 * of another group than `group` (a set-id bit; S_ISGID alone means mandatory
 * locking). */
static inline bool changes_user(const struct stat *st, uid_t user)
{
	return st->st_mode & S_ISUID && st->st_uid != user;
}

static inline bool changes_group(const struct stat *st, gid_t group)
{
	return st->st_mode & S_ISGID && st->st_mode & S_IXGRP &&
	       st->st_gid != group;
}

#endif
