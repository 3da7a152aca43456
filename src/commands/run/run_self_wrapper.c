#include "commands/run/run_self_wrapper.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/command.h"
#include "shared/settings_text.h"

bool exec_wrapper_is_needed(enum kt_target target)
{
	switch (target) {
	case KT_TARGET_STATIC:
	case KT_TARGET_SETUID:
	case KT_TARGET_OTHER_CLASS:
	case KT_TARGET_OTHER_LIBC:
		return true;
	case KT_TARGET_DYNAMIC:
	case KT_TARGET_MISSING:
	case KT_TARGET_UNKNOWN:
	case KT_TARGET_COUNT:
		return false;
	}
	return false;
}

static char *word(struct arena *arena, const char *text)
{
	return (char *)(uintptr_t)arena_print(arena, "%s", text).at;
}

char **exec_wrapper_words(struct arena *arena, char **command)
{
	char path[PATH_MAX], **words;
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	size_t count = 0;

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	if (access(path, X_OK))
		return NULL; /* replaced, or in another root */
	while (command[count])
		count++;
	words = TAKE(arena, char *, count + 4);
	words[0] = word(arena, path);
	words[1] = word(arena, "run");
	words[2] = word(arena, "--");
	memcpy(words + 3, command, count * sizeof *words);
	return words;
}

/* The setting is the last. */
bool exec_wrapper_is_us(void)
{
	char *settings = getenv("KEYTRAIL"), *at = settings;
	size_t n = strlen(setting_name(SETTING_EXEC));

	if (!settings)
		return false;
	while ((at = strchr(at, ',')))
		if (!strncmp(++at, setting_name(SETTING_EXEC), n) &&
		    !strcmp(at + n, "1"))
			return at[-1] = '\0', true;
	return false;
}
