#include "shared/preload_list.h"

#include "shared/sanitizer.h"
#include "shared/text.h"

static const char name[] = PRELOAD_NAME;
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

static const char *file_name(struct part p)
{
	const char *own = p.at;

	for (const char *c = p.at; c < p.end; c++)
		if (*c == '/')
			own = c + 1;
	return own;
}

static bool is_named(struct part p, const char *path)
{
	const char *wanted = base_name(path), *own = file_name(p);
	size_t n = str_length(wanted);

	return (size_t)(p.end - own) == n && bytes_equal(own, wanted, n);
}

static bool is_added(struct part p)
{
	return p.end > p.at && str_begins(p.end, added);
}

static bool is_runtime(struct part p)
{
	const char *own = file_name(p);

	return sanitizer_is_runtime(own, (size_t)(p.end - own));
}

/* The parts of a list which decide on the recorder's place. */
struct list {
	struct part us, added; /* `at` NULL: absent */
	const char *front; /* the recorder stands behind this part; or NULL */
	bool has_runtime;  /* of the next program */
};

/* A part with the file name of the recorder is the recorder, or another copy of
 * the library. */
static struct list read_list(const char *paths, const struct preload *with)
{
	struct list l = {.front = NULL};
	struct part p;

	for (const char *at = paths; at && *at; at = behind(p)) {
		p = part_at(at);
		if (is_added(p)) {
			l.added = p;
		} else if (is_named(p, with->library)) {
			l.us = l.us.at ? l.us : p;
		} else if (p.end > p.at && (*with->runtime || is_runtime(p))) {
			l.front = p.end;
			l.has_runtime |= is_named(p, with->runtime);
		}
	}
	return l;
}

bool preload_has_us(const char *paths, const char *library)
{
	return read_list(paths, &(struct preload){library, ""}).us.at;
}

bool preload_is_made(const char *paths, const struct preload *with)
{
	struct list l = read_list(paths, with);

	if (!l.us.at || l.us.at < l.front)
		return false;
	return *with->runtime && !l.has_runtime
		       ? l.added.at && is_named(l.added, with->runtime)
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

static struct part whole(const char *path)
{
	return (struct part){path, path + str_length(path)};
}

static void add_us(char *to, size_t size, const struct preload *with,
		   bool has_runtime)
{
	bool adds = *with->runtime && !has_runtime;

	if (adds)
		add(to, size, ":", whole(with->runtime));
	add(to, size, adds ? added : ":", whole(with->library));
}

void preload_write(char *to, size_t size, const char *paths,
		   const struct preload *with, bool with_us)
{
	struct list l = read_list(paths, with);
	struct part p;

	to[0] = '\0';
	str_append(to, size, name);
	if (with_us && !l.front)
		add_us(to, size, with, l.has_runtime);
	for (const char *at = paths; at && *at; at = behind(p)) {
		p = part_at(at);
		if (!is_added(p) && !is_named(p, with->library))
			add(to, size, ":", p);
		if (with_us && p.end == l.front)
			add_us(to, size, with, l.has_runtime);
	}
}

size_t preload_size(const char *paths, const char *library)
{
	return sizeof name + RUNTIME_BYTES + sizeof added +
	       str_length(library) + 1 + (paths ? str_length(paths) : 0) + 1;
}

void preload_take_out_added(char *paths)
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
