#include "recorder/target.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

enum { HEAD_BYTES = 1024, SCRIPT_DEPTH = 5, INTERPRETER_BYTES = 256 };

static bool changes_user(long fd)
{
	struct stat st;
	char capability[64];

	if (SYS(fstat, fd, &st))
		return false;
	if ((st.st_mode & S_ISUID) && st.st_uid != (uint32_t)SYS(geteuid))
		return true;
	if ((st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	    st.st_gid != (uint32_t)SYS(getegid))
		return true;
	return SYS(geteuid) && SYS(fgetxattr, fd, "security.capability",
				   capability, sizeof capability) > 0;
}

static bool has_interpreter(const char *head, long n)
{
	const Elf64_Ehdr *e = (const void *)head;
	const Elf64_Phdr *p = (const void *)(head + e->e_phoff);

	if (e->e_phoff > (uint64_t)n)
		return true; /* headers out of sight: assume the usual */
	for (size_t i = 0; i < e->e_phnum; i++) {
		if ((const char *)(p + i + 1) > head + n)
			return true;
		if (p[i].p_type == PT_INTERP)
			return true;
	}
	return false;
}

static enum kt_target elf_target(const char *head, long n)
{
	const Elf64_Ehdr *e = (const void *)head;

	if (n < (long)sizeof *e || e->e_ident[EI_CLASS] != ELFCLASS64 ||
	    e->e_machine != EM_X86_64)
		return KT_TARGET_OTHER_CLASS;
	return has_interpreter(head, n) ? KT_TARGET_DYNAMIC : KT_TARGET_STATIC;
}

/* The interpreter of a #! line, as the kernel reads it (execve(2)). */
static bool script_interpreter(const char *head, long n, char *ret)
{
	long from = 2, to;

	if (n < 3 || head[0] != '#' || head[1] != '!')
		return false;
	while (from < n && (head[from] == ' ' || head[from] == '\t'))
		from++;
	for (to = from; to < n && !text_find(" \t\n", head[to]) && head[to];)
		to++;
	if (to == from || to - from >= INTERPRETER_BYTES)
		return false;
	__builtin_memcpy(ret, head + from, (size_t)(to - from));
	ret[to - from] = '\0';
	return true;
}

/* Looks at an open file; true when *ret_script names what to look at next. */
static bool look(long fd, enum kt_target *ret, char *ret_script)
{
	_Alignas(8) char head[HEAD_BYTES];
	long n = SYS(pread64, fd, head, sizeof head, 0);

	*ret = KT_TARGET_UNKNOWN;
	if (n >= 4 && same_bytes(head, ELFMAG, SELFMAG))
		*ret = changes_user(fd) ? KT_TARGET_SETUID : elf_target(head, n);
	else
		return script_interpreter(head, n, ret_script);
	return false;
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
	const char *at = env_value(environ, "PATH"), *end;

	for (at = at ? at : "/bin:/usr/bin";; at = end + 1) {
		for (end = at; *end && *end != ':';)
			end++;
		if (end - at < PATH_BYTES / 2) {
			__builtin_memcpy(found, at, (size_t)(end - at));
			found[end - at] = '\0';
			if (end > at)
				text_append(found, PATH_BYTES, "/");
			if (text_append(found, PATH_BYTES, file) &&
			    is_executable(AT_FDCWD, found))
				return true;
		}
		if (!*end)
			return false;
	}
}

static enum kt_target no_file(long error)
{
	return error == -ENOENT || error == -ENOTDIR ? KT_TARGET_MISSING
						     : KT_TARGET_UNKNOWN;
}

static enum kt_target follow(int dirfd, const char *path)
{
	char script[INTERPRETER_BYTES];
	enum kt_target target = KT_TARGET_UNKNOWN;

	for (int depth = 0; depth < SCRIPT_DEPTH; depth++) {
		long fd = open_to_look(dirfd, path);
		bool is_script;

		if (fd < 0)
			return depth ? KT_TARGET_UNKNOWN : no_file(fd);
		is_script = look(fd, &target, script);
		SYS(close, fd);
		if (!is_script)
			return target;
		path = script;
		dirfd = AT_FDCWD;
	}
	return target;
}

enum kt_target target_of(int dirfd, const char *path, bool search)
{
	char found[PATH_BYTES];
	char script[INTERPRETER_BYTES];
	enum kt_target target;

	if (!path || !*path) {
		if (look(dirfd, &target, script))
			return follow(AT_FDCWD, script);
		return target;
	}
	if (search && !text_find(path, '/')) {
		if (!search_path(path, found))
			return KT_TARGET_MISSING;
		path = found;
	}
	return follow(dirfd, path);
}
