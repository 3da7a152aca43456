#include "recorder/process/preload_env.h"

#include <fcntl.h>

#include "recorder/state/process_globals.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"
#include "shared/preload_list.h"
#include "shared/settings_text.h"

static bool is_preload(const char *variable)
{
	return str_begins(variable, PRELOAD_NAME);
}

/* The list obeyed by the loader: glibc's the last of two entries. NULL: none.
 */
static const char *preload_of(char *const *envp)
{
	const char *last = NULL;

	for (; envp && *envp; envp++)
		if (is_preload(*envp))
			last = *envp + sizeof PRELOAD_NAME - 1;
	return last;
}

static bool has_us(const char *paths)
{
	return preload_has_us(paths, globals->settings.library);
}

static struct preload us_behind(const char *runtime)
{
	return (struct preload){globals->settings.library, runtime};
}

/* Will the loader of the next image find us? Opened, because the loader needs
 * a free descriptor, too. */
static bool is_reachable(void)
{
	long fd = SYS(open, globals->settings.library, O_RDONLY | O_CLOEXEC, 0);

	if (fd >= 0)
		SYS(close, fd);
	return fd >= 0;
}

/* Does envp bring a sufficient KEYTRAIL? Our directory without the key is not
 * sufficient: a child of another user may not read DIR.key. */
static bool has_variable(char *const *envp)
{
	const char *variable = env_value(envp, "KEYTRAIL");
	const char *dir = globals->settings.dir;
	bool is_ours = false, has_key = false;
	struct setting s;

	if (!variable)
		return false;
	while (setting_next(&variable, &s)) {
		if (s.id == SETTING_DIR)
			is_ours = str_begins(s.at, dir) &&
				  s.at + str_length(dir) == s.end;
		has_key |= s.id == SETTING_KEY;
	}
	return !is_ours || has_key;
}

/* Will the loader only list libraries? The recorder would be in the list. */
static bool lists(char *const *envp, const struct exec_target *target)
{
	return target->only_lists || env_value(envp, "LD_TRACE_LOADED_OBJECTS");
}

enum preload_change preload_env_choose(char *const *envp,
				       const struct exec_target *target,
				       enum kt_handed *ret)
{
	const char *paths = preload_of(envp);
	struct preload with = us_behind(target->runtime);
	const char *variable = env_value(envp, "KEYTRAIL");

	*ret = KT_HANDED_NOT;
	if (target->kind == KT_TARGET_OTHER_CLASS || lists(envp, target) ||
	    !is_reachable())
		return has_us(paths) ? PRELOAD_REMOVE : PRELOAD_UNCHANGED;
	if (variable && settings_say_off(variable)) {
		*ret = KT_HANDED_OFF;
		return PRELOAD_UNCHANGED;
	}
	*ret = KT_HANDED_KEPT;
	if (has_variable(envp) && preload_is_made(paths, &with))
		return PRELOAD_UNCHANGED;
	if (!has_us(paths) || !variable)
		*ret = KT_HANDED_ADDED;
	return PRELOAD_ADD;
}

enum preload_change preload_env_without_us(char *const *envp)
{
	return has_us(preload_of(envp)) || env_value(envp, "KEYTRAIL")
		       ? PRELOAD_REMOVE_BOTH
		       : PRELOAD_UNCHANGED;
}

static bool lacks_variable(char *const *envp, enum preload_change what)
{
	return what == PRELOAD_ADD && !has_variable(envp);
}

static size_t count(char *const *envp)
{
	size_t n = 0;

	while (envp && envp[n])
		n++;
	return n;
}

size_t preload_env_size(char *const *envp, enum preload_change what)
{
	if (what == PRELOAD_UNCHANGED)
		return 0;
	return (count(envp) + 3) * sizeof *envp +
	       (lacks_variable(envp, what)
			? settings_variable_bytes(&globals->settings)
			: 0) +
	       preload_size(preload_of(envp), globals->settings.library);
}

char *const *preload_env_build(void *space, char *const *envp,
			       enum preload_change what, const char *runtime)
{
	struct preload with = us_behind(runtime);
	char **to = space, **at = to;
	bool is_ours = lacks_variable(envp, what), placed;
	char *variable = (char *)(to + count(envp) + 3);
	size_t bytes =
		is_ours ? settings_variable_bytes(&globals->settings) : 0;
	char *text = variable + bytes;
	size_t size =
		preload_env_size(envp, what) - (size_t)(text - (char *)space);

	if (is_ours)
		settings_variable(&globals->settings, variable, bytes);
	preload_write(text, size, preload_of(envp), &with, what == PRELOAD_ADD);
	placed = str_find_char(text, '=')[1] == '\0'; /* nothing is left */
	for (; envp && *envp; envp++) {
		if ((what == PRELOAD_REMOVE_BOTH || is_ours) &&
		    str_begins(*envp, "KEYTRAIL="))
			continue;
		if (!is_preload(*envp))
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

void preload_take_back(char **envp)
{
	for (; *envp; envp++)
		if (is_preload(*envp))
			preload_take_out_added(*envp + sizeof PRELOAD_NAME - 1);
}
