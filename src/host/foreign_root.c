#include "host/foreign_root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/shell_word.h"

struct foreign_root own_root(struct arena *a)
{
	struct foreign_root root = {.uid = geteuid(), .gid = getegid()};
	int n = getgroups(0, NULL);
	gid_t *groups = TAKE(a, gid_t, n > 0 ? (size_t)n : 1);

	root.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	n = getgroups(n, groups);
	root.groups = groups;
	root.n_groups = n > 0 ? (size_t)n : 0;
	return root;
}

int open_below(const struct foreign_root *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root->fd, path, &how, sizeof how);
}

static bool is_member(const struct foreign_root *r, gid_t group)
{
	for (size_t i = 0; i < r->n_groups; i++)
		if (r->groups[i] == group)
			return true;
	return r->gid == group;
}

/* `needed`: rights, as those of others are written in a mode. */
static bool may(const struct foreign_root *r, const struct stat *st,
		mode_t needed)
{
	if (!r->uid)
		return true;
	if (st->st_uid == r->uid)
		needed <<= 6;
	else if (is_member(r, st->st_gid))
		needed <<= 3;
	return (st->st_mode & needed) == needed;
}

static const char *right_flaw(struct arena *a, const struct foreign_root *r,
			      const struct stat *st, const char *what)
{
	return arena_print(a, "%s by uid %u (mode %04o, of uid %u)", what,
			   r->uid, st->st_mode & 07777, st->st_uid)
		.at;
}

/* Why the user can make no file in the open directory, or null. */
static const char *writing_flaw(struct arena *a, const struct foreign_root *r,
				int fd)
{
	struct statvfs fs;
	struct statfs kind;
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISDIR(st.st_mode))
		return "is no directory";
	if (!fstatvfs(fd, &fs) && fs.f_flag & ST_RDONLY)
		return "is on a file system that is read-only";
	if (!fstatfs(fd, &kind) &&
	    (kind.f_type == PROC_SUPER_MAGIC || kind.f_type == SYSFS_MAGIC))
		return "is the kernel's, where no files are made";
	return may(r, &st, S_IWOTH | S_IXOTH)
		       ? NULL
		       : right_flaw(a, r, &st, "may not be written");
}

/* False when nothing of that name is there. */
static bool look_at(const struct foreign_root *r, const char *path,
		    struct stat *ret, bool *ret_noexec)
{
	int fd = open_below(r, path, O_PATH);
	struct statvfs fs;
	bool ok = fd >= 0 && !fstat(fd, ret);

	*ret_noexec = ok && !fstatvfs(fd, &fs) && fs.f_flag & ST_NOEXEC;
	if (fd >= 0)
		close(fd);
	return ok;
}

const char *reading_flaw(struct arena *a, const struct foreign_root *r,
			 const char *path)
{
	bool is_noexec;
	struct stat st;

	for (const char *c = strchr(path + 1, '/'); c; c = strchr(c + 1, '/')) {
		const char *dir =
			arena_print(a, "%.*s", (int)(c - path), path).at;

		if (look_at(r, dir, &st, &is_noexec) && !may(r, &st, S_IXOTH))
			return arena_print(a, "lies in %s, which %s", dir,
					   right_flaw(a, r, &st,
						      "may not be entered"))
				.at;
	}
	if (!look_at(r, path, &st, &is_noexec))
		return NULL;
	if (!may(r, &st, S_IROTH))
		return right_flaw(a, r, &st, "may not be read");
	return is_noexec ? "is on a file system without programs (noexec)"
			 : NULL;
}

static const char *parent_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == path)
		return "/";
	return arena_print(a, "%.*s", (int)(slash - path), path).at;
}

static bool is_there(const struct foreign_root *r, const char *path)
{
	int fd = open_below(r, path, O_PATH);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* True for a root of its own, as in a container. */
static bool is_other_root(const struct foreign_root *r)
{
	struct stat theirs, ours;

	return !fstat(r->fd, &theirs) && !stat("/", &ours) &&
	       (theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino);
}

static const char *how_to_make(struct arena *a, const struct foreign_root *r,
			       const char *path)
{
	if (is_other_root(r))
		return arena_print(a,
				   "mount a directory there that uid %u may "
				   "write: docker run -v \"$PWD/traces:%s\"",
				   r->uid, path)
			.at;
	if (r->uid != geteuid())
		return arena_print(a, "install -d -o %u %s", r->uid,
				   shell_path(a, path))
			.at;
	return arena_print(a, "mkdir -p %s", shell_path(a, path)).at;
}

/* Why nothing can be made beside `path`, as a sentence, or null. */
static const char *parent_flaw(struct arena *a, const struct foreign_root *r,
			       const char *path, const char **ret_advice)
{
	const char *parent = parent_of(a, path), *flaw;
	int fd = open_below(r, parent, O_PATH);

	if (fd < 0 && errno == ENOENT) {
		*ret_advice = how_to_make(a, r, parent);
		return arena_print(a, "%s cannot be made: %s is missing", path,
				   parent)
			.at;
	}
	if (fd < 0)
		return NULL; /* this user may not look */
	flaw = writing_flaw(a, r, fd);
	close(fd);
	*ret_advice = "name a directory that it may write, and whose parent "
		      "it may write: KEYTRAIL=dir=/path/of/trace";
	return flaw ? arena_print(a, "%s cannot be made: %s %s", path, parent,
				  flaw)
			       .at
		    : NULL;
}

/* Why nothing can be made in `dir`, which may be missing, or null. */
static const char *directory_flaw_of(struct arena *a,
				     const struct foreign_root *r,
				     const char *dir, const char **ret_advice)
{
	int fd = open_below(r, dir, O_PATH);
	const char *flaw;

	if (fd < 0)
		return errno == ENOENT ? parent_flaw(a, r, dir, ret_advice)
				       : NULL;
	flaw = writing_flaw(a, r, fd);
	close(fd);
	*ret_advice = arena_print(a,
				  "let it write there (chown %u, or chmod 1777 "
				  "for several users), or name another: "
				  "KEYTRAIL=dir=/path/of/trace",
				  r->uid)
			      .at;
	if (flaw && !strcmp(flaw, "is no directory"))
		*ret_advice = "name another: KEYTRAIL=dir=/path/of/trace";
	return flaw ? arena_print(a, "%s %s", dir, flaw).at : NULL;
}

const char *recording_flaw(struct arena *a, const struct foreign_root *r,
			   const char *dir, const char *key,
			   const char **ret_advice)
{
	const char *flaw = directory_flaw_of(a, r, dir, ret_advice);

	if (flaw || !key || is_there(r, key))
		return flaw;
	return parent_flaw(a, r, key, ret_advice);
}
