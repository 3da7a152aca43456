/* setenv, putenv, unsetenv, clearenv: changes of the environment within the
 * process. */
#include <errno.h>
#include <stdlib.h>

#include "recorder/process/env_state.h"
#include "recorder/process/fold.h"
#include "recorder/process/language_copy.h"
#include "recorder/runtimes/interpreter.h"
#include "recorder/trace/event_caller.h"
#include "recorder/trace/event_line.h"
#include "recorder/hooks/real.h"
#include "recorder/process/source_pos.h"
#include "recorder/recorder.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"
#include "recorder/trace/recognized_names.h"

struct change {
	const char *fn, *name;
	size_t length; /* of the name */
	const void *caller;
	bool had;   /* the variable was set before */
	bool keeps; /* overwrite is 0: an old value stays */
};

static uint64_t tag_of(const struct change *c, const struct fingerprint *p)
{
	uint64_t tag = (uint64_t)(uintptr_t)c->caller * 31 + c->had +
		       2 * language_copy_changed();

	tag = hash_bytes(tag, c->name, c->length);
	if (source_pos_current()->line)
		tag += source_pos_hash(source_pos_current());
	return p ? tag ^ p->tag : ~tag;
}

static bool stands(const char *name, size_t n)
{
	for (char **e = environ; e && *e; e++)
		if (bytes_equal(*e, name, n) && (*e)[n] == '=')
			return true;
	return false;
}

static struct fold *fold_change(const struct change *c, enum kt_event of,
				uint64_t count, struct event_line *l)
{
	return fold_of(
		&(struct alike){.of = of,
				.lane = of == KT_SET ? ORDINARY : IMPORTANT,
				.name = c->name,
				.length = c->length,
				.caller = c->caller,
				.place = source_pos_current()},
		count, l);
}

static void end_change(struct event_line *l, const struct change *c,
		       uint64_t count, struct fold *fold)
{
	language_copy_put(l, language_copy_changed());
	event_times(l, count);
	l->has_no_stack |= fold != NULL;
	event_caller(l, c->caller);
	source_pos_put(l, source_pos_current());
	if (count == 1 && !fold)
		source_pos_put_current_callers(l);
	fold_end(fold, l);
}

static __attribute__((noinline)) void record_set(const struct change *c,
						 const char *value, int error)
{
	struct fingerprint print;
	struct event_line l;
	struct fold *fold;
	uint64_t count;
	bool kept = c->had && c->keeps;

	env_state_fingerprint(secret_of(value), &print);
	recognized_name_add(c->name, c->length, environ);
	count = count_event(tag_of(c, &print), DEDUP_CHANGES);
	if (!count)
		return;
	fold = fold_change(c, KT_SET, count, &l);
	if (!error && !kept && fold)
		env_state_fold(c->name, c->length);
	else if (!error && !kept)
		env_state_set(c->name, c->length, &print);
	event_begin(&l, KT_SET, now());
	event_text(&l, "fn", c->fn);
	event_name(&l, "name", c->name, c->length);
	event_fingerprint(&l, "value", &print);
	if (kept)
		event_bool(&l, "kept", true);
	if (error)
		event_number(&l, "errno", (uint64_t)error);
	end_change(&l, c, count, fold);
}

static __attribute__((noinline)) void record_unset(const struct change *c)
{
	uint64_t count = count_event(tag_of(c, NULL), DEDUP_CHANGES);
	struct fold *fold;
	struct event_line l;

	if (!count)
		return;
	fold = fold_change(c, KT_UNSET, count, &l);
	if (!fold)
		env_state_unset(c->name, c->length);
	event_begin(&l, KT_UNSET, now());
	event_text(&l, "fn", c->fn);
	event_name(&l, "name", c->name, c->length);
	event_bool(&l, "had", c->had);
	end_change(&l, c, count, fold);
}

/* `value` NULL: the variable was removed. */
static void record(const struct change *c, const char *value, int error)
{
	bool noted = interpreter_on_call(c->caller, ACT_CHANGE);

	if (value)
		record_set(c, value, error);
	else
		record_unset(c);
	if (noted || source_pos_is_for_one_call())
		source_pos_clear();
}

static bool is_watched_value(const char *name, size_t n, const char *value)
{
	return globals && (is_watched_name(name, n) ||
			   (value && secret_is_key_shaped(secret_of(value))));
}

EXPORT int setenv(const char *name, const char *value, int overwrite)
{
	struct change c = {.fn = "setenv",
			   .name = name,
			   .caller = CALLER,
			   .keeps = !overwrite};
	bool watched = false;
	int result;

	if (globals && maybe_null(name) && maybe_null(value)) {
		c.length = str_length(name);
		watched = is_watched_value(name, c.length, value);
		c.had = watched && stands(name, c.length);
	}
	result = REAL(setenv)(name, value, overwrite);
	if (watched && recorder_enter()) {
		record(&c, value, result ? host_errno() : 0);
		recorder_leave();
	}
	return result;
}

EXPORT int unsetenv(const char *name)
{
	struct change c = {.fn = "unsetenv", .name = name, .caller = CALLER};
	bool watched = false;
	int result;

	if (globals && maybe_null(name)) {
		c.length = str_length(name);
		watched = is_watched_name(name, c.length);
		c.had = watched && stands(name, c.length);
	}
	result = REAL(unsetenv)(name);
	if (watched && !result && recorder_enter()) {
		record(&c, NULL, 0);
		recorder_leave();
	}
	return result;
}

/* putenv keeps the caller's pointer: a later write into the caller's buffer
 * changes the variable without a call. env_state_check finds such a change. */
EXPORT int putenv(char *entry)
{
	struct change c = {.fn = "putenv", .name = entry, .caller = CALLER};
	const char *equals =
		maybe_null(entry) ? str_find_char(entry, '=') : NULL;
	bool watched = false;
	int result;

	if (globals && maybe_null(entry)) {
		c.length =
			equals ? (size_t)(equals - entry) : str_length(entry);
		watched = is_watched_value(entry, c.length,
					   equals ? equals + 1 : NULL);
		c.had = watched && stands(entry, c.length);
	}
	result = REAL(putenv)(entry);
	if (watched && recorder_enter()) {
		if (equals)
			record(&c, equals + 1, result ? host_errno() : 0);
		else if (!result)
			record(&c, NULL, 0);
		recorder_leave();
	}
	return result;
}

static __attribute__((noinline)) void record_clear(const void *caller)
{
	bool noted = interpreter_on_call(caller, ACT_CHANGE);
	struct event_line l;

	event_begin(&l, KT_CLEAR, now());
	event_text(&l, "fn", "clearenv");
	event_caller(&l, caller);
	source_pos_put(&l, source_pos_current());
	language_copy_put(&l, KT_ENVIRONMENT_LIBC);
	event_number(&l, "vars", env_count(environ));
	source_pos_put_current_callers(&l);
	env_state_list_env(&l, "had", environ);
	event_end(&l);
	if (noted)
		source_pos_clear();
}

EXPORT int clearenv(void)
{
	int result;

	if (recorder_enter()) {
		record_clear(CALLER);
		recorder_leave();
	}
	result = REAL(clearenv)();
	if (!result && recorder_enter()) {
		env_state_clear();
		recorder_leave();
	}
	return result;
}
