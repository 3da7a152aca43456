#include "recorder/target.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

enum { HEAD_BYTES = 1024, SCRIPT_DEPTH = 5, INTERPRETER_BYTES = 256 };

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
	if ((st.st_mode & S_ISUID) && st.st_uid != euid)
		return true;
	if ((st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	    st.st_gid != egid)
		return true;
	return euid && SYS(fgetxattr, fd, "security.capability",
				   capability, sizeof capability) > 0;
}

/* The program headers, as far as they lie in the first bytes of the file. */
struct segments {
	const Elf64_Phdr *at;
	size_t count;
};

static struct segments segments_of(const char *head, long n)
{
	const Elf64_Ehdr *e = (const void *)head;
	size_t fit;

	if (e->e_phoff >= (uint64_t)n || e->e_phoff % 8)
		return (struct segments){NULL, 0};
	fit = ((size_t)n - e->e_phoff) / sizeof(Elf64_Phdr);
	return (struct segments){(const void *)(head + e->e_phoff),
				 fit < e->e_phnum ? fit : e->e_phnum};
}

static const Elf64_Phdr *segment(struct segments s, uint32_t type)
{
	for (size_t i = 0; i < s.count; i++)
		if (s.at[i].p_type == type)
			return &s.at[i];
	return NULL;
}

static uint64_t file_offset(struct segments s, uint64_t address)
{
	for (size_t i = 0; i < s.count; i++)
		if (s.at[i].p_type == PT_LOAD &&
		    address - s.at[i].p_vaddr < s.at[i].p_filesz)
			return address - s.at[i].p_vaddr + s.at[i].p_offset;
	return 0;
}

bool target_is_runtime(const char *name, size_t n)
{
	static const char names[][12] = {"libasan.so", "libtsan.so",
					 "liblsan.so", "libhwasan.so",
					 "libclang_rt."};

	for (size_t i = 0; i < LENGTH(names); i++) {
		size_t len = 0;

		while (len < sizeof names[i] && names[i][len])
			len++;
		if (n >= len && same_bytes(name, names[i], len))
			return true;
	}
	return false;
}

/* The first library that a program needs: compilers put the runtime there. */
static __attribute__((noinline)) void find_runtime(long fd, struct segments s,
						   char ret[RUNTIME_BYTES])
{
	enum { ENTRIES = 48 };
	const Elf64_Phdr *dynamic = segment(s, PT_DYNAMIC);
	uint64_t needed = 0, strings = 0;
	Elf64_Dyn dyn[ENTRIES];
	long n, length;

	n = dynamic ? SYS(pread64, fd, dyn, sizeof dyn, dynamic->p_offset) : 0;
	for (long i = 0; i < n / (long)sizeof *dyn && dyn[i].d_tag; i++) {
		if (dyn[i].d_tag == DT_NEEDED && !needed)
			needed = dyn[i].d_un.d_val;
		if (dyn[i].d_tag == DT_STRTAB)
			strings = file_offset(s, dyn[i].d_un.d_ptr);
	}
	if (!needed || !strings)
		return;
	length = SYS(pread64, fd, ret, RUNTIME_BYTES, strings + needed);
	if (length < RUNTIME_BYTES || !text_find_in(ret, RUNTIME_BYTES, '\0') ||
	    !target_is_runtime(ret, text_length(ret)))
		ret[0] = '\0';
}

/* A loader that is neither glibc's nor musl's, when its name is in sight. */
static bool is_other_libc(const char *head, long n, struct segments s)
{
	const Elf64_Phdr *interp = segment(s, PT_INTERP);

	if (!interp || interp->p_filesz < 2 || interp->p_offset >= (uint64_t)n ||
	    interp->p_filesz > (uint64_t)n - interp->p_offset)
		return false;
	head += interp->p_offset;
	return !text_speaks_of(head, interp->p_filesz, "ld-linux") &&
	       !text_speaks_of(head, interp->p_filesz, "musl");
}

static void look_at_elf(long fd, const char *head, long n, struct target *ret)
{
	const Elf64_Ehdr *e = (const void *)head;
	struct segments s;

	ret->kind = KT_TARGET_OTHER_CLASS;
	if (n < (long)sizeof *e || e->e_ident[EI_CLASS] != ELFCLASS64 ||
	    e->e_machine != EM_X86_64)
		return;
	s = segments_of(head, n);
	if (is_secure(fd)) {
		ret->kind = KT_TARGET_SETUID;
	} else if (!s.count || segment(s, PT_INTERP)) {
		ret->kind = is_other_libc(head, n, s) ? KT_TARGET_OTHER_LIBC
						      : KT_TARGET_DYNAMIC;
		find_runtime(fd, s, ret->runtime);
	} else {
		ret->kind = KT_TARGET_STATIC;
	}
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

/* Looks at an open file; true when ret_script names what to look at next. */
static bool look(long fd, struct target *ret, char *ret_script)
{
	_Alignas(8) char head[HEAD_BYTES];
	long n = SYS(pread64, fd, head, sizeof head, 0);

	ret->kind = KT_TARGET_UNKNOWN;
	if (n < SELFMAG || !same_bytes(head, ELFMAG, SELFMAG))
		return script_interpreter(head, n, ret_script);
	look_at_elf(fd, head, n, ret);
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

static void follow(struct target *ret, int dirfd, const char *path)
{
	char script[INTERPRETER_BYTES];

	for (int depth = 0; depth < SCRIPT_DEPTH; depth++) {
		long fd = open_to_look(dirfd, path);
		bool is_script;

		if (fd < 0) {
			ret->kind = depth ? KT_TARGET_UNKNOWN : no_file(fd);
			return;
		}
		is_script = look(fd, ret, script);
		SYS(close, fd);
		if (!is_script)
			return;
		path = script;
		dirfd = AT_FDCWD;
	}
}

void target_look(struct target *ret, int dirfd, const char *path, bool search)
{
	char found[PATH_BYTES];
	char script[INTERPRETER_BYTES];

	ret->runtime[0] = '\0';
	if (!path || !*path) {
		if (look(dirfd, ret, script))
			follow(ret, AT_FDCWD, script);
	} else if (!search || text_find(path, '/')) {
		follow(ret, dirfd, path);
	} else if (search_path(path, found)) {
		follow(ret, dirfd, found);
	} else {
		ret->kind = KT_TARGET_MISSING;
	}
}
