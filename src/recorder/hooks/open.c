/* open, fopen, stat, access and their families: which env and secret files are
 * opened, and which are looked for. A path is looked at after the call, and
 * only when the kernel has read the path: a bad pointer stays the host's.
 *
 * The hooks have names of their own in C, and those of libc for the linker:
 * older headers define stat as a call of __xstat, and fortified headers define
 * open. */
#include "recorder/hooks/open.h"

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>

#include "recorder/hooks/real.h"
#include "recorder/lib/syscall.h"
#include "recorder/process/open_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/open_place.h"

/* The function of libc, as the hook is declared, and the hook itself. */
#define LATER(name, other) ((__typeof__(hook_##name) *)REAL_LATER(name, other))
#define NAMED(name)	   __asm__(#name)

/* ---- after the call ------------------------------------------------------ */

enum purpose { FOR_READING, FOR_WRITING, A_PROBE };

/* Errors that the kernel finds after it has read the whole path. */
static bool has_read_path(int error)
{
	const uint64_t errors =
		1ull << EPERM | 1ull << ENOENT | 1ull << EACCES |
		1ull << EEXIST | 1ull << ENOTDIR | 1ull << EISDIR |
		1ull << ENFILE | 1ull << EMFILE | 1ull << EROFS | 1ull << ELOOP;

	return error < 64 && errors >> error & 1;
}

static __attribute__((noinline)) void tell(const char *fn, const char *path,
					   int directory, enum purpose purpose,
					   int error, const void *caller)
{
	struct open_event o = {.fn = fn,
			       .path = path,
			       .directory = directory,
			       .error = error,
			       .is_probe = purpose == A_PROBE,
			       .is_write = purpose == FOR_WRITING,
			       .caller = caller};
	int before = host_errno();
	struct open_place room;

	if (thread.vforked || !recorder_enter())
		return;
	open_place_find(&o, &room);
	record_open(&o);
	open_place_end(&o);
	recorder_leave();
	host_set_errno(before);
}

static inline void after(const char *fn, int directory, const char *path,
			 enum purpose purpose, bool failed, const void *caller)
{
	int error = failed ? host_errno() : 0;

	if (globals && (!failed || has_read_path(error)) && maybe_null(path) &&
	    open_may_be_told(path))
		tell(fn, path, directory, purpose, error, caller);
}

static inline enum purpose purpose_of(int flags)
{
	if (flags & O_PATH)
		return A_PROBE;
	return (flags & O_ACCMODE) == O_RDONLY ? FOR_READING : FOR_WRITING;
}

/* Of a mode of fopen: "r" opens for reading, and "r+" does not. */
static inline enum purpose purpose_of_mode(const char *mode)
{
	for (const char *c = mode; *c && *c != ','; c++)
		if (*c == '+' || *c == 'w' || *c == 'a')
			return FOR_WRITING;
	return FOR_READING;
}

/* ---- open ---------------------------------------------------------------- */

/* A mode that was not passed is passed on as whatever stands in its place, as
 * libc itself does. */
#define OPEN(name, other)                                                      \
	int hook_##name(const char *path, int flags, ...) NAMED(name);         \
	EXPORT int hook_##name(const char *path, int flags, ...)               \
	{                                                                      \
		__typeof__(hook_##name) *call = LATER(name, other);            \
		int mode = MODE_BEHIND(flags), fd;                             \
                                                                               \
		fd = call ? call(path, flags, mode)                            \
			  : (int)host_result(SYS(open, path, flags, mode));    \
		after(#name, AT_FDCWD, path, purpose_of(flags), fd < 0,        \
		      CALLER);                                                 \
		return fd;                                                     \
	}

#define OPENAT(name, other)                                                    \
	int hook_##name(int directory, const char *path, int flags, ...)       \
		NAMED(name);                                                   \
	EXPORT int hook_##name(int directory, const char *path, int flags,     \
			       ...)                                            \
	{                                                                      \
		__typeof__(hook_##name) *call = LATER(name, other);            \
		int mode = MODE_BEHIND(flags), fd;                             \
                                                                               \
		fd = call ? call(directory, path, flags, mode)                 \
			  : (int)host_result(SYS(openat, directory, path,      \
						 flags, mode));                \
		after(#name, directory, path, purpose_of(flags), fd < 0,       \
		      CALLER);                                                 \
		return fd;                                                     \
	}

#define MODE_BEHIND(last)                                                      \
	({                                                                     \
		__builtin_va_list list;                                        \
		int value;                                                     \
                                                                               \
		__builtin_va_start(list, last);                                \
		value = __builtin_va_arg(list, int);                           \
		__builtin_va_end(list);                                        \
		value;                                                         \
	})

OPEN(open, open)
OPEN(open64, open)
OPENAT(openat, openat)
OPENAT(openat64, openat)

/* Of a fortified program: without a mode. */
#define OPEN_2(name, other)                                                    \
	int hook_##name(const char *path, int flags) NAMED(name);              \
	EXPORT int hook_##name(const char *path, int flags)                    \
	{                                                                      \
		__typeof__(hook_##name) *call = LATER(name, other);            \
		int fd = call ? call(path, flags)                              \
			      : (int)host_result(SYS(open, path, flags, 0));   \
                                                                               \
		after(#name, AT_FDCWD, path, purpose_of(flags), fd < 0,        \
		      CALLER);                                                 \
		return fd;                                                     \
	}

#define OPENAT_2(name, other)                                                  \
	int hook_##name(int directory, const char *path, int flags)            \
		NAMED(name);                                                   \
	EXPORT int hook_##name(int directory, const char *path, int flags)     \
	{                                                                      \
		__typeof__(hook_##name) *call = LATER(name, other);            \
		int fd = call ? call(directory, path, flags)                   \
			      : (int)host_result(SYS(openat, directory, path,  \
						     flags, 0));               \
                                                                               \
		after(#name, directory, path, purpose_of(flags), fd < 0,       \
		      CALLER);                                                 \
		return fd;                                                     \
	}

OPEN_2(__open_2, __open_2)
OPEN_2(__open64_2, __open64_2)
OPENAT_2(__openat_2, __openat_2)
OPENAT_2(__openat64_2, __openat64_2)

/* ---- fopen --------------------------------------------------------------- */

#define FOPEN(name, other)                                                     \
	void *hook_##name(const char *path, const char *mode) NAMED(name);     \
	EXPORT void *hook_##name(const char *path, const char *mode)           \
	{                                                                      \
		__typeof__(hook_##name) *call = LATER(name, other);            \
		void *stream = call ? call(path, mode) : NULL;                 \
                                                                               \
		after(#name, AT_FDCWD, path, purpose_of_mode(mode), !stream,   \
		      CALLER);                                                 \
		return stream;                                                 \
	}

/* A path of NULL opens the stream anew. */
#define FREOPEN(name, other)                                                   \
	void *hook_##name(const char *path, const char *mode, void *old)       \
		NAMED(name);                                                   \
	EXPORT void *hook_##name(const char *path, const char *mode,           \
				 void *old)                                    \
	{                                                                      \
		__typeof__(hook_##name) *call = LATER(name, other);            \
		void *stream = call ? call(path, mode, old) : NULL;            \
                                                                               \
		after(#name, AT_FDCWD, path, purpose_of_mode(mode), !stream,   \
		      CALLER);                                                 \
		return stream;                                                 \
	}

FOPEN(fopen, fopen)
FOPEN(fopen64, fopen)
FREOPEN(freopen, freopen)
FREOPEN(freopen64, freopen)

/* ---- probes -------------------------------------------------------------- */

/* `where`: the directory of a relative path. Then the parameters, how they are
 * passed on, and the call of the kernel where libc lacks the function. The
 * buffer of stat has the kernel's form on x86-64. */
#define PROBE(type, name, other, where, parameters, arguments, number, ...)    \
	type hook_##name parameters NAMED(name);                               \
	EXPORT type hook_##name parameters                                     \
	{                                                                      \
		__typeof__(hook_##name) *call = LATER(name, other);            \
		type result =                                                  \
			call ? call arguments                                  \
			     : (type)host_result(SYS(number, __VA_ARGS__));    \
                                                                               \
		after(#name, where, path, A_PROBE, result < 0, CALLER);        \
		return result;                                                 \
	}

/* The same of a function and of the function with 64 behind its name. */
#define PROBES(type, name, ...)                                                \
	PROBE(type, name, name, __VA_ARGS__)                                   \
	PROBE(type, name##64, name, __VA_ARGS__)

PROBES(int, stat, AT_FDCWD, (const char *path, void *to), (path, to), stat,
       path, to)
PROBES(int, lstat, AT_FDCWD, (const char *path, void *to), (path, to), lstat,
       path, to)
PROBES(int, fstatat, directory,
       (int directory, const char *path, void *to, int flags),
       (directory, path, to, flags), newfstatat, directory, path, to, flags)
PROBE(int, statx, statx, directory,
      (int directory, const char *path, int flags, unsigned mask, void *to),
      (directory, path, flags, mask, to), statx, directory, path, flags, mask,
      to)

/* stat of programs that were linked before glibc 2.33. */
PROBES(int, __xstat, AT_FDCWD, (int version, const char *path, void *to),
       (version, path, to), stat, path, to)
PROBES(int, __lxstat, AT_FDCWD, (int version, const char *path, void *to),
       (version, path, to), lstat, path, to)
PROBES(int, __fxstatat, directory,
       (int version, int directory, const char *path, void *to, int flags),
       (version, directory, path, to, flags), newfstatat, directory, path, to,
       flags)

PROBE(int, access, access, AT_FDCWD, (const char *path, int mode), (path, mode),
      access, path, mode)
PROBE(int, faccessat, faccessat, directory,
      (int directory, const char *path, int mode, int flags),
      (directory, path, mode, flags), faccessat, directory, path, mode)

PROBE(long, readlink, readlink, AT_FDCWD,
      (const char *path, char *to, size_t size), (path, to, size), readlink,
      path, to, size)
PROBE(long, readlinkat, readlinkat, directory,
      (int directory, const char *path, char *to, size_t size),
      (directory, path, to, size), readlinkat, directory, path, to, size)
PROBE(long, __readlink_chk, __readlink_chk, AT_FDCWD,
      (const char *path, char *to, size_t size, size_t room),
      (path, to, size, room), readlink, path, to, size)
PROBE(long, __readlinkat_chk, __readlinkat_chk, directory,
      (int directory, const char *path, char *to, size_t size, size_t room),
      (directory, path, to, size, room), readlinkat, directory, path, to, size)

/* ---- by number ----------------------------------------------------------- */

void record_open_by_number(long number, long a, long b, long c, long result,
			   const void *caller)
{
	bool failed = result < 0;

	if (number == __NR_open)
		after("syscall", AT_FDCWD, (const char *)a, purpose_of((int)b),
		      failed, caller);
	else if (number == __NR_openat)
		after("syscall", (int)a, (const char *)b, purpose_of((int)c),
		      failed, caller);
	else if (number == __NR_statx)
		after("syscall", (int)a, (const char *)b, A_PROBE, failed,
		      caller);
}
