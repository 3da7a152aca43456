#include "base/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "shared/file_rights.h"

enum { MOST_LINKS = 40 };

/* Never waits for a pipe, never becomes the owner of a terminal. */
enum { ALWAYS = O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

static int failed(const char **ret_why)
{
	*ret_why = strerror(errno);
	return -1;
}

static int distrusted(const char *why, const char **ret_why)
{
	*ret_why = why;
	errno = 0;
	return -1;
}

/* --- who is trusted ------------------------------------------------------- */

/* Root acts for the user who called sudo. git trusts this user for the same
 * reason. */
static bool called_sudo(uid_t uid)
{
	const char *told = getenv("SUDO_UID");
	char *end;
	unsigned long n;

	if (geteuid() || !told || *told < '0' || *told > '9')
		return false;
	n = strtoul(told, &end, 10);
	return !*end && n == uid;
}

bool is_trusted(uid_t uid)
{
	return !uid || uid == geteuid() || called_sudo(uid);
}

/* A user's own group admits no others: where umask is 002, each user is alone
 * in a group. */
static bool others_can_write(const struct stat *st)
{
	return st->st_mode & S_IWOTH ||
	       (st->st_mode & S_IWGRP && st->st_gid != getegid());
}

const char *directory_flaw(const struct stat *st)
{
	if (!S_ISDIR(st->st_mode))
		return "it is no directory";
	if (!is_trusted(st->st_uid))
		return "it is another user's directory";
	if (others_can_write(st) && !(st->st_mode & S_ISVTX))
		return "other users can exchange files in it (chmod +t "
		       "prevents that)";
	return NULL;
}

/* Where others can put files, a link must be ours, and have no second name. */
static bool link_may_be_followed(int dir, const struct stat *link)
{
	struct stat st;

	if (fstat(dir, &st) || directory_flaw(&st))
		return false;
	return !others_can_write(&st) ||
	       (is_trusted(link->st_uid) && link->st_nlink == 1);
}

/* --- along a path --------------------------------------------------------- */

struct walk {
	int dir;		 /* so far */
	char rest[2 * PATH_MAX]; /* from there */
	unsigned links;
	bool follow; /* the last link, too */
	const char **ret_why;
};

static int open_start(const char *path)
{
	return open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Cuts the next name off the rest. */
static bool take_name(struct walk *w, char name[NAME_MAX + 1])
{
	char *at = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(at, "/");
	char *next = at + n + strspn(at + n, "/");

	errno = ENAMETOOLONG;
	if (n > NAME_MAX)
		return false;
	memcpy(name, n ? at : ".", n ? n : 1);
	name[n ? n : 1] = '\0';
	memmove(w->rest, next, strlen(next) + 1);
	return true;
}

static int open_name(int dir, const char *name, int flags, struct stat *ret)
{
	int fd = openat(dir, name, O_PATH | O_CLOEXEC | flags);

	if (fd >= 0)
		fstat(fd, ret);
	return fd;
}

/* Puts the link's target before the rest. */
static bool enter_link(struct walk *w, int link)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof target);

	if (n < 0)
		return false;
	errno = ++w->links > MOST_LINKS ? ELOOP : ENAMETOOLONG;
	if (w->links > MOST_LINKS || n == sizeof target ||
	    strlen(w->rest) >= sizeof rest)
		return false;
	strcpy(rest, w->rest);
	snprintf(w->rest, sizeof w->rest, "%.*s%s%s", (int)n, target,
		 *rest ? "/" : "", rest);
	if (*target != '/')
		return true;
	close(w->dir);
	w->dir = open_start("/");
	return w->dir >= 0;
}

static bool is_in_proc(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

/* Closes `link`. Returns the target of a link of /proc to an open file, whose
 * text may be no path at all; IN_REST when the walk goes on with the link's
 * text. */
enum { IN_REST = -2 };

static int follow_link(struct walk *w, int link, struct resolved_path *at)
{
	int fd = IN_REST;

	if (!link_may_be_followed(w->dir, &at->st)) {
		fd = distrusted("another user's link leads there", w->ret_why);
	} else if (is_in_proc(link)) {
		fd = open_name(w->dir, at->name, 0, &at->st);
		at->is_opened = !*w->rest;
		if (fd < 0)
			failed(w->ret_why);
	} else if (!enter_link(w, link)) {
		fd = failed(w->ret_why);
	}
	close(link);
	return fd;
}

static bool is_at_end(const struct walk *w)
{
	return !*w->rest;
}

/* Walks to the end; false after a failure. */
static bool walk(struct walk *w, struct resolved_path *at)
{
	for (;;) {
		int fd;

		if (!take_name(w, at->name))
			return failed(w->ret_why), false;
		fd = open_name(w->dir, at->name, O_NOFOLLOW, &at->st);
		at->is_there = fd >= 0;
		if (fd < 0 && is_at_end(w) && errno == ENOENT)
			return true;
		if (fd < 0)
			return failed(w->ret_why), false;
		if (S_ISLNK(at->st.st_mode) && (w->follow || !is_at_end(w))) {
			fd = follow_link(w, fd, at);
			if (fd == IN_REST)
				continue;
			if (fd < 0)
				return false;
		}
		if (is_at_end(w)) {
			close(fd);
			return true;
		}
		at->is_exposed |= directory_flaw(&at->st) != NULL;
		close(w->dir);
		w->dir = fd;
	}
}

static bool is_exposed(int dir)
{
	struct stat st;

	return fstat(dir, &st) || directory_flaw(&st);
}

bool resolve_path(const char *path, bool follow, struct resolved_path *ret,
		  const char **ret_why)
{
	struct walk w = {.dir = -1, .follow = follow, .ret_why = ret_why};
	struct resolved_path at = {0};
	int error;

	errno = *path ? ENAMETOOLONG : ENOENT;
	if (!*path || strlen(path) >= PATH_MAX ||
	    (w.dir = open_start(path)) < 0)
		return failed(ret_why), false;
	strcpy(w.rest, path);
	at.is_exposed = is_exposed(w.dir);
	if (walk(&w, &at)) {
		at.dir = w.dir;
		*ret = at;
		return true;
	}
	error = errno;
	if (w.dir >= 0)
		close(w.dir);
	errno = error;
	return false;
}

void resolved_close(struct resolved_path *at)
{
	close(at->dir);
	at->dir = -1;
}

/* --- opening -------------------------------------------------------------- */

/* Returns `fd` if the file is the one of `st`; closes `fd` otherwise. */
static int same_or_closed(int fd, const struct stat *st, const char **ret_why)
{
	struct stat now;

	if (!fstat(fd, &now) && now.st_dev == st->st_dev &&
	    now.st_ino == st->st_ino)
		return fd;
	close(fd);
	return distrusted("another file came in its place", ret_why);
}

int resolved_open(const struct resolved_path *at, int flags,
		  const char **ret_why)
{
	int link = at->is_opened ? 0 : O_NOFOLLOW;
	int fd = openat(at->dir, at->name, flags | link | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return failed(ret_why);
	return same_or_closed(fd, &at->st, ret_why);
}

/* Closes `fd` when there is a flaw. */
static int checked(int fd, const char *flaw, const char **ret_why)
{
	if (!flaw)
		return fd;
	close(fd);
	return distrusted(flaw, ret_why);
}

static const char *flaw_for_writing(int fd)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return "it is no regular file";
	if (st.st_uid != geteuid())
		return "it is another user's file";
	return st.st_nlink == 1 ? NULL : "it has other names, too";
}

int open_to_append(int dir, const char *name, int flags, const char **ret_why)
{
	int fd = openat(dir, name,
			O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | ALWAYS |
				flags,
			0600);

	if (fd < 0)
		return failed(ret_why);
	return checked(fd, flaw_for_writing(fd), ret_why);
}

static const char *flaw_of_private(int fd)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return "it is no regular file";
	if (!is_trusted(st.st_uid))
		return "it is another user's file";
	return is_private_file(&st) ? NULL : "other users can read or write it";
}

int open_private(int dir, const char *name, const char **ret_why)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | ALWAYS);

	if (fd < 0 && errno == ELOOP)
		return distrusted("it is a link", ret_why);
	if (fd < 0)
		return failed(ret_why);
	return checked(fd, flaw_of_private(fd), ret_why);
}

void draw_digits(char ret[17])
{
	uint64_t n;

	while (getrandom(&n, sizeof n, 0) != sizeof n)
		;
	snprintf(ret, 17, "%016llx", (unsigned long long)n);
}

int open_temporary(int dir, mode_t mode, char ret_name[TEMPORARY_NAME])
{
	char digits[17];

	draw_digits(digits);
	snprintf(ret_name, TEMPORARY_NAME, ".keytrail-%s", digits);
	return openat(dir, ret_name,
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | ALWAYS, mode);
}
