#include "recorder/process/open_event.h"

#include <fcntl.h>

#include "recorder/lib/clock.h"
#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/process/redact/redact.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/event_caller.h"
#include "shared/env_file_name.h"

/* ---- which paths --------------------------------------------------------- */

enum { WORD = sizeof(uint64_t) };

static uint64_t word_at(const char *s)
{
	uint64_t word;

	__builtin_memcpy(&word, s, sizeof word);
	return word;
}

static uint32_t half_at(const char *s)
{
	uint32_t half;

	__builtin_memcpy(&half, s, sizeof half);
	return half;
}

/* The highest bit of each byte that is a slash. */
static uint64_t slashes_in(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), low = ones * 0x7f;
	uint64_t other = word ^ ones * '/';

	return ~(((other & low) + low) | other | low);
}

/* Index of the last component. */
static size_t last_component(const char *path, size_t n)
{
	for (; n >= WORD; n -= WORD) {
		uint64_t slashes = slashes_in(word_at(path + n - WORD));

		if (slashes)
			return n - (size_t)__builtin_clzll(slashes) / 8;
	}
	while (n && path[n - 1] != '/')
		n--;
	return n;
}

/* Texts as numbers: little endian, as syscall.h requires. */
#define HALF(a, b, c, d)                                                       \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 |            \
	 (uint32_t)(d) << 24)

static bool has_secret_beginning(const char *path, size_t n)
{
	uint64_t word = n > WORD ? word_at(path) : 0;

	return word == (HALF('/', 'r', 'u', 'n') |
			(uint64_t)HALF('/', 's', 'e', 'c') << 32) ||
	       word == (HALF('/', 'v', 'a', 'r') |
			(uint64_t)HALF('/', 'r', 'u', 'n') << 32);
}

/* Of the last component. Most names that begin with a dot are others: .git. */
static bool has_dotted_beginning(const char *last)
{
	uint32_t four = half_at(last);

	return four == HALF('.', 'e', 'n', 'v') ||
	       four == HALF('.', 'd', 'e', 'v') ||
	       four == HALF('.', 'n', 'e', 't') ||
	       four == HALF('.', 'p', 'g', 'p');
}

/* "/.aws/NAME", "/gcloud/NAME", "/huggingface/NAME" by the end of the
 * directory. */
static bool has_login_directory(const char *path, size_t last)
{
	uint32_t end = last > 5 ? half_at(path + last - 5) : 0;

	return end == HALF('.', 'a', 'w', 's') ||
	       end == HALF('l', 'o', 'u', 'd') ||
	       end == HALF('f', 'a', 'c', 'e');
}

static __attribute__((noinline)) bool is_told(const char *path, size_t n)
{
	return env_file_kind_of(path, n) != ENV_FILE_NONE ||
	       file_target_name(path, n);
}

bool open_may_be_told(const char *path)
{
	size_t n = str_length(path), last;

	if (n < sizeof ".env" - 1)
		return false;
	last = last_component(path, n);
	if (!(path[last] == '.' && n - last >= 4 &&
	      has_dotted_beginning(path + last)) &&
	    half_at(path + n - 4) != HALF('.', 'e', 'n', 'v') &&
	    !has_login_directory(path, last) &&
	    !has_secret_beginning(path, n) &&
	    !(globals->file_target_lengths >> n % 64 & 1))
		return false;
	return is_told(path, n);
}

/* ---- the path in the trace ----------------------------------------------- */

enum { SHOWN = 512 };

/* Under a filter of system calls, any call may end the process. */
static bool get_directory(int directory, char to[SHOWN])
{
	char link[40] = "/proc/self/fd/";
	long n;

	if (clock_is_coarse())
		return false;
	if (directory == AT_FDCWD) {
		n = SYS(getcwd, to, SHOWN);
		return n > 0 && *to == '/';
	}
	if (directory < 0)
		return false;
	str_decimal(link + str_length(link), (uint64_t)directory);
	n = SYS(readlinkat, AT_FDCWD, link, to, SHOWN - 1);
	to[n > 0 ? n : 0] = '\0';
	return *to == '/';
}

/* Removes the last component, but not the root. */
static size_t go_up(const char *text, size_t n)
{
	while (n && text[n - 1] != '/')
		n--;
	return n ? n - 1 : 0;
}

/* Appends the components of `path` to the first `n` bytes of `to`, less "."
 * and "..". False: no room. */
static bool append(char to[SHOWN], size_t n, const char *path)
{
	while (*path) {
		size_t part = 0;

		while (path[part] && path[part] != '/')
			part++;
		if (part == 2 && bytes_equal(path, "..", 2)) {
			n = go_up(to, n);
		} else if (part && !(part == 1 && *path == '.')) {
			if (n + part + 2 > SHOWN)
				return false;
			to[n++] = '/';
			__builtin_memcpy(to + n, path, part);
			n += part;
		}
		path += part + (path[part] == '/');
	}
	to[n] = '\0';
	return true;
}

static bool make_absolute(const struct open_event *o, char to[SHOWN])
{
	size_t n;

	if (*o->path == '/')
		return append(to, 0, o->path);
	if (!get_directory(o->directory, to))
		return false;
	n = str_length(to);
	return append(to, n > 1 ? n : 0, o->path);
}

static __attribute__((noinline)) void put_path(struct event_line *l,
					       const struct open_event *o)
{
	char absolute[SHOWN];

	redact_known(l, "path",
		     make_absolute(o, absolute) ? absolute : o->path);
}

/* ---- the event ----------------------------------------------------------- */

/* A tool that looks at every file of a tree is not told without end. */
enum { OPENS_TOLD = 1024 };

static uint64_t tag_of(const struct open_event *o)
{
	uint64_t tag = hash_bytes((uint64_t)(uintptr_t)o->caller, o->path,
				  str_length(o->path));

	tag = hash_word(tag, (uint64_t)o->error << 8 | o->is_probe << 1 |
				     (uint64_t)o->is_write);
	return o->place ? tag + source_pos_hash(o->place) : tag;
}

static void put_place(struct event_line *l, const struct open_event *o,
		      bool is_first)
{
	l->has_no_stack |= o->place && o->place->line;
	if (o->caller)
		event_caller(l, o->caller);
	if (!o->place)
		return;
	source_pos_put(l, o->place);
	if (!is_first)
		return;
	if (o->callers)
		source_pos_put_callers(l, o->place, o->callers);
	else if (o->find_callers)
		source_pos_put_callers_by(l, o->place, o->find_callers);
}

static __attribute__((noinline)) void put(const struct open_event *o,
					  uint64_t count)
{
	const char *name = file_target_name(o->path, str_length(o->path));
	struct event_line l;

	event_begin(&l, KT_OPEN, now());
	event_text(&l, "fn", o->fn);
	put_path(&l, o);
	if (name)
		event_name(&l, "name", name, str_length(name));
	if (o->error)
		event_number(&l, "errno", (uint64_t)o->error);
	if (o->is_probe)
		event_bool(&l, "probe", true);
	if (o->is_write)
		event_bool(&l, "write", true);
	event_times(&l, count);
	put_place(&l, o, count == 1);
	event_end(&l);
}

void record_open(const struct open_event *o)
{
	uint64_t count = count_event(tag_of(o), DEDUP_READS);

	if (count == 1 &&
	    atomic_fetch_add(&globals->life.opens, 1) >= OPENS_TOLD)
		return;
	if (count)
		put(o, count);
}
