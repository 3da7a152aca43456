/* getenv and secure_getenv: the reader, the calling code, and whether the
 * variable was set. */
#include <stdlib.h>

#include "recorder/runtimes/interpreter.h"
#include "recorder/process/getenv_event.h"
#include "recorder/hooks/real.h"
#include "recorder/runtimes/node/node.h"
#include "recorder/runtimes/php/php_differ.h"
#include "recorder/runtimes/python/python.h"
#include "recorder/runtimes/rust_panic.h"
#include "recorder/recorder.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"

static HOT __attribute__((noinline)) void note(const char *fn, const char *name,
					       size_t n, const char *value,
					       const void *caller)
{
	struct getenv_event look = {.fn = fn,
				    .name = name,
				    .length = n,
				    .value = value,
				    .caller = caller};
	struct interpreter_place place;

	if (node_takes(&look))
		return;
	if (interpreter_source_pos(caller, ACT_READ, &place)) {
		look.place = &place.pos;
		look.find_callers = place.find_callers;
		if (!value)
			php_compare(caller, name, n, &place.pos);
	}
	record_getenv(&look);
}

/* getenv for callers that run before the loader is done (an allocator, an IFUNC
 * resolver). No other function of the recorder is safe then: every address that
 * needs relocation is still NULL, the address of environ included. */
static char *find_early(const char *name)
{
	size_t n = str_length(name);

	if (!&environ || !environ || !n)
		return NULL;
	for (char **e = environ; *e; e++)
		if (bytes_equal(*e, name, n) && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

EXPORT HOT char *getenv(const char *name)
{
	char *value = real.getenv ? FOUND(getenv)(name) : find_early(name);
	size_t n = str_length(name);

	if (node_begins_with(name, n)) {
		node_start();
		value = node_options(value);
	}
	if (python_begins_with(name, n))
		python_begins(CALLER);
	if (interpreter_begins_with(name, n))
		interpreter_begins(CALLER);
	if (rust_panics_with(name, n))
		rust_note_panic(name, value, CALLER);
	if (is_watched_name(name, n))
		note("getenv", name, n, value, CALLER);
	return value;
}

EXPORT char *secure_getenv(const char *name)
{
	char *value = real.secure_getenv ? FOUND(secure_getenv)(name)
					 : find_early(name);
	size_t n = str_length(name);

	if (is_watched_name(name, n))
		note("secure_getenv", name, n, value, CALLER);
	return value;
}
