/* The constructor: everything that an image needs once. */
#include <sys/mman.h>

#include "recorder/image.h"
#include "recorder/loaded.h"
#include "recorder/next.h"
#include "recorder/preload.h"
#include "recorder/python.h"
#include "recorder/recorder.h"
#include "recorder/segment.h"
#include "recorder/siphash.h"
#include "recorder/stack.h"
#include "recorder/sys.h"
#include "recorder/text.h"
#include "recorder/watch.h"

extern const char *gnu_get_libc_version(void) __attribute__((weak));

/* Not .bss: where the host has too little memory for it, we step aside, and
 * the loader would not. */
static struct guest *map_guest(void)
{
	struct guest *g = sys_memory(sizeof *g);

	if (!g)
		return NULL;
	SYS(madvise, g, sizeof *g, MADV_DONTDUMP);
	g->wiped_by_hand = SYS(madvise, &g->life, sizeof g->life,
			       MADV_WIPEONFORK) != 0;
	return g;
}

/* Only glibc hands argv to constructors. On the stack it lies before envp,
 * with its length before it. */
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

/* Where the loader found us, made absolute: children have other directories. */
static bool find_library(char library[PATH_BYTES])
{
	const char *path = loaded_own_path();
	long n;

	library[0] = '\0';
	if (!path || !*path)
		return false;
	if (path[0] != '/' && text_find(path, '/')) {
		n = SYS(getcwd, library, PATH_BYTES);
		if (n <= 0)
			return false;
		text_append(library, PATH_BYTES, "/");
	}
	return text_append(library, PATH_BYTES, path);
}

/* The kernel's 16 random bytes are also libc's stack guard: only a hash of
 * them may lie about. */
static void seed(uint64_t *ret)
{
	const uint64_t *random = loaded_random();
	uint8_t hash[16];

	siphash128(hash, guest->config.key, random, random ? 16 : 0);
	__builtin_memcpy(ret, hash, sizeof *ret);
}

static bool is_off(char *const *envp)
{
	const char *variable = env_value(envp, "KEYTRAIL");

	return variable && same_text(variable, "off");
}

static void begin(char **argv, char **envp)
{
	preload_take_back(envp);
	loaded_start(envp);
	next_find();
	guest = is_off(envp) ? NULL : map_guest();
	if (!guest)
		return;
	clock_start();
	if (!find_library(guest->config.library) ||
	    !config_read(&guest->config, envp)) {
		SYS(munmap, guest, sizeof *guest);
		guest = NULL;
		return;
	}
	seed(&guest->seed);
	watch_start(guest->config.patterns);
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
	if (!envp || guest)
		return;
	thread.inside = true;
	begin(argv, envp);
	thread.inside = false;
	if (guest && guest->config.stacks)
		stack_start();
	if (guest)
		python_start();
}
