#include "recorder/trace/redact_name.h"

#include "recorder/secrets/classify_text.h"
#include "recorder/state/process_globals.h"
#include "shared/siphash.h"
#include "recorder/lib/env_entry.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"
#include "shared/credential_name.h"
#include "shared/key_prefix.h"

/* A variable with its own name as value reveals nothing. */
static bool is_same_name(const char *entry, size_t length, const char *name,
			 size_t n)
{
	return length == n && bytes_equal(entry, name, n);
}

static bool holds_value_of(char *const *envp, const char *name, size_t n)
{
	for (; envp && *envp; envp++) {
		size_t length = env_name_length(*envp);

		if (length &&
		    secret_is_in(secret_of_entry(*envp, length), name, n) &&
		    is_watched_entry(*envp, length) &&
		    !is_same_name(*envp, length, name, n))
			return true;
	}
	return false;
}

/* As most are: capitals, and no long part has two digits. */
static bool is_plain(const char *name, size_t n)
{
	size_t part = 0, digits = 0, i;

	for (i = 0; i < n; i++) {
		char c = name[i];

		if (c >= 'A' && c <= 'Z') {
			part++;
		} else if (is_digit(c)) {
			part++;
			digits++;
		} else if (c == '_' && (part < 8 || digits < 2)) {
			part = digits = 0;
		} else {
			return false;
		}
	}
	return part < 8 || digits < 2;
}

static bool is_secret(const char *name, size_t n, char *const *envp)
{
	if (is_plain(name, n) ? holds_key(name, n) : is_secret_name(name, n))
		return true;
	return value_filter_may_hold(&globals->value_filter, name, n) &&
	       !is_known_credential_name(name, n) &&
	       (holds_value_of(environ, name, n) ||
		(envp != environ && holds_value_of(envp, name, n)));
}

size_t name_shown(const char *name, size_t n, char *const *envp)
{
	size_t first = 0;

	while (first < n && name[first] != '=')
		first++;
	if (is_secret(name, first, envp))
		return 0;
	return first == n ? n : first + 1;
}

void name_stars(char to[NAME_STARS], const char *name, size_t n)
{
	uint8_t print[16];

	siphash128(print, globals->settings.key, name, n);
	__builtin_memcpy(to, "***", 3);
	str_hex(to + 3, print, 4);
	to[11] = '\0';
}
