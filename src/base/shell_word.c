#include "base/shell_word.h"

#include <string.h>

static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789%+,-./:=@_";

	return *word && !word[strspn(word, plain)];
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* A quote ends the quoted text, stands for itself, and begins a new one. */
const char *shell_word(struct arena *arena, const char *word)
{
	static const char quote[] = "'\\''";
	char *to, *at;

	if (is_plain(word))
		return word;
	to = at = TAKE(arena, char, strlen(word) + 3 * count(word, '\'') + 3);
	*at++ = '\'';
	for (; *word; word++)
		if (*word == '\'')
			at = mempcpy(at, quote, sizeof quote - 1);
		else
			*at++ = *word;
	*at = '\'';
	return to;
}

const char *shell_path(struct arena *arena, const char *path)
{
	return shell_word(arena, *path == '-'
					 ? arena_print(arena, "./%s", path).at
					 : path);
}
