#include "recorder/process/redact/redact_output.h"

#include "recorder/lib/env_entry.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"

void reading_begin(struct reading *r, struct event_line *line)
{
	r->line = line;
	r->known_count = 0;
	r->is_script = false;
	r->depth = 0;
	reading_open(r, "", 0);
}

void reading_learn(struct reading *r, char *const *envp)
{
	for (; envp && *envp && r->known_count < KNOWN_VALUES; envp++) {
		size_t n = env_name_length(*envp);

		if (n && is_watched_entry(*envp, n))
			r->known[r->known_count++] = secret_of_entry(*envp, n);
	}
}

/* Does a known value begin before `to` and end behind `from`? */
static bool touches_known(const struct reading *r, size_t from, size_t to)
{
	for (size_t i = 0; i < r->known_count; i++)
		if (secret_touches(r->known[i], r->argument, r->length, from,
				   to))
			return true;
	return false;
}

void reading_open(struct reading *r, const char *argument, size_t n)
{
	r->argument = argument;
	r->length = n;
	r->holds_known = touches_known(r, 0, n);
}

void put_stars(struct reading *r)
{
	const struct event_line *l = r->line;

	if (l->length < 3 || !bytes_equal(l->at + l->length - 3, "***", 3))
		event_part(r->line, "***", 3);
}

void show(struct reading *r, const char *s, size_t n)
{
	size_t from = (size_t)(s - r->argument);

	if (n && r->holds_known && touches_known(r, from, from + n))
		put_stars(r);
	else
		event_part(r->line, s, n);
}
