#include "commands/run_file.h"
#include "shared/sanitizer.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#if __SIZEOF_POINTER__ == 8
#define OUR_CLASS ELFCLASS64
typedef Elf64_Ehdr elf_header;
typedef Elf64_Phdr elf_segment;
typedef Elf64_Dyn elf_dynamic;
typedef Elf64_Verneed elf_needed;
typedef Elf64_Vernaux elf_version;
#else
#define OUR_CLASS ELFCLASS32
typedef Elf32_Ehdr elf_header;
typedef Elf32_Phdr elf_segment;
typedef Elf32_Dyn elf_dynamic;
typedef Elf32_Verneed elf_needed;
typedef Elf32_Vernaux elf_version;
#endif

static bool is_regular(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static bool is_executable(const char *path)
{
	return is_regular(path) && !access(path, X_OK);
}

/* Only to look at: to open a device can do something, and a script of anybody
 * may name one as its interpreter. */
static int open_regular(const char *path)
{
	if (!is_regular(path))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

bool run_file_search(const char *command, char path[RUN_PATH_BYTES])
{
	const char *dirs = getenv("PATH");

	if (strchr(command, '/'))
		return snprintf(path, RUN_PATH_BYTES, "%s", command) <
			       RUN_PATH_BYTES &&
		       !access(path, F_OK);
	for (dirs = dirs ? dirs : "/bin:/usr/bin"; *command; dirs++) {
		size_t n = strcspn(dirs, ":");
		int len = snprintf(path, RUN_PATH_BYTES, "%.*s%s%s", (int)n,
				   dirs, n ? "/" : "", command);

		if (len < RUN_PATH_BYTES && is_executable(path))
			return true;
		dirs += n;
		if (!*dirs)
			return false;
	}
	return false;
}

/* Rights that the caller does not have make the loader drop us. */
static enum rights rights_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return RIGHTS_SAME;
	if (st.st_mode & S_ISUID && st.st_uid != getuid())
		return RIGHTS_SET_UID;
	if (st.st_mode & S_ISGID && st.st_mode & S_IXGRP &&
	    st.st_gid != getgid())
		return RIGHTS_SET_GID;
	if (getuid() && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return RIGHTS_CAPABILITIES;
	return RIGHTS_SAME;
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

/* What the dynamic section says; offsets are the file's. */
struct dynamic {
	off_t strings, needed, versions;
	bool is_there, needs_any, is_program; /* the linker says so */
};

static struct dynamic read_dynamic(int fd, const elf_header *h)
{
	struct dynamic ret = {0};
	elf_segment s;
	elf_dynamic d;

	if (!find_segment(fd, h, PT_DYNAMIC, &s))
		return ret;
	ret.is_there = true;
	for (off_t at = (off_t)s.p_offset;
	     pread(fd, &d, sizeof d, at) == sizeof d && d.d_tag != DT_NULL;
	     at += (off_t)sizeof d) {
		if (d.d_tag == DT_NEEDED && !ret.needs_any) {
			ret.needed = (off_t)d.d_un.d_val;
			ret.needs_any = true;
		}
		if (d.d_tag == DT_STRTAB)
			ret.strings = file_offset(fd, h, d.d_un.d_ptr);
		if (d.d_tag == DT_FLAGS_1)
			ret.is_program = d.d_un.d_val & DF_1_PIE;
		if (d.d_tag == DT_VERNEED)
			ret.versions = file_offset(fd, h, d.d_un.d_ptr);
	}
	return ret;
}

/* The first library that the program needs, when that is a runtime. */
static void find_runtime(int fd, const struct dynamic *d, char runtime[32])
{
	if (!d->strings || !d->needs_any ||
	    pread(fd, runtime, 31, d->strings + d->needed) < 1 ||
	    strlen(runtime) > 30 ||
	    !sanitizer_must_be_first(runtime, strlen(runtime)))
		*runtime = '\0';
}

static unsigned newest_of(int fd, off_t at, unsigned n, off_t strings)
{
	unsigned newest = 0, minor;
	char name[16] = "";
	elf_version v;

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

/* 34 for glibc 2.34: the newest version that a library of glibc must have. */
static unsigned glibc_needed(int fd, const struct dynamic *d)
{
	unsigned newest = 0, libraries = 256;
	off_t at = d->versions;
	elf_needed need;

	while (d->strings && at && libraries-- &&
	       pread(fd, &need, sizeof need, at) == sizeof need) {
		unsigned n = newest_of(fd, at + (off_t)need.vn_aux, need.vn_cnt,
				       d->strings);

		newest = n > newest ? n : newest;
		at = need.vn_next ? at + (off_t)need.vn_next : 0;
	}
	return newest;
}

static enum libc libc_of(const char *loader)
{
	const char *slash = strrchr(loader, '/');
	const char *name = slash ? slash + 1 : loader;

	if (!strncmp(name, "ld-musl", 7))
		return LIBC_MUSL;
	if (!strncmp(name, "ld-linux", 8) || !strncmp(name, "ld64.so", 7) ||
	    !strncmp(name, "ld-2.", 5) || !strcmp(name, "ld.so.1"))
		return LIBC_GLIBC;
	return LIBC_OTHER;
}

static void look_at_dynamic(int fd, const elf_header *h, const elf_segment *s,
			    struct run_file *ret)
{
	struct dynamic d = read_dynamic(fd, h);
	size_t n = s->p_filesz < 255 ? (size_t)s->p_filesz : 255;

	if (pread(fd, ret->loader, n, (off_t)s->p_offset) < 0)
		ret->loader[0] = '\0';
	ret->libc = libc_of(ret->loader);
	ret->kind = ret->libc == LIBC_OTHER ? KT_TARGET_OTHER_LIBC
					    : KT_TARGET_DYNAMIC;
	ret->glibc_needed = glibc_needed(fd, &d);
	find_runtime(fd, &d, ret->runtime);
}

/* A library that can be started and asks for no loader is one itself. */
static bool is_loader(int fd, const elf_header *h)
{
	struct dynamic d = read_dynamic(fd, h);

	return h->e_type == ET_DYN && d.is_there && !d.is_program;
}

/* By the note of Go's linker, among others. */
static bool is_go(int fd, const elf_header *h)
{
	static const char wanted[] = "\4\0\0\0Go\0"; /* type and name */
	char notes[1024];
	elf_segment s;

	for (unsigned i = 0; read_segment(fd, h, i, &s); i++) {
		ssize_t n = 0;

		if (s.p_type == PT_NOTE)
			n = pread(fd, notes,
				  s.p_filesz < sizeof notes ? s.p_filesz
							    : sizeof notes,
				  (off_t)s.p_offset);
		if (n > 0 && memmem(notes, (size_t)n, wanted, sizeof wanted))
			return true;
	}
	return false;
}

static void look_at_elf(int fd, const char *head, struct run_file *ret)
{
	elf_segment s;
	elf_header h;

	memcpy(&h, head, sizeof h);
	ret->is_elf = true;
	if (h.e_ident[EI_CLASS] != OUR_CLASS || !is_our_machine(&h)) {
		ret->kind = KT_TARGET_OTHER_CLASS;
		return;
	}
	if (find_segment(fd, &h, PT_INTERP, &s)) {
		look_at_dynamic(fd, &h, &s, ret);
	} else {
		ret->kind = KT_TARGET_STATIC;
		ret->is_loader = is_loader(fd, &h);
	}
	ret->is_go = is_go(fd, &h);
	ret->rights = rights_of(fd);
	if (ret->rights != RIGHTS_SAME)
		ret->kind = KT_TARGET_SETUID;
}

/* "#!INTERPRETER ARGUMENT", as the kernel reads it: one argument at most. */
static void look_at_script(const char *head, struct run_file *ret)
{
	const char *at = head + 2 + strspn(head + 2, " \t");
	size_t n = strcspn(at, " \t\r\n");

	ret->is_script = true;
	memcpy(ret->interpreter, at, n);
	at += n;
	at += strspn(at, " \t");
	n = strcspn(at, "\r\n");
	while (n && (at[n - 1] == ' ' || at[n - 1] == '\t'))
		n--;
	memcpy(ret->argument, at, n);
}

struct run_file run_file_at(const char *path)
{
	struct run_file file = {.kind = KT_TARGET_UNKNOWN};
	char head[256] = "";
	int fd = open_regular(path);
	ssize_t n;

	file.is_there = fd >= 0 || !access(path, F_OK);
	file.is_executable = is_executable(path);
	if (fd < 0) {
		if (!file.is_there)
			file.kind = KT_TARGET_MISSING;
		return file;
	}
	n = pread(fd, head, sizeof head - 1, 0);
	if (n >= (ssize_t)sizeof(elf_header) && !memcmp(head, ELFMAG, SELFMAG))
		look_at_elf(fd, head, &file);
	if (!memcmp(head, "#!", 2))
		look_at_script(head, &file);
	else
		file.is_text = n > 0 && !memchr(head, '\0', (size_t)n);
	close(fd);
	return file;
}
