#include "recorder/runtimes/perl/perl_env_change.h"

#include "recorder/lib/env_entry.h"
#include "recorder/lib/str.h"
#include "recorder/process/change_event.h"
#include "recorder/process/env_state.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/perl/perl_api.h"
#include "recorder/runtimes/perl/perl_frames.h"
#include "recorder/runtimes/vtable.h"
#include "recorder/secrets/secret.h"
#include "recorder/secrets/watched_names.h"

struct magic { /* what Perl ties to an element */
	void *next, *functions;
	uint64_t kind;
	int64_t length; /* of `key`; IS_VALUE: `key` is a value of Perl's */
	void *object, *key;
};

enum { IS_VALUE = -2 };

/* With threads the interpreter comes first. */
typedef int magic_function(void *first, void *second, void *third);

struct magic_functions {
	magic_function *get, *set, *length, *clear, *more[4];
};

static magic_function *original_set, *original_clear, *original_clear_all;

static const char *name_of(const struct magic *m)
{
	const struct perl_value *key = m->key;

	if (m->length != IS_VALUE)
		return m->key;
	return key && key->flags & PERL_HAS_TEXT ? key->text : NULL;
}

struct element {
	void *self;
	const char *name; /* NULL: not of environ */
	size_t length;
	bool had;
};

/* A thread's %ENV is the thread's own, and no part of environ. */
static struct element element_of(void *first, void *second, void *third)
{
	bool has_threads = perl.PL_thr_key != NULL;
	struct element e = {.self = has_threads ? first : NULL};

	if (!globals || !perl_is_first(first) || *perl.PL_use_safe_putenv)
		return e;
	e.name = name_of(has_threads ? third : second);
	if (e.name) {
		e.length = str_length(e.name);
		e.had = env_entry(environ, e.name, e.length);
	}
	return e;
}

static __attribute__((noinline)) void record(const struct element *e,
					     const char *value)
{
	struct change c = {.fn = "%ENV",
			   .name = e->name,
			   .length = e->length,
			   .had = e->had};
	struct callers callers;

	if (!recorder_enter())
		return;
	perl_find_place(e->self, source_pos_current(), &callers);
	source_pos_find_callers_by(perl_find_callers);
	if (value)
		record_set(&c, value, 0);
	else
		record_unset(&c);
	source_pos_clear();
	recorder_leave();
}

static int on_set(void *first, void *second, void *third)
{
	bool had = element_of(first, second, third).had;
	int result = original_set(first, second, third);
	struct element e = element_of(first, second, third);
	int error = host_errno();
	const char *entry =
		e.name ? env_entry(environ, e.name, e.length) : NULL;
	const char *value = entry ? entry + e.length + 1 : NULL;

	e.had = had;
	if (value && (is_watched_name(e.name, e.length) ||
		      secret_is_key_shaped(secret_of(value))))
		record(&e, value);
	host_set_errno(error);
	return result;
}

static int on_clear(void *first, void *second, void *third)
{
	struct element e = element_of(first, second, third);
	int result = original_clear(first, second, third), error = host_errno();

	if (e.name && is_watched_name(e.name, e.length))
		record(&e, NULL);
	host_set_errno(error);
	return result;
}

/* %ENV = (): all of environ goes. */
static __attribute__((noinline)) void record_all(void *self)
{
	struct callers callers;

	if (!recorder_enter())
		return;
	perl_find_place(self, source_pos_current(), &callers);
	source_pos_find_callers_by(perl_find_callers);
	record_clear("%ENV", NULL);
	source_pos_clear();
	recorder_leave();
}

static int on_clear_all(void *first, void *second, void *third)
{
	bool is_of_environ =
		globals && perl_is_first(first) && !*perl.PL_use_safe_putenv;
	int error = host_errno(), result;

	if (is_of_environ)
		record_all(first);
	host_set_errno(error);
	result = original_clear_all(first, second, third);
	if (is_of_environ && recorder_enter()) {
		env_state_clear();
		recorder_leave();
	}
	return result;
}

/* The functions behind a kind of magic: "env" is %ENV, "envelem" an element. */
static struct magic_functions *functions_of(const char *kind)
{
	enum { MOST = 16 }; /* in order of the alphabet */

	for (int i = 0; i < MOST && perl.PL_magic_vtable_names[i]; i++)
		if (str_equal(perl.PL_magic_vtable_names[i], kind))
			return &perl.PL_magic_vtables[i];
	return NULL;
}

static void replace(magic_function **at, magic_function **original,
		    magic_function *ours)
{
	if (*at)
		vtable_replace_one(&(struct slot){(void **)at, (void *)original,
						  (void *)ours});
}

void perl_env_change_start(void)
{
	struct magic_functions *element = functions_of("envelem");
	struct magic_functions *all = functions_of("env");

	if (!element || !all || !perl.PL_use_safe_putenv)
		return; /* Perl calls libc */
	replace(&element->set, &original_set, on_set);
	replace(&element->clear, &original_clear, on_clear);
	replace(&all->clear, &original_clear_all, on_clear_all);
}
