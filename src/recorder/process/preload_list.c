#include "recorder/process/preload_list.h"

#include "recorder/state/process_globals.h"
#include "recorder/process/exec_target.h"
#include "recorder/lib/str.h"
#include "shared/sanitizer.h"

static const char name[] = "LD_PRELOAD=";
static const char added[] = ": :";

/* One path of the list. */
struct part {
	const char *at, *end;
};

static struct part part_at(const char *at)
{
	struct part p = {at, at};

	while (*p.end && *p.end != ':' && *p.end != ' ')
		p.end++;
	return p;
}

static const char *behind(struct part p)
{
	return *p.end ? p.end + 1 : p.end;
}

static bool is_named(struct part p, const char *path)
{
	const char *wanted = base_name(path), *own = p.at;
	size_t n = str_length(wanted);

	for (const char *c = p.at; c < p.end; c++)
		if (*c == '/')
			own = c + 1;
	return (size_t)(p.end - own) == n && bytes_equal(own, wanted, n);
}

/* The very file that we are, or another copy of it. */
static bool is_us(struct part p)
{
	return is_named(p, globals->settings.library);
}

static bool is_added(struct part p)
{
	return p.end > p.at && str_begins(p.end, added);
}

static bool is_runtime(struct part p)
{
	const char *own = p.at;

	for (const char *c = p.at; c < p.end; c++)
		if (*c == '/')
			own = c + 1;
	return sanitizer_is_runtime(own, (size_t)(p.end - own));
}

/* What of a list decides where we stand. */
struct list {
	struct part us, added; /* `at` NULL: not there */
	const char *front;     /* what ends here must come before us, or NULL */
	bool has_runtime;      /* the one that the next program needs */
};

static struct list read_list(const char *paths, const char *runtime)
{
	struct list l = {.front = NULL};
	struct part p;

	for (const char *at = paths; at && *at; at = behind(p)) {
		p = part_at(at);
		if (is_added(p)) {
			l.added = p;
		} else if (is_us(p)) {
			l.us = l.us.at ? l.us : p;
		} else if (p.end > p.at && (*runtime || is_runtime(p))) {
			l.front = p.end;
			l.has_runtime |= is_named(p, runtime);
		}
	}
	return l;
}

const char *preload_of(char *const *envp)
{
	const char *last = NULL;

	for (; envp && *envp; envp++)
		if (preload_is_entry(*envp))
			last = *envp + sizeof name - 1;
	return last;
}

bool preload_is_entry(const char *variable)
{
	return str_begins(variable, name);
}

bool preload_has_us(const char *paths)
{
	return read_list(paths, "").us.at;
}

bool preload_is_made(const char *paths, const char *runtime)
{
	struct list l = read_list(paths, runtime);

	if (!l.us.at || l.us.at < l.front)
		return false;
	return *runtime && !l.has_runtime
		       ? l.added.at && is_named(l.added, runtime)
		       : !l.added.at;
}

/* Appends one more path. */
static void add(char *to, size_t size, const char *separator, struct part p)
{
	size_t at = str_length(to), n = (size_t)(p.end - p.at);

	if (!n || at + str_length(separator) + n + 1 > size)
		return;
	if (at > sizeof name - 1)
		str_append(to, size, separator);
	at = str_length(to);
	__builtin_memcpy(to + at, p.at, n);
	to[at + n] = '\0';
}

static void add_us(char *to, size_t size, const char *runtime)
{
	const char *library = globals->settings.library;
	size_t n = str_length(runtime);

	add(to, size, ":", (struct part){runtime, runtime + n});
	add(to, size, n ? added : ":",
	    (struct part){library, library + str_length(library)});
}

void preload_write(char *to, size_t size, const char *paths, bool with_us,
		   const char *runtime)
{
	struct list l = read_list(paths, runtime);
	struct part p;

	if (l.has_runtime)
		runtime = "";
	to[0] = '\0';
	str_append(to, size, name);
	if (with_us && !l.front)
		add_us(to, size, runtime);
	for (const char *at = paths; at && *at; at = behind(p)) {
		p = part_at(at);
		if (!is_added(p) && !is_us(p))
			add(to, size, ":", p);
		if (with_us && p.end == l.front)
			add_us(to, size, runtime);
	}
}

size_t preload_size(const char *paths)
{
	return sizeof name + RUNTIME_BYTES + sizeof added +
	       str_length(globals->settings.library) + 1 +
	       (paths ? str_length(paths) : 0) + 1;
}

static void take_out_of(char *paths)
{
	struct part p;

	for (const char *at = paths; *at; at = behind(p)) {
		p = part_at(at);
		if (!is_added(p))
			continue;
		at = p.end + sizeof added - 1;
		__builtin_memmove(paths + (p.at - paths), at,
				  str_length(at) + 1);
		return;
	}
}

void preload_take_back(char **envp)
{
	for (; *envp; envp++)
		if (preload_is_entry(*envp))
			take_out_of(*envp + sizeof name - 1);
}
