#include "recorder/process/exec_target.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/state/process_globals.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"
#include "shared/file_rights.h"
#include "shared/loader_arguments.h"
#include "shared/program_file.h"

static long read_at(long fd, void *to, size_t n, uint64_t offset)
{
	return SYS(pread64, fd, to, n, offset);
}

/* Will the loader find itself in secure mode, where it drops us (ld.so(8))? */
static bool is_secure(long fd)
{
	uint32_t uid = 0, euid = 0, gid = 0, egid = 0, saved;
	struct stat st;
	char capability[64];

	SYS(getresuid, &uid, &euid, &saved);
	SYS(getresgid, &gid, &egid, &saved);
	if (uid != euid || gid != egid)
		return true;
	if (SYS(fstat, fd, &st))
		return false;
	if (changes_user(&st, euid) || changes_group(&st, egid))
		return true;
	return euid && SYS(fgetxattr, fd, "security.capability", capability,
			   sizeof capability) > 0;
}

/* The file to look at next. */
enum next_look { NOTHING, INTERPRETER, OPERAND };

/* Looks at an open file. */
static enum next_look look(long fd, struct exec_target *ret,
			   struct program_file *file)
{
	program_file_read(read_at, fd, file);
	ret->kind = file->kind;
	__builtin_memcpy(ret->runtime, file->runtime, sizeof ret->runtime);
	if (*file->interpreter)
		return INTERPRETER;
	return file->is_loader ? OPERAND : NOTHING;
}

/* The same, by the rights that the file gives. */
static enum next_look look_to_run(long fd, struct exec_target *ret,
				  struct program_file *file)
{
	enum next_look next = look(fd, ret, file);

	if (next == INTERPRETER || ret->kind == KT_TARGET_UNKNOWN ||
	    ret->kind == KT_TARGET_OTHER_CLASS || !is_secure(fd))
		return next;
	ret->kind = KT_TARGET_SETUID;
	ret->runtime[0] = '\0';
	return NOTHING;
}

static long open_to_look(int dirfd, const char *path)
{
	return SYS(openat, dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
}

static bool is_executable(int dirfd, const char *path)
{
	struct stat st;

	return !SYS(newfstatat, dirfd, path, &st, 0) && S_ISREG(st.st_mode) &&
	       !SYS(faccessat, dirfd, path, 1 /* X_OK */);
}

static bool search_path(const char *file, char found[PATH_BYTES])
{
	const char *dirs = env_value(environ, "PATH");

	dirs = dirs ? dirs : PROGRAM_PATH;
	while (program_path_next(&dirs, file, found, PATH_BYTES))
		if (*found && is_executable(AT_FDCWD, found))
			return true;
	return false;
}

static enum kt_target no_file(long error)
{
	return error == -ENOENT || error == -ENOTDIR ? KT_TARGET_MISSING
						     : KT_TARGET_UNKNOWN;
}

/* Rights that the program's file gives do not count: the loader's do. */
static void look_at_operand(struct exec_target *ret, char *const *argv,
			    struct program_file *file)
{
	char *const *operand = NULL;
	enum kt_target kind = ret->kind;
	long fd;

	if (argv && *argv)
		operand = loader_operand(argv + 1, &ret->only_lists);
	fd = operand ? open_to_look(AT_FDCWD, *operand) : -1;
	if (fd < 0)
		return;
	look(fd, ret, file);
	if (ret->kind == KT_TARGET_UNKNOWN)
		ret->kind = kind;
	SYS(close, fd);
}

/* `path` may lie in `file`, whose content each look replaces. */
static void follow(struct exec_target *ret, int dirfd, const char *path,
		   char *const *argv, struct program_file *file)
{
	for (int depth = 0; depth <= PROGRAM_SCRIPTS; depth++) {
		long fd = open_to_look(dirfd, path);
		enum next_look next;

		if (fd < 0) {
			ret->kind = depth ? KT_TARGET_UNKNOWN : no_file(fd);
			return;
		}
		next = look_to_run(fd, ret, file);
		SYS(close, fd);
		if (next == OPERAND && !depth)
			look_at_operand(ret, argv, file);
		if (next != INTERPRETER)
			return;
		path = file->interpreter;
		dirfd = AT_FDCWD;
	}
}

void exec_target_inspect(struct exec_target *ret, int dirfd, const char *path,
			 bool search, char *const *argv)
{
	char found[PATH_BYTES];
	struct program_file file;
	enum next_look next;

	ret->runtime[0] = '\0';
	ret->only_lists = false;
	if (!path || !*path) {
		next = look_to_run(dirfd, ret, &file);
		if (next == INTERPRETER)
			follow(ret, AT_FDCWD, file.interpreter, argv, &file);
		else if (next == OPERAND)
			look_at_operand(ret, argv, &file);
	} else if (!search || str_find_char(path, '/')) {
		follow(ret, dirfd, path, argv, &file);
	} else if (search_path(path, found)) {
		follow(ret, dirfd, found, argv, &file);
	} else {
		ret->kind = KT_TARGET_MISSING;
	}
}
