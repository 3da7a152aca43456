#include "recorder/inject.h"

#include <fcntl.h>

#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

static const char preload[] = "LD_PRELOAD=";

/* One path of an LD_PRELOAD. */
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

static const char *file_name(struct part p)
{
	const char *name = p.at;

	for (const char *c = p.at; c < p.end; c++)
		if (*c == '/')
			name = c + 1;
	return name;
}

/* The very file that we are, or another copy of it. */
static bool is_us(struct part p)
{
	const char *ours = last_part(guest->config.library);
	const char *name = file_name(p);
	size_t n = text_length(ours);

	return (size_t)(p.end - name) == n && same_bytes(name, ours, n);
}

/* Where we stand in an LD_PRELOAD, and the sanitizer's runtime that some image
 * before put right before us: it was for that program alone. */
struct carried {
	struct part us, runtime; /* `at` NULL: not there */
};

static struct carried find_us(const char *paths)
{
	struct carried found = {{NULL, NULL}, {NULL, NULL}};
	struct part before = {NULL, NULL};

	for (const char *at = paths; at && *at;) {
		struct part p = part_at(at);

		if (is_us(p)) {
			found.us = p;
			if (before.at &&
			    target_is_runtime(file_name(before),
					      (size_t)(before.end -
						       file_name(before))))
				found.runtime = before;
			return found;
		}
		before = p;
		at = *p.end ? p.end + 1 : p.end;
	}
	return found;
}

static bool has_runtime(struct carried c, const char *runtime)
{
	size_t n = text_length(runtime);

	if (!n || !c.runtime.at)
		return !n && !c.runtime.at;
	return (size_t)(c.runtime.end - c.runtime.at) == n &&
	       same_bytes(c.runtime.at, runtime, n);
}

/* glibc's loader obeys the last of two entries. */
static const char *preload_of(char *const *envp)
{
	const char *last = NULL;

	for (; envp && *envp; envp++)
		if (text_begins(*envp, preload))
			last = *envp + sizeof preload - 1;
	return last;
}

/* Will the loader of the next image find us? Opened, for it cannot where there
 * is no descriptor left either. */
static bool is_reachable(void)
{
	long fd = SYS(open, guest->config.library, O_RDONLY | O_CLOEXEC, 0);

	if (fd >= 0)
		SYS(close, fd);
	return fd >= 0;
}

/* Does envp bring a KEYTRAIL that will do? One that names our directory
 * without its key will not: a child of another user may not read DIR.key. */
static bool has_variable(char *const *envp)
{
	const char *variable = env_value(envp, "KEYTRAIL");
	size_t n = text_length(guest->config.dir);

	if (!variable)
		return false;
	if (!text_begins(variable, "dir=") ||
	    !text_begins(variable + 4, guest->config.dir) ||
	    (variable[4 + n] && variable[4 + n] != ','))
		return true;
	while ((variable = text_find(variable, ',')))
		if (text_begins(++variable, "key="))
			return true;
	return false;
}

/* Will the loader only list what it would load? We would be in the list. */
static bool lists(char *const *envp, const struct target *target)
{
	return target->only_lists || env_value(envp, "LD_TRACE_LOADED_OBJECTS");
}

enum injection inject_choose(char *const *envp, const struct target *target,
			     enum kt_handed *ret)
{
	struct carried carried = find_us(preload_of(envp));
	const char *variable = env_value(envp, "KEYTRAIL");

	*ret = KT_HANDED_NOT;
	if (target->kind == KT_TARGET_OTHER_CLASS || lists(envp, target) ||
	    !is_reachable())
		return carried.us.at ? INJECT_REMOVE : INJECT_NOTHING;
	if (variable && same_text(variable, "off")) {
		*ret = KT_HANDED_OFF;
		return INJECT_NOTHING;
	}
	*ret = KT_HANDED_KEPT;
	if (carried.us.at && has_variable(envp) &&
	    has_runtime(carried, target->runtime))
		return INJECT_NOTHING;
	if (!carried.us.at || !variable)
		*ret = KT_HANDED_ADDED;
	return INJECT_US;
}

enum injection inject_less(char *const *envp)
{
	return find_us(preload_of(envp)).us.at || env_value(envp, "KEYTRAIL")
		       ? INJECT_BARE
		       : INJECT_NOTHING;
}

static bool lacks_variable(char *const *envp, enum injection what)
{
	return what == INJECT_US && !has_variable(envp);
}

static size_t count(char *const *envp)
{
	size_t n = 0;

	while (envp && envp[n])
		n++;
	return n;
}

size_t inject_size(char *const *envp, enum injection what)
{
	const char *paths = preload_of(envp);

	if (what == INJECT_NOTHING)
		return 0;
	return (count(envp) + 3) * sizeof *envp +
	       (lacks_variable(envp, what)
			? config_variable_bytes(&guest->config)
			: 0) +
	       sizeof preload + RUNTIME_BYTES +
	       text_length(guest->config.library) + 1 +
	       (paths ? text_length(paths) : 0) + 1;
}

/* Appends one more path to LD_PRELOAD=... */
static void add_path(char *to, size_t size, const char *path, size_t n)
{
	size_t at = text_length(to);

	if (!n || at + n + 2 > size)
		return;
	if (at > sizeof preload - 1)
		to[at++] = ':';
	__builtin_memcpy(to + at, path, n);
	to[at + n] = '\0';
}

static void write_preload(char *to, size_t size, const char *paths,
			  enum injection what, const char *runtime)
{
	struct carried carried = find_us(paths);

	to[0] = '\0';
	text_append(to, size, preload);
	if (what == INJECT_US) {
		add_path(to, size, runtime, text_length(runtime));
		add_path(to, size, guest->config.library,
			 text_length(guest->config.library));
	}
	for (const char *at = paths; at && *at;) {
		struct part p = part_at(at);

		if (p.at != carried.runtime.at && !is_us(p))
			add_path(to, size, p.at, (size_t)(p.end - p.at));
		at = *p.end ? p.end + 1 : p.end;
	}
}

char *const *inject_build(void *space, char *const *envp, enum injection what,
			  const char *runtime)
{
	char **to = space, **at = to;
	const char *paths = preload_of(envp);
	bool is_ours = lacks_variable(envp, what), placed = false;
	char *variable = (char *)(to + count(envp) + 3);
	size_t bytes = is_ours ? config_variable_bytes(&guest->config) : 0;
	char *text = variable + bytes;
	size_t size = inject_size(envp, what) - (size_t)(text - (char *)space);

	if (is_ours)
		config_variable(&guest->config, variable, bytes);
	write_preload(text, size, paths, what, runtime);
	if (!text[sizeof preload - 1])
		placed = true; /* nothing is left to preload */
	for (; envp && *envp; envp++) {
		if ((what == INJECT_BARE || is_ours) &&
		    text_begins(*envp, "KEYTRAIL="))
			continue;
		if (!text_begins(*envp, preload))
			*at++ = *envp;
		else if (!placed)
			*at++ = text, placed = true;
	}
	if (!placed)
		*at++ = text;
	if (is_ours)
		*at++ = variable;
	*at = NULL;
	return to;
}
