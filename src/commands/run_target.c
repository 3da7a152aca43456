#include "commands/run_target.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MOST_INTERPRETERS 4 /* what Linux allows of #! in a row */

#if __SIZEOF_POINTER__ == 8
#define OUR_CLASS ELFCLASS64
typedef Elf64_Ehdr elf_header;
typedef Elf64_Phdr elf_segment;
typedef Elf64_Dyn elf_dynamic;
#else
#define OUR_CLASS ELFCLASS32
typedef Elf32_Ehdr elf_header;
typedef Elf32_Phdr elf_segment;
typedef Elf32_Dyn elf_dynamic;
#endif

const char *target_name(enum kt_target target)
{
	static const char *const names[] = {
#define TARGET(id, name) name,
		KT_TARGETS(TARGET)
#undef TARGET
	};

	return names[target];
}

static bool is_executable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* Fills `path`, PATH_MAX long, with the file that exec would take. */
static bool search(const char *command, char *path)
{
	const char *dirs = getenv("PATH");

	if (strchr(command, '/'))
		return snprintf(path, 4096, "%s", command) < 4096 &&
		       !access(path, F_OK);
	for (dirs = dirs ? dirs : "/bin:/usr/bin"; *command; dirs++) {
		size_t n = strcspn(dirs, ":");
		int len = snprintf(path, 4096, "%.*s%s%s", (int)n, dirs,
				   n ? "/" : "", command);

		if (len < 4096 && is_executable(path))
			return true;
		dirs += n;
		if (!*dirs)
			return false;
	}
	return false;
}

/* Rights that the caller does not have make the loader drop us. */
static bool gains_rights(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	if (st.st_mode & S_ISUID && st.st_uid != getuid())
		return true;
	if (st.st_mode & S_ISGID && st.st_mode & S_IXGRP &&
	    st.st_gid != getgid())
		return true;
	return getuid() && fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

static bool is_our_machine(const elf_header *h)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	elf_header ours;
	bool known;

	if (fd < 0)
		return true;
	known = pread(fd, &ours, sizeof ours, 0) == sizeof ours;
	close(fd);
	return !known || ours.e_machine == h->e_machine;
}

/* The nth program header; false behind the last. */
static bool read_segment(int fd, const elf_header *h, unsigned n,
			 elf_segment *ret)
{
	off_t at = (off_t)(h->e_phoff + (uint64_t)n * sizeof *ret);

	return n < h->e_phnum && pread(fd, ret, sizeof *ret, at) == sizeof *ret;
}

static bool find_segment(int fd, const elf_header *h, uint32_t type,
			 elf_segment *ret)
{
	for (unsigned i = 0; read_segment(fd, h, i, ret); i++)
		if (ret->p_type == type)
			return true;
	return false;
}

static off_t file_offset(int fd, const elf_header *h, uint64_t address)
{
	elf_segment s;

	for (unsigned i = 0; read_segment(fd, h, i, &s); i++)
		if (s.p_type == PT_LOAD && address - s.p_vaddr < s.p_filesz)
			return (off_t)(address - s.p_vaddr + s.p_offset);
	return 0;
}

static bool is_runtime(const char *library)
{
	return !strncmp(library, "libasan.so", 10) ||
	       !strncmp(library, "libtsan.so", 10) ||
	       !strncmp(library, "liblsan.so", 10) ||
	       !strncmp(library, "libhwasan.so", 12) ||
	       !strncmp(library, "libclang_rt.", 12);
}

/* The first library that the program needs, when that is a runtime: it ends
 * the program unless it is the first library of all. */
static void find_runtime(int fd, const elf_header *h, char runtime[32])
{
	off_t strings = 0, needed = -1;
	elf_segment s;
	elf_dynamic d;

	if (!find_segment(fd, h, PT_DYNAMIC, &s))
		return;
	for (off_t at = (off_t)s.p_offset;
	     pread(fd, &d, sizeof d, at) == sizeof d && d.d_tag != DT_NULL;
	     at += (off_t)sizeof d) {
		if (d.d_tag == DT_NEEDED && needed < 0)
			needed = (off_t)d.d_un.d_val;
		if (d.d_tag == DT_STRTAB)
			strings = file_offset(fd, h, d.d_un.d_ptr);
	}
	if (!strings || needed < 0 ||
	    pread(fd, runtime, 31, strings + needed) < 1 ||
	    strlen(runtime) > 30 || !is_runtime(runtime))
		*runtime = '\0';
}

static void look_at_elf(int fd, const char *head, struct run_target *ret)
{
	elf_segment s;
	elf_header h;

	memcpy(&h, head, sizeof h);
	if (h.e_ident[EI_CLASS] != OUR_CLASS || !is_our_machine(&h)) {
		ret->kind = KT_TARGET_OTHER_CLASS;
	} else if (gains_rights(fd)) {
		ret->kind = KT_TARGET_SETUID;
	} else if (find_segment(fd, &h, PT_INTERP, &s)) {
		ret->kind = KT_TARGET_DYNAMIC;
		find_runtime(fd, &h, ret->runtime);
	} else {
		ret->kind = KT_TARGET_STATIC;
	}
}

/* The interpreter of a "#!" line, in place. */
static char *interpreter(char *head)
{
	char *name = head + 2 + strspn(head + 2, " \t");

	name[strcspn(name, " \t\r\n")] = '\0';
	return name;
}

static struct run_target look(const char *path, int depth)
{
	struct run_target target = {.kind = KT_TARGET_UNKNOWN};
	char head[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n;

	if (fd < 0) {
		if (errno == ENOENT)
			target.kind = KT_TARGET_MISSING;
		return target;
	}
	n = pread(fd, head, sizeof head - 1, 0);
	if (n >= (ssize_t)sizeof(elf_header) && !memcmp(head, ELFMAG, SELFMAG))
		look_at_elf(fd, head, &target);
	close(fd);
	if (!memcmp(head, "#!", 2) && depth < MOST_INTERPRETERS)
		return look(interpreter(head), depth + 1);
	return target;
}

struct run_target run_target_of(const char *command)
{
	char path[4096];

	if (!search(command, path))
		return (struct run_target){.kind = KT_TARGET_MISSING};
	return look(path, 0);
}
