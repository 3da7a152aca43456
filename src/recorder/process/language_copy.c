#include "recorder/process/language_copy.h"

#include "recorder/lib/clock.h"
#include "recorder/lib/env_entry.h"
#include "recorder/lib/str.h"
#include "recorder/process/env_state.h"
#include "recorder/process/reentry.h"
#include "recorder/secrets/watched_names.h"
#include "recorder/state/process_globals.h"

static const char *const names[] = {
#define ENVIRONMENT(id, name) [KT_ENVIRONMENT_##id] = name,
	KT_ENVIRONMENTS(ENVIRONMENT)
#undef ENVIRONMENT
};

void language_copy_begin(void)
{
	if (globals)
		globals->keeps_copy = true;
}

void language_copy_end(void)
{
	if (globals)
		globals->keeps_copy = false;
}

void language_copy_put(struct event_line *l, enum kt_environment touched)
{
	if (globals->keeps_copy)
		event_text(l, "environment", names[touched]);
}

void language_copy_change_begin(void)
{
	thread.changes_copy = true;
}

void language_copy_change_end(void)
{
	thread.changes_copy = false;
}

enum kt_environment language_copy_changed(void)
{
	return thread.changes_copy ? KT_ENVIRONMENT_BOTH : KT_ENVIRONMENT_LIBC;
}

/* ---- differences --------------------------------------------------------- */

static bool is_watched(const char *name, struct secret value)
{
	return name && value.bytes &&
	       (is_watched_name(name, str_length(name)) ||
		secret_is_key_shaped(value));
}

/* The next watched variable of the copy that environ has not, or has with
 * another value. */
static bool next_other(struct language_copy *c, const char **ret_name,
		       struct secret *ret_value)
{
	while (c->next(c->copy, ret_name, ret_value)) {
		size_t n = *ret_name ? str_length(*ret_name) : 0;
		const char *entry;

		if (!is_watched(*ret_name, *ret_value))
			continue;
		entry = env_entry(environ, *ret_name, n);
		if (!entry ||
		    secret_tag(secret_of_entry(entry, n), globals->seed) !=
			    secret_tag(*ret_value, globals->seed))
			return true;
	}
	return false;
}

static bool has(struct language_copy *c, const char *entry, size_t n)
{
	struct secret value;
	const char *name;

	c->rewind(c->copy);
	while (c->next(c->copy, &name, &value))
		if (name && str_length(name) == n &&
		    bytes_equal(name, entry, n))
			return true;
	return false;
}

/* The next watched entry of environ that the copy has not. */
static char **next_missing(struct language_copy *c, char **e)
{
	for (; e && *e; e++) {
		size_t n = env_name_length(*e);

		if (n && is_watched_entry(*e, n) && !has(c, *e, n))
			return e;
	}
	return NULL;
}

/* 0: no difference. */
static uint64_t difference_tag(struct language_copy *c)
{
	struct secret value;
	const char *name;
	uint64_t tag = 0;

	c->rewind(c->copy);
	while (next_other(c, &name, &value))
		tag += hash_bytes(secret_tag(value, globals->seed), name,
				  str_length(name)) |
		       1;
	for (char **e = environ; !c->is_partial && (e = next_missing(c, e));
	     e++)
		tag += hash_bytes(KT_DIFFER, *e, env_name_length(*e)) | 1;
	return tag;
}

static void list_other(struct event_line *l, struct language_copy *c)
{
	struct fingerprint print;
	struct secret value;
	const char *name;

	event_list(l, "env");
	c->rewind(c->copy);
	while (next_other(c, &name, &value)) {
		env_state_fingerprint(value, &print);
		event_value(l, name, str_length(name), &print);
	}
	event_list_end(l);
}

static void list_missing(struct event_line *l, struct language_copy *c)
{
	struct fingerprint print;

	event_list(l, "lost");
	for (char **e = environ; (e = next_missing(c, e)); e++) {
		size_t n = env_name_length(*e);

		env_state_fingerprint(secret_of_entry(*e, n), &print);
		event_value(l, *e, n, &print);
	}
	event_list_end(l);
}

/* Of all variables, watched or not. */
static uint64_t count_missing(struct language_copy *c)
{
	uint64_t count = 0;

	for (char **e = environ; e && *e; e++) {
		size_t n = env_name_length(*e);

		count += n && !is_ours(*e, n) && !has(c, *e, n);
	}
	return count;
}

static __attribute__((noinline)) void record(struct language_copy *c,
					     const struct source_pos *place,
					     const struct callers *callers)
{
	struct event_line l;

	event_begin(&l, KT_DIFFER, now());
	event_text(&l, "fn", c->fn);
	if (c->is_replaced)
		event_bool(&l, "replaced", true);
	if (!c->is_partial)
		event_number(&l, "dropped", count_missing(c));
	source_pos_put(&l, place);
	source_pos_put_callers(&l, place, callers);
	if (!c->is_partial)
		list_missing(&l, c);
	list_other(&l, c);
	event_end(&l);
}

void record_differ_inside(struct language_copy *c,
			  const struct source_pos *place,
			  const struct callers *callers)
{
	uint64_t tag = difference_tag(c);
	uint64_t before = atomic_exchange(&globals->copy_difference, tag);

	if (tag != before && count_event(tag ^ before, DEDUP_CHANGES))
		record(c, place, callers);
}

void record_differ(struct language_copy *c, const struct source_pos *place,
		   const struct callers *callers)
{
	if (!recorder_enter())
		return;
	record_differ_inside(c, place, callers);
	recorder_leave();
}
