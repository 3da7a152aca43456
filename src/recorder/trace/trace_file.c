#include "recorder/trace/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/state/process_globals.h"
#include "shared/siphash.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"
#include "shared/file_rights.h"

enum {
	NAME_BYTES = PATH_BYTES + 80,
	SAFELY = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	TAKEN = -4096, /* not an errno: the name is not ours */
};

static bool is_alone;

bool trace_file_is_alone(void)
{
	return is_alone;
}

/* --- the name ------------------------------------------------------------- */

/* The seed comes from the kernel's random bytes for this program. A stranger
 * with the key does not know the seed. */
static void append_part(char to[NAME_BYTES], uint32_t uid)
{
	struct {
		char what[8], boot[8];
		uint64_t uid, seed;
	} hashed = {"segment", "", uid, is_alone ? globals->seed : 0};
	uint8_t hash[16];
	char digits[17] = "";

	__builtin_memcpy(hashed.boot, globals->settings.boot,
			 sizeof hashed.boot);
	siphash128(hash, globals->settings.key, &hashed, sizeof hashed);
	str_hex(digits, hash, 8);
	str_append(to, NAME_BYTES, digits);
}

static bool name_file(char to[NAME_BYTES], const char *suffix, uint32_t uid)
{
	char number[21];

	str_decimal(number, uid);
	to[0] = '\0';
	str_append(to, NAME_BYTES, globals->settings.dir);
	str_append(to, NAME_BYTES, "/");
	str_append(to, NAME_BYTES, number);
	str_append(to, NAME_BYTES, "-");
	str_append(to, NAME_BYTES, globals->settings.boot);
	str_append(to, NAME_BYTES, "-");
	append_part(to, uid);
	return str_append(to, NAME_BYTES, suffix);
}

/* --- making a file -------------------------------------------------------- */

static bool is_sticky(const char *dir)
{
	struct stat st;

	return !SYS(stat, *dir ? dir : "/", &st) &&
	       (st.st_mode & (S_ISVTX | S_IWOTH)) == (S_ISVTX | S_IWOTH);
}

/* In a directory in which everybody may make names, a stranger's link would
 * make the recorder create files wherever the stranger likes. */
static bool is_planted(const char *dir, const struct stat *st)
{
	size_t n = (size_t)(base_name(dir) - dir);
	char parent[PATH_BYTES];

	if (!st->st_uid || st->st_uid == (uint32_t)SYS(geteuid) || !n)
		return false;
	__builtin_memcpy(parent, dir, n);
	parent[n - 1] = '\0';
	return is_sticky(parent);
}

static bool is_meant(const struct stat *st)
{
	return !globals->settings.inode ||
	       (st->st_ino == globals->settings.inode &&
		st->st_dev == globals->settings.device);
}

/* Makes a missing directory anew, unless settings name a certain inode. */
static long open_or_make_directory(int flags)
{
	const char *dir = globals->settings.dir;
	long fd = SYS(open, dir, flags, 0);

	if (fd == -ENOENT && !globals->settings.inode && !SYS(mkdir, dir, 0700))
		fd = SYS(open, dir, flags, 0);
	return fd;
}

static long open_directory(void)
{
	const char *dir = globals->settings.dir;
	long fd = open_or_make_directory(O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st = {0};

	if (fd < 0)
		return fd;
	SYS(fstat, fd, &st);
	if (S_ISLNK(st.st_mode) && !is_planted(dir, &st)) {
		SYS(close, fd);
		fd = SYS(open, dir, O_PATH | O_CLOEXEC, 0);
		if (fd < 0)
			return fd;
		SYS(fstat, fd, &st);
	}
	if (S_ISDIR(st.st_mode) && is_meant(&st))
		return fd;
	SYS(close, fd);
	return -ELOOP;
}

/* Removes a new file with the wrong owner: some file servers give a new file
 * another owner. The umask may have removed rights. */
static long make_new(long dir, const char *name, int flags)
{
	long fd = SYS(openat, dir, name, flags | O_EXCL, 0600);
	struct stat st;

	if (fd < 0)
		return fd;
	if (SYS(fstat, fd, &st) || !is_file_of(&st, (uint32_t)SYS(geteuid)))
		SYS(unlinkat, dir, name, 0);
	else if ((st.st_mode & 07777) != 0600)
		SYS(fchmod, fd, 0600);
	return fd;
}

static __attribute__((noinline)) long make(const char *path, int flags)
{
	long dir = open_directory(), fd;

	if (dir < 0)
		return dir;
	fd = make_new(dir, base_name(path), flags);
	if (fd == -EEXIST) /* another process did, at this moment */
		fd = SYS(openat, dir, base_name(path), flags & ~O_CREAT, 0);
	SYS(close, dir);
	return fd;
}

/* --- opening a file ------------------------------------------------------- */

/* By a link, a directory, a pipe or socket, a closed, leased or running file.
 */
static bool is_taken(long error)
{
	return error == -ELOOP || error == -EISDIR || error == -ENXIO ||
	       error == -EACCES || error == -EPERM || error == -EAGAIN ||
	       error == -ETXTBSY;
}

/* The number that fstat gives. */
static dev_t device_of(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | major << 8 | (dev_t)(minor & ~0xffu) << 12;
}

/* As fstat, without the times. From Linux 6.13 on, the first write to a file
 * after a question for its times is a transaction of the file system: 1 us of
 * each birth, and 5 us on a busy disk. statx fails before Linux 4.11 and in
 * some sandboxes. */
static bool look_at(long fd, struct stat *st)
{
	struct statx found;

	if (SYS(statx, fd, "", AT_EMPTY_PATH,
		STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_INO |
			STATX_SIZE,
		&found))
		return !SYS(fstat, fd, st);
	st->st_mode = found.stx_mode;
	st->st_nlink = found.stx_nlink;
	st->st_uid = found.stx_uid;
	st->st_ino = found.stx_ino;
	st->st_size = (off_t)found.stx_size;
	st->st_dev = device_of(found.stx_dev_major, found.stx_dev_minor);
	return true;
}

/* Tries without O_CREAT first: the file exists most often, and O_CREAT would
 * lock the directory. */
static long open_named(const char *suffix, int flags, struct stat *st)
{
	uint32_t uid = (uint32_t)SYS(geteuid);
	char path[NAME_BYTES];
	long fd;

	if (!name_file(path, suffix, uid))
		return -ENAMETOOLONG;
	fd = SYS(open, path, (flags & ~O_CREAT) | SAFELY, 0);
	if (fd == -ENOENT && (flags & O_CREAT))
		fd = make(path, flags | SAFELY);
	if (fd < 0)
		return is_taken(fd) ? TAKEN : fd;
	if (look_at(fd, st) && is_file_of(st, uid))
		return fd;
	SYS(close, fd);
	return TAKEN;
}

long trace_file_open(const char *suffix, int flags, struct stat *st)
{
	long fd = open_named(suffix, flags, st);

	if (fd != TAKEN || !(flags & O_CREAT) || is_alone)
		return fd;
	is_alone = true;
	fd = open_named(suffix, flags, st);
	is_alone = fd >= 0;
	return fd;
}
