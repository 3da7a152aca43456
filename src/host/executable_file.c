#include "host/executable_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "shared/file_rights.h"

static bool is_regular(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static bool is_executable(const char *path)
{
	return is_regular(path) && !access(path, X_OK);
}

/* Only to look at: to open a device can do something, and any script may
 * name a device as the interpreter. */
static int open_regular(const char *path)
{
	if (!is_regular(path))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

bool executable_file_search(const char *command,
			    char path[EXECUTABLE_PATH_BYTES])
{
	const char *dirs = getenv("PATH");

	if (strchr(command, '/'))
		return snprintf(path, EXECUTABLE_PATH_BYTES, "%s", command) <
			       EXECUTABLE_PATH_BYTES &&
		       !access(path, F_OK);
	dirs = dirs ? dirs : PROGRAM_PATH;
	while (*command &&
	       program_path_next(&dirs, command, path, EXECUTABLE_PATH_BYTES))
		if (is_executable(path))
			return true;
	return false;
}

/* With rights beyond the caller's, the loader drops us. */
static enum rights rights_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return RIGHTS_SAME;
	if (changes_user(&st, getuid()))
		return RIGHTS_SET_UID;
	if (changes_group(&st, getgid()))
		return RIGHTS_SET_GID;
	if (getuid() && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return RIGHTS_CAPABILITIES;
	return RIGHTS_SAME;
}

static long read_at(long fd, void *to, size_t n, uint64_t offset)
{
	return pread((int)fd, to, n, (off_t)offset);
}

static unsigned newest_of(int fd, off_t at, unsigned n, off_t strings)
{
	unsigned newest = 0, minor;
	char name[16] = "";
	Elf64_Vernaux v;

	while (n-- && pread(fd, &v, sizeof v, at) == sizeof v) {
		if (pread(fd, name, sizeof name - 1,
			  strings + (off_t)v.vna_name) > 0 &&
		    sscanf(name, "GLIBC_2.%u", &minor) == 1 && minor > newest)
			newest = minor;
		if (!v.vna_next)
			break;
		at += (off_t)v.vna_next;
	}
	return newest;
}

/* 34 for glibc 2.34: the newest version needed of a library of glibc. */
static unsigned glibc_needed(const struct program_head *h)
{
	struct program_dynamic d = program_dynamic(h);
	unsigned newest = 0, libraries = 256;
	off_t at = (off_t)d.versions, strings = (off_t)d.strings;
	int fd = (int)h->fd;
	Elf64_Verneed need;

	while (strings && at && libraries-- &&
	       pread(fd, &need, sizeof need, at) == sizeof need) {
		unsigned n = newest_of(fd, at + (off_t)need.vn_aux, need.vn_cnt,
				       strings);

		newest = n > newest ? n : newest;
		at = need.vn_next ? at + (off_t)need.vn_next : 0;
	}
	return newest;
}

/* By the note of Go's linker, among others. */
static bool is_go(const struct program_head *h)
{
	static const char wanted[] = "\4\0\0\0Go\0"; /* type and name */
	char notes[1024];

	for (size_t i = 0; i < h->segments.count; i++) {
		const Elf64_Phdr *s = &h->segments.at[i];
		long n = 0;

		if (s->p_type == PT_NOTE)
			n = read_at(h->fd, notes,
				    s->p_filesz < sizeof notes ? s->p_filesz
							       : sizeof notes,
				    s->p_offset);
		if (n > 0 && memmem(notes, (size_t)n, wanted, sizeof wanted))
			return true;
	}
	return false;
}

/* Adds facts for `keytrail doctor`. */
static void look_at_elf(int fd, struct executable_file *ret)
{
	struct program_head h;

	if (!program_head_read(read_at, fd, &h))
		return;
	ret->glibc_needed = glibc_needed(&h);
	ret->is_go = is_go(&h);
	ret->rights = rights_of(fd);
	if (ret->rights != RIGHTS_SAME)
		ret->program.kind = KT_TARGET_SETUID;
}

/* The rest of a "#!" line is one argument, as the kernel reads the line. */
static void read_argument(const char *head, struct executable_file *ret)
{
	const char *at = head + 2 + strspn(head + 2, " \t");
	size_t n;

	ret->is_script = true;
	at += strlen(ret->program.interpreter);
	at += strspn(at, " \t");
	n = strcspn(at, "\n");
	while (n && (at[n - 1] == ' ' || at[n - 1] == '\t'))
		n--;
	memcpy(ret->argument, at, n);
}

struct executable_file executable_file_at(const char *path)
{
	struct executable_file file = {.program.kind = KT_TARGET_UNKNOWN};
	char head[256] = "";
	int fd = open_regular(path);
	ssize_t n;

	file.is_there = fd >= 0 || !access(path, F_OK);
	file.is_regular = is_regular(path);
	file.is_executable = is_executable(path);
	if (fd < 0) {
		if (!file.is_there)
			file.program.kind = KT_TARGET_MISSING;
		return file;
	}
	program_file_read(read_at, fd, &file.program);
	look_at_elf(fd, &file);
	n = pread(fd, head, sizeof head - 1, 0);
	if (!memcmp(head, "#!", 2))
		read_argument(head, &file);
	else
		file.is_text = n > 0 && !memchr(head, '\0', (size_t)n);
	close(fd);
	return file;
}
