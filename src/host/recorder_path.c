#include "host/recorder_path.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Without /proc, the path given to exec. The current directory is no
 * substitute: another user may own that directory.
 */
static const char *own_path(char exe[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", exe, PATH_MAX - 1);

	if (n <= 0)
		return (const char *)getauxval(AT_EXECFN);
	exe[n] = '\0';
	return exe;
}

static const char *own_dir(struct arena *arena)
{
	char exe[PATH_MAX];
	const char *path = own_path(exe);
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (!slash)
		return "."; /* exec found us in the current directory */
	return arena_print(arena, "%.*s", (int)(slash - path), path).at;
}

/* The recorder that hears HTTP lies in a directory beside the other: under the
 * same file name, so that each knows the other as another copy. */
static const char *of_http(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;

	return arena_print(arena, "%.*shttp/%s", (int)n, path, path + n).at;
}

static const char *plain_path(struct arena *arena)
{
	const char *told = getenv("KEYTRAIL_LIB"), *dir = own_dir(arena);
	const char *path;

	if (told && *told)
		return told;
	path = arena_print(arena, "%s/libkeytrail.so", dir).at;
	if (!access(path, R_OK))
		return path;
	return arena_print(arena, "%s/../lib/keytrail/libkeytrail.so", dir).at;
}

const char *recorder_path(struct arena *arena, bool http)
{
	const char *path = plain_path(arena);

	return http ? of_http(arena, path) : path;
}

/* Without a descriptor the file cannot be judged; `keytrail run` complains of
 * the lack later. */
static bool lacks_descriptors(int error)
{
	return error == EMFILE || error == ENFILE;
}

const char *recorder_path_flaw(const char *path)
{
	Elf64_Ehdr head;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n;
	int error;

	if (fd < 0)
		return lacks_descriptors(errno) ? NULL : strerror(errno);
	n = read(fd, &head, sizeof head);
	error = errno;
	close(fd);
	if (n < 0)
		return strerror(error);
	if (n < (ssize_t)sizeof head || memcmp(&head, ELFMAG, SELFMAG))
		return "it is no shared library";
	if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_machine != EM_X86_64)
		return "it is built for another kind of machine";
	return head.e_type == ET_DYN ? NULL : "it is no shared library";
}

bool recorder_path_can_be_named(const char *path)
{
	return !strpbrk(path, " :");
}
