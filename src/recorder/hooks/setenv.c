/* setenv, putenv, unsetenv, clearenv: changes of the environment within the
 * process. */
#include <errno.h>
#include <stdlib.h>

#include "recorder/process/change_event.h"
#include "recorder/process/env_state.h"
#include "recorder/runtimes/interpreter.h"
#include "recorder/trace/event_caller.h"
#include "recorder/trace/event_line.h"
#include "recorder/hooks/real.h"
#include "recorder/process/source_pos.h"
#include "recorder/recorder.h"
#include "recorder/lib/env_entry.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"

/* Before the change: does the variable stand in environ, and is `value` (NULL:
 * none) a beginning of its value? */
static void look_at_old(struct change *c, const char *value)
{
	const char *old = env_entry(environ, c->name, c->length);

	c->had = old;
	c->cut = old && value &&
		 secret_is_cut(secret_of(value),
			       secret_of_entry(old, c->length));
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
		if (watched)
			look_at_old(&c, value);
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
		if (watched)
			look_at_old(&c, NULL);
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
		if (watched)
			look_at_old(&c, equals ? equals + 1 : NULL);
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

static void record_clearenv(const void *caller)
{
	bool noted = interpreter_on_call(caller, ACT_CHANGE);

	record_clear("clearenv", caller);
	if (noted)
		source_pos_clear();
}

EXPORT int clearenv(void)
{
	int result;

	if (recorder_enter()) {
		record_clearenv(CALLER);
		recorder_leave();
	}
	result = REAL(clearenv)();
	if (!result && recorder_enter()) {
		env_state_clear();
		recorder_leave();
	}
	return result;
}
