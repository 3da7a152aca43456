#include "recorder/state/watched_values.h"

#include "recorder/lib/env_entry.h"
#include "recorder/lib/str.h"
#include "shared/key_prefix.h"
#include "recorder/secrets/classify_text.h"
#include "recorder/secrets/secret.h"
#include "recorder/state/process_globals.h"

struct watched_value *watched_value_next(const struct watched_value *before)
{
	struct watched_values *all = &globals->env_state.watched;
	size_t i = before ? (size_t)(before - all->at) + 1 : 0;

	return i < atomic_load_explicit(&all->count, memory_order_acquire)
		       ? &all->at[i]
		       : NULL;
}

struct watched_value *watched_value_find(const char *name, size_t n)
{
	for (struct watched_value *v = NULL; (v = watched_value_next(v));)
		if (v->length == n && bytes_equal(v->name, name, n))
			return v;
	return NULL;
}

struct watched_value *watched_value_find_or_add(const char *name, size_t n)
{
	struct watched_value *v = watched_value_find(name, n);
	uint32_t count = atomic_load(&globals->env_state.watched.count);

	if (v || n >= WATCHED_NAME_BYTES)
		return v;
	do
		if (count >= WATCHED_VALUES)
			return NULL;
	while (!atomic_compare_exchange_weak(&globals->env_state.watched.count,
					     &count, count + 1));
	v = &globals->env_state.watched.at[count];
	__builtin_memcpy(v->name, name, n);
	v->length = (uint32_t)n;
	v->is_current = v->is_inherited = v->is_folded =
		false; /* left by an earlier image */
	return v;
}

bool watched_value_can_add(size_t n)
{
	return n < WATCHED_NAME_BYTES &&
	       atomic_load(&globals->env_state.watched.count) < WATCHED_VALUES;
}

/* The path of a directory in a variable (TMPDIR, KUBECONFIG) is a part of many
 * paths, and is no secret. So in a path only other values count. */
bool watched_value_touches(const char *text, size_t n, size_t from, size_t to)
{
	bool is_path =
		n && (text[0] == '/' || str_mentions(text, n, "file:///"));

	if (!value_filter_may_hold(&globals->value_filter, text, n))
		return false;
	for (const struct watched_value *v = NULL;
	     (v = watched_value_next(v));) {
		const char *entry = env_entry(environ, v->name, v->length);

		if (entry &&
		    !(is_path &&
		      secret_is_path(secret_of_entry(entry, v->length))) &&
		    secret_touches(secret_of_entry(entry, v->length), text, n,
				   from, to))
			return true;
	}
	return false;
}

bool watched_value_is_in(const char *text, size_t n)
{
	return watched_value_touches(text, n, 0, n);
}

/* The system's own directories are exempt, as no secret names such a path. */
bool path_has_secret(const char *path)
{
	size_t n = str_length(path);

	return holds_key(path, n) ||
	       (!str_begins(path, "/usr/") && !str_begins(path, "/lib") &&
		watched_value_is_in(path, n));
}
