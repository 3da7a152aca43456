#include "commands/secret_word.h"

#include <unistd.h>

#include "shared/credential_name.h"
#include "shared/key_prefix.h"

static bool holds_own_value(struct str word, size_t shortest)
{
	for (char **e = environ; *e; e++) {
		size_t n = strcspn(*e, "=");
		struct str value = str_of(*e + n + ((*e)[n] == '='));

		if (value.len >= shortest &&
		    memmem(word.at, word.len, value.at, value.len) &&
		    is_credential_name(*e, n))
			return true;
	}
	return false;
}

bool holds_secret(struct str word, size_t shortest)
{
	return word.len && (holds_key(word.at, word.len) ||
			    holds_own_value(word, shortest));
}
