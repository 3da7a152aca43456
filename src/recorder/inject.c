#include "recorder/inject.h"

#include <fcntl.h>

#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

static const char preload[] = "LD_PRELOAD=";

/* Our place among the paths of an LD_PRELOAD, NULL when we are not there:
 * the very file, or another copy of the library. */
static const char *find_us(const char *paths)
{
	const char *name = last_part(guest->config.library);
	size_t n = text_length(name);

	for (const char *at = paths, *end; *at; at = *end ? end + 1 : end) {
		for (end = at; *end && *end != ':' && *end != ' ';)
			end++;
		if ((size_t)(end - at) >= n &&
		    same_bytes(end - n, name, n) &&
		    (end - n == at || end[-(long)n - 1] == '/'))
			return at;
	}
	return NULL;
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

static bool is_reachable(void)
{
	return !SYS(faccessat, AT_FDCWD, guest->config.library, 4 /* R_OK */);
}

enum injection inject_choose(char *const *envp, enum kt_target target,
			     enum kt_handed *ret)
{
	const char *paths = preload_of(envp);
	const char *variable = env_value(envp, "KEYTRAIL");
	bool carries = paths && find_us(paths);

	*ret = KT_HANDED_NOT;
	if (target == KT_TARGET_OTHER_CLASS || !is_reachable())
		return carries ? INJECT_REMOVE : INJECT_NOTHING;
	if (variable && same_text(variable, "off"))
		return INJECT_NOTHING;
	*ret = KT_HANDED_KEPT;
	if (carries && variable)
		return INJECT_NOTHING;
	if (!guest->config.variable[0] && !variable) {
		*ret = KT_HANDED_NOT;
		return INJECT_NOTHING;
	}
	*ret = KT_HANDED_ADDED;
	return INJECT_US;
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
	return (count(envp) + 3) * sizeof *envp + sizeof preload +
	       text_length(guest->config.library) + 1 +
	       (paths ? text_length(paths) : 0) + 1;
}

/* Copies the caller's paths less us. */
static void write_others(char *to, size_t size, const char *paths)
{
	const char *us = find_us(paths), *end = us;
	size_t before;

	if (!us) {
		text_append(to, size, paths);
		return;
	}
	while (*end && *end != ':' && *end != ' ')
		end++;
	before = text_length(to);
	for (; paths < us && before + 1 < size; paths++)
		to[before++] = *paths;
	to[before] = '\0';
	if (*end)
		text_append(to, size, end + 1);
	else if (before && text_find(": ", to[before - 1]))
		to[before - 1] = '\0';
}

static void write_preload(char *to, size_t size, const char *paths,
			  enum injection what)
{
	to[0] = '\0';
	text_append(to, size, preload);
	if (what == INJECT_US)
		text_append(to, size, guest->config.library);
	if (what == INJECT_US && paths && *paths)
		text_append(to, size, ":");
	if (paths)
		write_others(to, size, paths);
}

char *const *inject_build(void *space, char *const *envp, enum injection what)
{
	char **to = space, **at = to;
	const char *paths = preload_of(envp);
	bool has_variable = env_value(envp, "KEYTRAIL") != NULL, placed = false;
	char *text = (char *)(to + count(envp) + 3);
	size_t size = inject_size(envp, what) - (size_t)(text - (char *)space);

	write_preload(text, size, paths, what);
	if (!text[sizeof preload - 1])
		placed = true; /* nothing is left to preload */
	for (; envp && *envp; envp++) {
		if (!text_begins(*envp, preload))
			*at++ = *envp;
		else if (!placed)
			*at++ = text, placed = true;
	}
	if (!placed)
		*at++ = text;
	if (what == INJECT_US && !has_variable)
		*at++ = guest->config.variable;
	*at = NULL;
	return to;
}
