#include "recorder/process/env_state.h"

#include "recorder/lib/clock.h"
#include "recorder/lib/env_entry.h"
#include "recorder/secrets/watched_names.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/recognized_names.h"

static bool is_value(const struct fingerprint *p, struct secret s)
{
	return p->tag == secret_tag(s, globals->seed);
}

void env_state_fingerprint(struct secret s, struct fingerprint *ret)
{
	value_filter_add(&globals->value_filter, s);
	secret_fingerprint(s, globals->settings.key, ret);
	ret->tag = secret_tag(s, globals->seed);
}

bool env_state_put_difference(struct event_line *l, char *const *envp)
{
	struct env_difference d;

	env_hashes_compare(envp, &d);
	event_number(l, "vars", d.vars);
	if (!d.is_known)
		return true;
	if (!d.dropped && !d.changed && !d.added) {
		event_bool(l, "same", true);
		return false;
	}
	event_number(l, "held", d.held);
	event_number(l, "unchanged", d.unchanged);
	event_number(l, "dropped", d.dropped);
	event_number(l, "changed", d.changed);
	event_number(l, "added", d.added);
	return true;
}

/* ---- the watched variables */

static void hold(const char *entry, size_t n)
{
	struct watched_value *v = watched_value_find_or_add(entry, n);

	if (v && v->is_current) /* getenv finds the first of two entries */
		globals->env_state.has_second_entries = true;
	if (!v || v->is_current)
		return;
	env_state_fingerprint(secret_of_entry(entry, n), &v->current);
	v->inherited = v->current;
	v->is_current = v->is_inherited = true;
	recognized_name_add(entry, n, environ);
}

void env_state_begin(char **envp)
{
	struct env_state *e = &globals->env_state;

	recognized_names_read();
	atomic_store(&e->watched.count, 0);
	e->environ_seen = envp;
	e->count_at_birth = 0;
	e->has_second_entries = false;
	env_hashes_begin(envp);
	file_targets_begin();
	for (; envp && *envp; envp++) {
		size_t n = env_name_length(*envp);

		if (!n)
			continue;
		e->count_at_birth += !is_ours(*envp, n);
		env_hashes_add(*envp, n);
		file_targets_add(*envp, n);
		if (is_watched_entry(*envp, n))
			hold(*envp, n);
	}
}

/* Has environ the `current` value of the variable? `entry` is NULL for a
 * variable missing in environ. */
static bool is_as_held(const struct watched_value *v, const char *entry)
{
	if (v && v->is_folded && entry)
		return true;
	if (!v || !v->is_current)
		return !entry;
	return entry &&
	       is_value(&v->current, secret_of_entry(entry, v->length));
}

static bool is_environ_as_held(void)
{
	for (const struct watched_value *v = NULL; (v = watched_value_next(v));)
		if (!is_as_held(v, env_entry(environ, v->name, v->length)))
			return false;
	for (char **e = environ; e && *e; e++) {
		size_t n = env_name_length(*e);

		if (n && is_watched_entry(*e, n) &&
		    !watched_value_find(*e, n) && watched_value_can_add(n))
			return false;
	}
	return true;
}

static void list_lost_now(struct event_line *l)
{
	event_list(l, "lost");
	for (struct watched_value *v = NULL; (v = watched_value_next(v));)
		if (v->is_current && !env_entry(environ, v->name, v->length)) {
			event_value(l, v->name, v->length, &v->current);
			v->is_current = v->is_folded = false;
		}
	event_list_end(l);
}

static void list_changed_now(struct event_line *l)
{
	event_list(l, "env");
	for (char **e = environ; e && *e; e++) {
		size_t n = env_name_length(*e);
		struct watched_value *v;

		if (!n || !is_watched_entry(*e, n) ||
		    !(v = watched_value_find_or_add(*e, n)) ||
		    env_entry(environ, *e, n) != *e || is_as_held(v, *e))
			continue;
		env_state_fingerprint(secret_of_entry(*e, n), &v->current);
		v->is_current = true;
		recognized_name_add(*e, n, environ);
		event_value(l, v->name, n, &v->current);
	}
	event_list_end(l);
}

static __attribute__((noinline)) void record_swap(void)
{
	struct event_line l;

	event_begin(&l, KT_SWAP, now());
	env_state_put_difference(&l, environ);
	list_lost_now(&l);
	list_changed_now(&l);
	event_end(&l);
}

void env_state_check(void)
{
	globals->env_state.environ_seen = environ;
	if (!is_environ_as_held())
		record_swap();
}

void env_state_check_one(const char *name, size_t n,
			 const struct fingerprint *found)
{
	const struct watched_value *v;

	if (environ != globals->env_state.environ_seen) {
		env_state_check();
		return;
	}
	v = watched_value_find(name, n);
	if (v ? v->is_folded && found : !watched_value_can_add(n))
		return;
	if (v && v->is_current ? !found || found->tag != v->current.tag
			       : found != NULL)
		env_state_check();
}

void env_state_inherit(void)
{
	struct env_difference d;

	for (struct watched_value *v = NULL; (v = watched_value_next(v));)
		v->is_folded = false;
	env_state_check();
	for (struct watched_value *v = NULL; (v = watched_value_next(v));) {
		v->inherited = v->current;
		v->is_inherited = v->is_current;
	}
	env_hashes_compare(environ, &d);
	if (!d.is_known || d.dropped || d.changed || d.added)
		env_hashes_rewrite(environ);
}

const struct fingerprint *env_state_known_fingerprint(const char *name,
						      size_t n, uint64_t tag)
{
	const struct watched_value *v = watched_value_find(name, n);

	return v && v->is_current && v->current.tag == tag ? &v->current : NULL;
}

void env_state_set(const char *name, size_t n, const struct fingerprint *p)
{
	struct watched_value *v = watched_value_find_or_add(name, n);

	if (!v)
		return;
	v->current = *p;
	v->is_current = true;
	v->is_folded = false;
}

void env_state_fold(const char *name, size_t n)
{
	struct watched_value *v = watched_value_find_or_add(name, n);

	if (v)
		v->is_folded = true;
}

void env_state_unset(const char *name, size_t n)
{
	struct watched_value *v = watched_value_find(name, n);

	if (v)
		v->is_current = v->is_folded = false;
}

void env_state_clear(void)
{
	for (struct watched_value *v = NULL; (v = watched_value_next(v));)
		v->is_current = v->is_folded = false;
	globals->env_state.environ_seen = environ;
}

/* ---- as lists of a line */

/* A name may hold the value of a variable further behind in envp. */
static void meet_values(char *const *envp)
{
	for (char *const *e = envp; e && *e; e++) {
		size_t n = env_name_length(*e);

		if (n && is_watched_entry(*e, n))
			value_filter_add(&globals->value_filter,
					 secret_of_entry(*e, n));
	}
}

void env_state_list_env(struct event_line *l, const char *key,
			char *const *envp)
{
	if (envp != environ)
		meet_values(envp);
	event_list(l, key);
	l->envp = envp;
	for (char *const *e = envp; e && *e; e++) {
		size_t n = env_name_length(*e);
		const struct watched_value *v;
		struct fingerprint p;

		if (!n || !is_watched_entry(*e, n) ||
		    env_entry(envp, *e, n) != *e)
			continue;
		v = watched_value_find(*e, n);
		if (v && v->is_inherited &&
		    is_value(&v->inherited, secret_of_entry(*e, n)))
			p = v->inherited; /* saves some 2 us */
		else
			env_state_fingerprint(secret_of_entry(*e, n), &p);
		event_value(l, *e, n, &p);
	}
	event_list_end(l);
}

static bool is_second_entry(char *const *envp, const char *entry)
{
	size_t n = env_name_length(entry);

	return n && is_watched_entry(entry, n) &&
	       env_entry(envp, entry, n) != entry;
}

static char *const *next_second_entry(char *const *envp, char *const *from)
{
	while (from && *from && !is_second_entry(envp, *from))
		from++;
	return from && *from ? from : NULL;
}

/* At a birth, most environments have no second entries: env_state_begin has
 * looked. */
void env_state_list_again(struct event_line *l, char *const *envp)
{
	char *const *e = envp;

	if (!globals->env_state.has_second_entries)
		return;
	event_list(l, "again");
	while ((e = next_second_entry(envp, e))) {
		size_t n = env_name_length(*e);
		struct fingerprint p;

		env_state_fingerprint(secret_of_entry(*e, n), &p);
		event_value(l, *e, n, &p);
		e++;
	}
	event_list_end(l);
}

static bool is_cut_in(const struct watched_value *v, char *const *envp)
{
	const char *whole = env_entry(environ, v->name, v->length);
	const char *part = env_entry(envp, v->name, v->length);

	return whole && part && whole != part &&
	       secret_is_cut(secret_of_entry(part, v->length),
			     secret_of_entry(whole, v->length));
}

void env_state_put_cut(struct event_line *l, char *const *envp)
{
	bool any = false;

	if (envp == environ)
		return;
	for (const struct watched_value *v = NULL;
	     (v = watched_value_next(v));) {
		if (!v->is_current || !is_cut_in(v, envp))
			continue;
		if (!any)
			event_array(l, "cut");
		any = true;
		event_item(l);
		event_part_name(l, v->name, v->length);
		event_item_end(l);
	}
	if (any)
		event_array_end(l);
}

void env_state_list_lost(struct event_line *l, char *const *envp)
{
	event_list(l, "lost");
	for (const struct watched_value *v = NULL; (v = watched_value_next(v));)
		if (v->is_inherited && !env_entry(envp, v->name, v->length))
			event_value(l, v->name, v->length, &v->inherited);
	event_list_end(l);
}

void env_state_list_now(struct event_line *l, const char *key)
{
	event_list(l, key);
	for (const struct watched_value *v = NULL; (v = watched_value_next(v));)
		if (v->is_current)
			event_value(l, v->name, v->length, &v->current);
	event_list_end(l);
}
