/* getenv and secure_getenv: who asked, from where, and was it there. */
#include "recorder/line.h"
#include "recorder/next.h"
#include "recorder/recorder.h"
#include "recorder/text.h"
#include "recorder/watch.h"

struct look {
	const char *fn, *name, *value;
	size_t length; /* of the name */
	const void *caller;
};

static uint64_t tag_of(const struct look *look)
{
	uint64_t tag = (uint64_t)(uintptr_t)look->caller;

	for (size_t i = 0; i < look->length; i++)
		tag = (tag ^ (unsigned char)look->name[i]) *
		      UINT64_C(0xff51afd7ed558ccd);
	if (look->value)
		tag ^= secret_tag(secret_of(look->value), guest->seed);
	return tag;
}

static __attribute__((noinline)) void tell_read(const struct look *look,
						uint64_t count)
{
	struct print print;
	struct line l;

	if (look->value) {
		secret_print(secret_of(look->value), guest->config.key, &print);
		print.tag = secret_tag(secret_of(look->value), guest->seed);
	}
	held_check_one(look->name, look->length, look->value ? &print : NULL);
	line_begin(&l, KT_READ, now());
	line_text(&l, "fn", look->fn);
	line_bytes(&l, "name", look->name, look->length);
	line_bool(&l, "found", look->value != NULL);
	if (look->value)
		line_print(&l, "value", &print);
	if (count > 1)
		line_number(&l, "n", count);
	line_caller(&l, look->caller);
	line_end(&l);
}

static __attribute__((noinline)) void note_read(const struct look *look)
{
	uint64_t count;

	if (!recorder_enter())
		return;
	count = seen_again(&guest->life.seen, tag_of(look));
	if (count)
		tell_read(look, count);
	else if (environ != guest->held.environ_seen)
		held_check();
	recorder_leave();
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

EXPORT char *getenv(const char *name)
{
	char *value = next.getenv ? next.getenv(name) : find_early(name);
	size_t n = text_length(name);

	if (watch_name(name, n))
		note_read(&(struct look){"getenv", name, value, n, CALLER});
	return value;
}

EXPORT char *secure_getenv(const char *name)
{
	char *value = next.secure_getenv ? next.secure_getenv(name)
					 : find_early(name);
	size_t n = text_length(name);

	if (watch_name(name, n))
		note_read(&(struct look){"secure_getenv", name, value, n,
					 CALLER});
	return value;
}
