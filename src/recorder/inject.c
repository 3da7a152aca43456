#include "recorder/inject.h"

#include <fcntl.h>

#include "recorder/preload.h"
#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

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
	const char *paths = preload_of(envp);
	bool has_us = preload_has_us(paths);
	const char *variable = env_value(envp, "KEYTRAIL");

	*ret = KT_HANDED_NOT;
	if (target->kind == KT_TARGET_OTHER_CLASS || lists(envp, target) ||
	    !is_reachable())
		return has_us ? INJECT_REMOVE : INJECT_NOTHING;
	if (variable && same_text(variable, "off")) {
		*ret = KT_HANDED_OFF;
		return INJECT_NOTHING;
	}
	*ret = KT_HANDED_KEPT;
	if (has_variable(envp) && preload_is_made(paths, target->runtime))
		return INJECT_NOTHING;
	if (!has_us || !variable)
		*ret = KT_HANDED_ADDED;
	return INJECT_US;
}

enum injection inject_less(char *const *envp)
{
	return preload_has_us(preload_of(envp)) || env_value(envp, "KEYTRAIL")
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
	if (what == INJECT_NOTHING)
		return 0;
	return (count(envp) + 3) * sizeof *envp +
	       (lacks_variable(envp, what)
			? config_variable_bytes(&guest->config)
			: 0) +
	       preload_size(preload_of(envp));
}

char *const *inject_build(void *space, char *const *envp, enum injection what,
			  const char *runtime)
{
	char **to = space, **at = to;
	bool is_ours = lacks_variable(envp, what), placed;
	char *variable = (char *)(to + count(envp) + 3);
	size_t bytes = is_ours ? config_variable_bytes(&guest->config) : 0;
	char *text = variable + bytes;
	size_t size = inject_size(envp, what) - (size_t)(text - (char *)space);

	if (is_ours)
		config_variable(&guest->config, variable, bytes);
	preload_write(text, size, preload_of(envp), what == INJECT_US, runtime);
	placed = text_find(text, '=')[1] == '\0'; /* nothing is left */
	for (; envp && *envp; envp++) {
		if ((what == INJECT_BARE || is_ours) &&
		    text_begins(*envp, "KEYTRAIL="))
			continue;
		if (!preload_is_entry(*envp))
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
