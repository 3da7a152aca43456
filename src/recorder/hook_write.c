/* setenv, putenv, unsetenv, clearenv: who changed it, in this process. */
#include <errno.h>

#include "recorder/fold.h"
#include "recorder/interpreter.h"
#include "recorder/line.h"
#include "recorder/next.h"
#include "recorder/place.h"
#include "recorder/recorder.h"
#include "recorder/text.h"
#include "recorder/watch.h"

struct change {
	const char *fn, *name;
	size_t length; /* of the name */
	const void *caller;
	bool had;   /* it stood there before */
	bool keeps; /* ... and the caller wants what stands there kept */
};

static uint64_t tag_of(const struct change *c, const struct print *p)
{
	uint64_t tag = (uint64_t)(uintptr_t)c->caller * 31 + c->had;

	tag = text_mix(tag, c->name, c->length);
	if (place_here()->line)
		tag += place_tag(place_here());
	return p ? tag ^ p->tag : ~tag;
}

static bool stands(const char *name, size_t n)
{
	for (char **e = environ; e && *e; e++)
		if (same_bytes(*e, name, n) && (*e)[n] == '=')
			return true;
	return false;
}

static struct fold *fold_change(const struct change *c, enum kt_event of,
				uint64_t count, struct line *l)
{
	return fold_of(&(struct alike){.of = of,
				       .lane = of == KT_SET ? ORDINARY
							    : IMPORTANT,
				       .name = c->name,
				       .length = c->length,
				       .caller = c->caller,
				       .place = place_here()},
		       count, l);
}

static __attribute__((noinline)) void tell_set(const struct change *c,
					       const char *value, int error)
{
	struct print print;
	struct line l;
	struct fold *fold;
	uint64_t count;
	bool kept = c->had && c->keeps;

	held_take_print(secret_of(value), &print);
	count = recorder_seen(tag_of(c, &print), SEEN_CHANGES);
	if (!count)
		return;
	fold = fold_change(c, KT_SET, count, &l);
	if (!error && !kept && fold)
		held_fold(c->name, c->length);
	else if (!error && !kept)
		held_set(c->name, c->length, &print);
	line_begin(&l, KT_SET, now());
	line_text(&l, "fn", c->fn);
	line_name(&l, "name", c->name, c->length);
	line_print(&l, "value", &print);
	if (kept)
		line_bool(&l, "kept", true);
	if (error)
		line_number(&l, "errno", (uint64_t)error);
	line_times(&l, count);
	l.has_no_stack |= fold != NULL;
	line_caller(&l, c->caller);
	place_put(&l, place_here());
	fold_end(fold, &l);
}

static __attribute__((noinline)) void tell_unset(const struct change *c)
{
	uint64_t count = recorder_seen(tag_of(c, NULL), SEEN_CHANGES);
	struct fold *fold;
	struct line l;

	if (!count)
		return;
	fold = fold_change(c, KT_UNSET, count, &l);
	if (!fold)
		held_unset(c->name, c->length);
	line_begin(&l, KT_UNSET, now());
	line_text(&l, "fn", c->fn);
	line_name(&l, "name", c->name, c->length);
	line_bool(&l, "had", c->had);
	line_times(&l, count);
	l.has_no_stack |= fold != NULL;
	line_caller(&l, c->caller);
	place_put(&l, place_here());
	fold_end(fold, &l);
}

/* `value` NULL: it was taken away. */
static void tell(const struct change *c, const char *value, int error)
{
	bool noted = interpreter_note(c->caller, ACT_CHANGE);

	if (value)
		tell_set(c, value, error);
	else
		tell_unset(c);
	if (noted)
		place_forget();
}

static bool is_watched_value(const char *name, size_t n, const char *value)
{
	return guest && (watch_name(name, n) ||
			 (value && secret_is_key_shaped(secret_of(value))));
}

EXPORT int setenv(const char *name, const char *value, int overwrite)
{
	struct change c = {.fn = "setenv", .name = name, .caller = CALLER,
			   .keeps = !overwrite};
	bool watched = false;
	int result;

	if (guest && doubted(name) && doubted(value)) {
		c.length = text_length(name);
		watched = is_watched_value(name, c.length, value);
		c.had = watched && stands(name, c.length);
	}
	result = NEXT(setenv)(name, value, overwrite);
	if (watched && recorder_enter()) {
		tell(&c, value, result ? host_errno() : 0);
		recorder_leave();
	}
	return result;
}

EXPORT int unsetenv(const char *name)
{
	struct change c = {.fn = "unsetenv", .name = name, .caller = CALLER};
	bool watched = false;
	int result;

	if (guest && doubted(name)) {
		c.length = text_length(name);
		watched = watch_name(name, c.length);
		c.had = watched && stands(name, c.length);
	}
	result = NEXT(unsetenv)(name);
	if (watched && !result && recorder_enter()) {
		tell(&c, NULL, 0);
		recorder_leave();
	}
	return result;
}

/* putenv keeps the caller's pointer: a later write into that buffer changes
 * the variable with no call at all. held_check finds that. */
EXPORT int putenv(char *entry)
{
	struct change c = {.fn = "putenv", .name = entry, .caller = CALLER};
	const char *equals = doubted(entry) ? text_find(entry, '=') : NULL;
	bool watched = false;
	int result;

	if (guest && doubted(entry)) {
		c.length = equals ? (size_t)(equals - entry)
				  : text_length(entry);
		watched = is_watched_value(entry, c.length,
					   equals ? equals + 1 : NULL);
		c.had = watched && stands(entry, c.length);
	}
	result = NEXT(putenv)(entry);
	if (watched && recorder_enter()) {
		if (equals)
			tell(&c, equals + 1, result ? host_errno() : 0);
		else if (!result)
			tell(&c, NULL, 0);
		recorder_leave();
	}
	return result;
}

static __attribute__((noinline)) void tell_clear(const void *caller)
{
	bool noted = interpreter_note(caller, ACT_CHANGE);
	struct line l;

	line_begin(&l, KT_CLEAR, now());
	line_text(&l, "fn", "clearenv");
	line_caller(&l, caller);
	place_put(&l, place_here());
	line_number(&l, "vars", held_count(environ));
	held_list_env(&l, "had", environ);
	line_end(&l);
	if (noted)
		place_forget();
}

EXPORT int clearenv(void)
{
	int result;

	if (recorder_enter()) {
		tell_clear(CALLER);
		recorder_leave();
	}
	result = NEXT(clearenv)();
	if (!result && recorder_enter()) {
		held_clear();
		recorder_leave();
	}
	return result;
}
