#include "recorder/process/exec_target.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/state/process_globals.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"

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
	return euid && SYS(fgetxattr, fd, "security.capability", capability,
			   sizeof capability) > 0;
}

/* The program headers, or as many as fit in memory. */
struct segments {
	const Elf64_Phdr *at;
	size_t count;
};

/* Where they do not lie in the first bytes of the file, they are read in the
 * place of those; *n is 0 then, for what else lay there is gone. */
static struct segments read_segments(long fd, char head[HEAD_BYTES], long *n)
{
	const Elf64_Ehdr *e = (const void *)head;
	uint64_t offset = e->e_phoff, size = sizeof(Elf64_Phdr);
	size_t count = e->e_phnum;
	long have;

	if (offset % 8 == 0 && offset < (uint64_t)*n &&
	    count * size <= (uint64_t)*n - offset)
		return (struct segments){(const void *)(head + offset), count};
	have = SYS(pread64, fd, head, HEAD_BYTES, offset);
	*n = 0;
	have = have > 0 ? have / (long)size : 0;
	return (struct segments){(const void *)head,
				 count < (size_t)have ? count : (size_t)have};
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

/* What of a dynamic section is of interest; offsets are the file's. */
struct dynamic {
	uint64_t needed, strings; /* the first library; 0 for none */
	bool is_program;	  /* the linker says so (DF_1_PIE) */
};

static __attribute__((noinline)) struct dynamic read_dynamic(long fd,
							     struct segments s)
{
	enum { ENTRIES = 48 };
	const Elf64_Phdr *dynamic = segment(s, PT_DYNAMIC);
	struct dynamic ret = {0, 0, false};
	Elf64_Dyn dyn[ENTRIES];
	long n;

	n = dynamic ? SYS(pread64, fd, dyn, sizeof dyn, dynamic->p_offset) : 0;
	for (long i = 0; i < n / (long)sizeof *dyn && dyn[i].d_tag; i++) {
		if (dyn[i].d_tag == DT_NEEDED && !ret.needed)
			ret.needed = dyn[i].d_un.d_val;
		if (dyn[i].d_tag == DT_STRTAB)
			ret.strings = file_offset(s, dyn[i].d_un.d_ptr);
		if (dyn[i].d_tag == DT_FLAGS_1)
			ret.is_program = dyn[i].d_un.d_val & DF_1_PIE;
	}
	return ret;
}

/* The first library that a program needs: compilers put the runtime there. */
static void find_runtime(long fd, struct segments s, char ret[RUNTIME_BYTES])
{
	struct dynamic d = read_dynamic(fd, s);
	long n;

	if (!d.needed || !d.strings)
		return;
	n = SYS(pread64, fd, ret, RUNTIME_BYTES, d.strings + d.needed);
	if (n < RUNTIME_BYTES || !str_has_char(ret, RUNTIME_BYTES, '\0') ||
	    !sanitizer_must_be_first(ret, str_length(ret)))
		ret[0] = '\0';
}

/* A library that can be started and asks for no loader is one itself. */
static bool is_loader(long fd, uint16_t type, struct segments s)
{
	return type == ET_DYN && segment(s, PT_DYNAMIC) &&
	       !read_dynamic(fd, s).is_program;
}

/* A loader that is neither glibc's nor musl's, when its name is in sight. */
static bool is_other_libc(const char *head, long n, struct segments s)
{
	const Elf64_Phdr *interp = segment(s, PT_INTERP);

	if (!interp || interp->p_filesz < 2 ||
	    interp->p_offset >= (uint64_t)n ||
	    interp->p_filesz > (uint64_t)n - interp->p_offset)
		return false;
	head += interp->p_offset;
	return !str_mentions(head, interp->p_filesz, "ld-linux") &&
	       !str_mentions(head, interp->p_filesz, "musl");
}

/* What to look at next. */
enum next_look { NOTHING, INTERPRETER, OPERAND };

static enum next_look look_at_elf(long fd, char head[HEAD_BYTES], long n,
				  struct exec_target *ret)
{
	const Elf64_Ehdr *e = (const void *)head;
	uint16_t type = e->e_type;
	struct segments s;

	ret->kind = KT_TARGET_OTHER_CLASS;
	if (n < (long)sizeof *e || e->e_ident[EI_CLASS] != ELFCLASS64 ||
	    e->e_machine != EM_X86_64)
		return NOTHING;
	s = read_segments(fd, head, &n);
	if (!s.count || segment(s, PT_INTERP)) {
		ret->kind = is_other_libc(head, n, s) ? KT_TARGET_OTHER_LIBC
						      : KT_TARGET_DYNAMIC;
		find_runtime(fd, s, ret->runtime);
		return NOTHING;
	}
	ret->kind = KT_TARGET_STATIC;
	return is_loader(fd, type, s) ? OPERAND : NOTHING;
}

/* The interpreter of a #! line, as the kernel reads it (execve(2)). */
static bool script_interpreter(const char *head, long n, char *ret)
{
	long from = 2, to;

	if (n < 3 || head[0] != '#' || head[1] != '!')
		return false;
	while (from < n && (head[from] == ' ' || head[from] == '\t'))
		from++;
	for (to = from;
	     to < n && !str_find_char(" \t\n", head[to]) && head[to];)
		to++;
	if (to == from || to - from >= INTERPRETER_BYTES)
		return false;
	__builtin_memcpy(ret, head + from, (size_t)(to - from));
	ret[to - from] = '\0';
	return true;
}

/* Looks at an open file. */
static __attribute__((noinline)) enum next_look
look(long fd, struct exec_target *ret, char ret_script[INTERPRETER_BYTES])
{
	_Alignas(8) char head[HEAD_BYTES];
	long n = SYS(pread64, fd, head, sizeof head, 0);

	ret->kind = KT_TARGET_UNKNOWN;
	if (n < SELFMAG || !bytes_equal(head, ELFMAG, SELFMAG))
		return script_interpreter(head, n, ret_script) ? INTERPRETER
							       : NOTHING;
	return look_at_elf(fd, head, n, ret);
}

/* The same, by the rights that the file gives. */
static enum next_look look_to_run(long fd, struct exec_target *ret,
				  char ret_script[INTERPRETER_BYTES])
{
	enum next_look next = look(fd, ret, ret_script);

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
	const char *at = env_value(environ, "PATH"), *end;

	for (at = at ? at : "/bin:/usr/bin";; at = end + 1) {
		for (end = at; *end && *end != ':';)
			end++;
		if (end - at < PATH_BYTES / 2) {
			__builtin_memcpy(found, at, (size_t)(end - at));
			found[end - at] = '\0';
			if (end > at)
				str_append(found, PATH_BYTES, "/");
			if (str_append(found, PATH_BYTES, file) &&
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

/* The options of loaders that the next argument belongs to; musl's take it
 * behind a "=", too. */
static bool takes_a_value(const char *option)
{
	static const char options[][24] = {
		"--library-path",
		"--preload",
		"--argv0",
		"--audit",
		"--inhibit-rpath",
		"--glibc-hwcaps-prepend",
		"--glibc-hwcaps-mask",
	};

	for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
		if (str_equal(option, options[i]))
			return true;
	return false;
}

/* The program that a loader is told to run; NULL for none. */
static const char *operand_of(char *const *argv, bool *ret_only_lists)
{
	bool is_list = false;

	for (argv += argv && *argv; argv && *argv; argv++) {
		if (!str_begins(*argv, "--") || str_equal(*argv, "--")) {
			*ret_only_lists = is_list;
			return str_begins(*argv, "--") ? argv[1] : *argv;
		}
		is_list |= str_equal(*argv, "--list");
		if (takes_a_value(*argv) && argv[1])
			argv++;
	}
	return NULL;
}

/* Rights that the program's file gives do not count: the loader's do. */
static void look_at_operand(struct exec_target *ret, char *const *argv)
{
	const char *path = operand_of(argv, &ret->only_lists);
	long fd = path ? open_to_look(AT_FDCWD, path) : -1;
	char script[INTERPRETER_BYTES];
	enum kt_target kind = ret->kind;

	if (fd < 0)
		return;
	look(fd, ret, script);
	if (ret->kind == KT_TARGET_UNKNOWN)
		ret->kind = kind;
	SYS(close, fd);
}

static void follow(struct exec_target *ret, int dirfd, const char *path,
		   char *const *argv)
{
	char script[INTERPRETER_BYTES];

	for (int depth = 0; depth < SCRIPT_DEPTH; depth++) {
		long fd = open_to_look(dirfd, path);
		enum next_look next;

		if (fd < 0) {
			ret->kind = depth ? KT_TARGET_UNKNOWN : no_file(fd);
			return;
		}
		next = look_to_run(fd, ret, script);
		SYS(close, fd);
		if (next == OPERAND && !depth)
			look_at_operand(ret, argv);
		if (next != INTERPRETER)
			return;
		path = script;
		dirfd = AT_FDCWD;
	}
}

void exec_target_inspect(struct exec_target *ret, int dirfd, const char *path,
			 bool search, char *const *argv)
{
	char found[PATH_BYTES];
	char script[INTERPRETER_BYTES];
	enum next_look next;

	ret->runtime[0] = '\0';
	ret->only_lists = false;
	if (!path || !*path) {
		next = look_to_run(dirfd, ret, script);
		if (next == INTERPRETER)
			follow(ret, AT_FDCWD, script, argv);
		else if (next == OPERAND)
			look_at_operand(ret, argv);
	} else if (!search || str_find_char(path, '/')) {
		follow(ret, dirfd, path, argv);
	} else if (search_path(path, found)) {
		follow(ret, dirfd, found, argv);
	} else {
		ret->kind = KT_TARGET_MISSING;
	}
}
