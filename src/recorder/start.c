/* The constructor: everything needed once in an image. */
#include <sys/mman.h>

#include "recorder/http/http.h"
#include "recorder/process/image.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/hooks/exit_wait.h"
#include "recorder/hooks/real.h"
#include "recorder/process/preload_env.h"
#include "shared/settings_text.h"
#include "recorder/runtimes/perl/perl.h"
#include "recorder/runtimes/python/python.h"
#include "recorder/recorder.h"
#include "recorder/trace/segment_file.h"
#include "shared/siphash.h"
#include "recorder/trace/unwind.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"

extern const char *gnu_get_libc_version(void) __attribute__((weak));

/* The globals are not in .bss: without enough memory for .bss the loader would
 * refuse to start the program. Here recording is just off. */
static struct process_globals *map_guest(void)
{
	struct process_globals *g = sys_memory(sizeof *g);

	if (!g)
		return NULL;
	SYS(madvise, g, sizeof *g, MADV_DONTDUMP);
	g->wiped_by_hand =
		SYS(madvise, &g->life, sizeof g->life, MADV_WIPEONFORK) != 0;
	return g;
}

/* Only glibc passes argv to constructors. Elsewhere argv is found on the stack:
 * argv lies before envp, and the length of argv before argv. */
static char **argv_before(char **envp)
{
	char **argv = envp - 1;
	uintptr_t count = 0;

	if (*argv)
		return NULL;
	while ((uintptr_t)argv[-1] != count && count < 65536)
		argv--, count++;
	return (uintptr_t)argv[-1] == count ? argv : NULL;
}

/* Path of the library as known to the loader, made absolute: children have
 * other directories. */
static bool find_library(char library[PATH_BYTES])
{
	const char *path = elf_own_path();
	long n;

	library[0] = '\0';
	if (!path || !*path)
		return false;
	if (path[0] != '/' && str_find_char(path, '/')) {
		n = SYS(getcwd, library, PATH_BYTES);
		if (n <= 0)
			return false;
		str_append(library, PATH_BYTES, "/");
	}
	return str_append(library, PATH_BYTES, path);
}

/* The kernel's 16 random bytes are also libc's stack guard. So only a hash of
 * the bytes may be kept in memory. */
static void seed(uint64_t *ret)
{
	const uint64_t *random = elf_random();
	uint8_t hash[16];

	siphash128(hash, globals->settings.key, random, random ? 16 : 0);
	__builtin_memcpy(ret, hash, sizeof *ret);
}

static bool is_off(char *const *envp)
{
	const char *variable = env_value(envp, "KEYTRAIL");

	return variable && settings_say_off(variable);
}

static void begin(char **argv, char **envp)
{
	preload_take_back(envp);
	elf_start(envp);
	real_find();
	globals = is_off(envp) ? NULL : map_guest();
	if (!globals)
		return;
	clock_start();
	if (!find_library(globals->settings.library) ||
	    !settings_read(&globals->settings, envp)) {
		SYS(munmap, globals, sizeof *globals);
		globals = NULL;
		return;
	}
	seed(&globals->seed);
	globals->argv = argv;
	watched_names_start(globals->settings.patterns);
	segment_open();
	image_begin(argv, envp);
}

static __attribute__((constructor, used)) void start(int argc, char **argv,
						     char **envp)
{
	(void)argc;
	if (!gnu_get_libc_version) {
		envp = &environ ? environ : NULL;
		argv = envp ? argv_before(envp) : NULL;
	}
	if (!envp || globals)
		return;
	thread.inside = true;
	begin(argv, envp);
	thread.inside = false;
	if (globals)
		exit_watch_return();
	if (globals && globals->settings.stacks)
		unwind_start();
	if (globals && globals->settings.http)
		http_start();
	if (globals)
		python_start();
	if (globals && elf_symbol("PL_ppaddr"))
		perl_start();
}
