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
#else
#define OUR_CLASS ELFCLASS32
typedef Elf32_Ehdr elf_header;
typedef Elf32_Phdr elf_segment;
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

static bool has_loader(int fd, const elf_header *h)
{
	elf_segment s;

	for (unsigned i = 0; i < h->e_phnum; i++) {
		off_t at = (off_t)(h->e_phoff + (uint64_t)i * sizeof s);

		if (pread(fd, &s, sizeof s, at) != sizeof s)
			return false;
		if (s.p_type == PT_INTERP)
			return true;
	}
	return false;
}

static enum kt_target elf_target(int fd, const char *head)
{
	elf_header h;

	memcpy(&h, head, sizeof h);
	if (h.e_ident[EI_CLASS] != OUR_CLASS || !is_our_machine(&h))
		return KT_TARGET_OTHER_CLASS;
	if (gains_rights(fd))
		return KT_TARGET_SETUID;
	return has_loader(fd, &h) ? KT_TARGET_DYNAMIC : KT_TARGET_STATIC;
}

/* The interpreter of a "#!" line, in place. */
static char *interpreter(char *head)
{
	char *name = head + 2 + strspn(head + 2, " \t");

	name[strcspn(name, " \t\r\n")] = '\0';
	return name;
}

static enum kt_target file_target(const char *path, int depth)
{
	char head[256] = "";
	enum kt_target target = KT_TARGET_UNKNOWN;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? KT_TARGET_MISSING : KT_TARGET_UNKNOWN;
	n = pread(fd, head, sizeof head - 1, 0);
	if (n >= (ssize_t)sizeof(elf_header) && !memcmp(head, ELFMAG, SELFMAG))
		target = elf_target(fd, head);
	close(fd);
	if (!memcmp(head, "#!", 2) && depth < MOST_INTERPRETERS)
		return file_target(interpreter(head), depth + 1);
	return target;
}

enum kt_target target_of(const char *command)
{
	char path[4096];

	return search(command, path) ? file_target(path, 0) : KT_TARGET_MISSING;
}
