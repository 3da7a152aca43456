#include "shared/text.h"

extern inline size_t str_length(const char *s);

bool str_mentions(const char *s, size_t n, const char *word)
{
	size_t len = str_length(word);

	for (size_t i = 0; i + len <= n; i++) {
		size_t k = 0;

		while (k < len && lower(s[i + k]) == word[k])
			k++;
		if (k == len)
			return true;
	}
	return false;
}
