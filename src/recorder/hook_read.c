/* getenv and secure_getenv: who asked, from where, and was it there. */
#include "recorder/interpreter.h"
#include "recorder/look.h"
#include "recorder/next.h"
#include "recorder/node.h"
#include "recorder/python.h"
#include "recorder/recorder.h"
#include "recorder/text.h"
#include "recorder/watch.h"

static HOT __attribute__((noinline)) void note(const char *fn, const char *name,
					   size_t n, const char *value,
					   const void *caller)
{
	struct look look = {.fn = fn,
			    .name = name,
			    .length = n,
			    .value = value,
			    .caller = caller};
	struct place place;

	if (node_takes(&look))
		return;
	if (interpreter_place(caller, ACT_READ, &place))
		look.place = &place;
	look_note(&look);
}

/* Asked before the loader is done (an allocator, an IFUNC resolver): what
 * bare getenv would answer. No other function of ours is safe there: the
 * address of environ is still NULL, as every address that needs relocation. */
static char *find_early(const char *name)
{
	size_t n = text_length(name);

	if (!&environ || !environ || !n)
		return NULL;
	for (char **e = environ; *e; e++)
		if (same_bytes(*e, name, n) && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

EXPORT HOT char *getenv(const char *name)
{
	char *value = next.getenv ? next.getenv(name) : find_early(name);
	size_t n = text_length(name);

	if (node_begins_with(name, n))
		node_start();
	if (python_begins_with(name, n))
		python_begins(CALLER);
	if (watch_name(name, n))
		note("getenv", name, n, value, CALLER);
	return value;
}

EXPORT char *secure_getenv(const char *name)
{
	char *value = next.secure_getenv ? next.secure_getenv(name)
					 : find_early(name);
	size_t n = text_length(name);

	if (watch_name(name, n))
		note("secure_getenv", name, n, value, CALLER);
	return value;
}
