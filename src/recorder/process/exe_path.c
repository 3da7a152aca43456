/* The first access of a process to /proc costs 8 us, more than any other system
 * call at birth: the kernel makes inodes for the process, and removes the
 * inodes when the process ends. AT_EXECFN (getauxval(3)) is the name by which
 * the kernel loaded the program. Following the links of AT_EXECFN leads to the
 * same file in three or four calls. So /proc is read only when AT_EXECFN may
 * name another file. */
#include "recorder/process/exe_path.h"

#include <errno.h>

#include "recorder/state/settings.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/lib/memory_map.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"

enum { EXE_BYTES = PATH_BYTES / 2, LINKS = 8 };

/* For a #! script the kernel sets AT_EXECFN to the script, and passes the
 * script as an argument of the interpreter. binfmt_misc does the same. */
static bool is_argument(char *const *argv, const char *name)
{
	for (size_t i = 1; argv[0] && argv[i]; i++)
		if (str_equal(argv[i], name))
			return true;
	return false;
}

/* "", "." and "..": for readlink these are like a directory. */
static bool is_step(const char *part, size_t n)
{
	return n == 0 || (n == 1 && part[0] == '.') ||
	       (n == 2 && part[0] == '.' && part[1] == '.');
}

/* Puts the n bytes of a link's text in the place of path[..end). */
static bool splice(char path[EXE_BYTES], size_t end, const char *link, size_t n)
{
	size_t rest = str_length(path + end) + 1;
	size_t from = link[0] == '/' ? 0 : end;

	while (from && path[from - 1] != '/')
		from--;
	if (from + n + rest > EXE_BYTES)
		return false;
	__builtin_memmove(path + from + n, path + end, rest);
	__builtin_memcpy(path + from, link, n);
	return true;
}

static long read_link(char *path, size_t end, char link[EXE_BYTES])
{
	char after = path[end];
	long n;

	path[end] = '\0';
	n = SYS(readlink, path, link, EXE_BYTES);
	path[end] = after;
	return n;
}

/* Follows all links of an absolute path. False on failure. */
static bool follow(char path[EXE_BYTES])
{
	char link[EXE_BYTES];
	size_t at = 0, end;
	int links = 0;

	while (path[at]) {
		for (end = at + 1; path[end] && path[end] != '/';)
			end++;
		if (is_step(path + at + 1, end - at - 1))
			return false;
		long n = read_link(path, end, link);

		if (n == -EINVAL) {
			at = end;
			continue;
		}
		if (n <= 0 || n == EXE_BYTES || ++links > LINKS ||
		    !splice(path, end, link, (size_t)n))
			return false;
		at = 0;
	}
	return !str_begins(path, "/proc/");
}

/* Finds the file mapped at an address. */
static __attribute__((noinline)) bool find_mapped(char *ret, size_t size,
						  const void *address)
{
	uintptr_t at = (uintptr_t)address;
	struct mapping here;
	struct maps maps;
	bool found = false;

	if (!at || !maps_open(&maps))
		return false;
	while (!found && maps_next(&maps, &here))
		found = at >= here.from && at < here.to;
	maps_close(&maps);
	return found && here.path[0] == '/' && str_append(ret, size, here.path);
}

/* The loader was started with the program as an argument: AT_EXECFN and
 * /proc/self/exe lead to the loader. */
static void find_by_hand(char *ret, size_t size, char *const *argv)
{
	if (!find_mapped(ret, size, elf_program()) && argv && argv[0])
		str_append(ret, size, argv[0]);
}

void exe_path_find(char *ret, size_t size, char *const *argv)
{
	const char *name = elf_exec_name();
	char path[EXE_BYTES] = "";
	long n;

	ret[0] = '\0';
	if (elf_is_by_hand()) {
		find_by_hand(ret, size, argv);
		return;
	}
	if (name && name[0] == '/' && argv && !is_argument(argv, name) &&
	    str_append(path, sizeof path, name) && follow(path) &&
	    str_append(ret, size, path))
		return;
	n = SYS(readlink, "/proc/self/exe", ret, size - 1);
	ret[n > 0 ? n : 0] = '\0';
	if (n <= 0 && name)
		str_append(ret, size, name);
}
