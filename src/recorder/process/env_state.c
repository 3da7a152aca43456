#include "recorder/process/env_state.h"

#include "recorder/recorder.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"

/* Length of the name of NAME=value; 0 for an entry that has none. */
static size_t name_length(const char *entry)
{
	const char *equals = str_find_char(entry, '=');

	return equals ? (size_t)(equals - entry) : 0;
}

static struct secret value_of(const char *entry, size_t n)
{
	return secret_of(entry + n + 1);
}

static struct env_state_variable *first(void)
{
	return globals->env_state.watched;
}

/* Places are taken in order, and never given back in one image. */
static struct env_state_variable *past_last(void)
{
	return first() + atomic_load_explicit(&globals->env_state.watched_count,
					      memory_order_acquire);
}

static struct env_state_variable *find(const char *name, size_t n)
{
	for (struct env_state_variable *v = first(); v < past_last(); v++)
		if (v->length == n && bytes_equal(v->name, name, n))
			return v;
	return NULL;
}

/* The place of a name, made when it is new; NULL when there is no more. */
static struct env_state_variable *find_or_add(const char *name, size_t n)
{
	struct env_state_variable *v = find(name, n);
	uint32_t count = atomic_load(&globals->env_state.watched_count);

	if (v || n >= ENV_STATE_NAME)
		return v;
	do
		if (count >= ENV_STATE_WATCHED)
			return NULL;
	while (!atomic_compare_exchange_weak(&globals->env_state.watched_count,
					     &count, count + 1));
	v = first() + count;
	__builtin_memcpy(v->name, name, n);
	v->length = (uint32_t)n;
	v->is_current = v->is_inherited = v->is_folded =
		false; /* it may be an earlier image's place */
	return v;
}

static bool can_add(size_t n)
{
	return n < ENV_STATE_NAME && past_last() < first() + ENV_STATE_WATCHED;
}

static bool is_value(const struct fingerprint *p, struct secret s)
{
	return p->tag == secret_tag(s, globals->seed);
}

void env_state_fingerprint(struct secret s, struct fingerprint *ret)
{
	value_filter_add(s);
	secret_fingerprint(s, globals->settings.key, ret);
	ret->tag = secret_tag(s, globals->seed);
}

/* The entry of environ that getenv would answer with. */
static const char *entry_of(char *const *envp, const char *name, size_t n)
{
	for (; envp && *envp; envp++)
		if (bytes_equal(*envp, name, n) && (*envp)[n] == '=')
			return *envp;
	return NULL;
}

/* ---- all variables, by hash */

static uint32_t hash_name(const char *name, size_t n)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	return hash ? hash : 1;
}

static uint32_t hash_value(const char *entry, size_t n)
{
	return (uint32_t)secret_tag(value_of(entry, n), globals->seed);
}

/* Index of the name in `all`, or of the free place where it belongs. */
static uint32_t place_of(const struct env_state *h, uint32_t name)
{
	uint32_t at = name & h->mask;

	while (h->all[at].name && h->all[at].name != name)
		at = (at + 1) & h->mask;
	return at;
}

static uint32_t mask_for(char *const *envp)
{
	uint32_t size = ENV_STATE_FEW, count = 0;

	while (envp && envp[count])
		count++;
	while (size < count * 2 && size <= ENV_STATE_ALL)
		size *= 2;
	return size <= ENV_STATE_ALL ? size - 1 : 0;
}

static void forget_all(struct env_state *h, char *const *envp)
{
	h->born_with = 0;
	h->count = 0;
	h->mask = mask_for(envp);
	h->all = h->mask < ENV_STATE_FEW ? h->few : h->many;
	__builtin_memset(h->all, 0, (h->mask + 1) * sizeof h->all[0]);
}

static void remember(struct env_state *h, const char *entry, size_t n)
{
	uint32_t hash, at;

	if (!h->mask || is_ours(entry, n))
		return;
	hash = hash_name(entry, n);
	at = place_of(h, hash);
	if (h->all[at].name)
		return; /* a second entry: nobody reads it */
	h->all[at].name = hash;
	h->all[at].value = hash_value(entry, n);
	h->count++;
}

static void remember_all(struct env_state *h, char *const *envp)
{
	forget_all(h, envp);
	for (; envp && *envp; envp++) {
		size_t n = name_length(*envp);

		if (n)
			remember(h, *envp, n);
	}
}

/* One writer at a time; who comes second leaves it to the first. */
static void rewrite_all(char *const *envp)
{
	uint32_t version = atomic_load(&globals->env_state.version);

	if (version & 1 ||
	    !atomic_compare_exchange_strong(&globals->env_state.version,
					    &version, version + 1))
		return;
	remember_all(&globals->env_state, envp);
	atomic_store(&globals->env_state.version, version + 2);
}

uint32_t env_state_count(char *const *envp)
{
	uint32_t count = 0;

	for (; envp && *envp; envp++) {
		size_t n = name_length(*envp);

		count += n && !is_ours(*envp, n);
	}
	return count;
}

static void compare_all(const struct env_state *h, char *const *envp,
			struct difference *ret)
{
	uint8_t met[ENV_STATE_ALL / 8];

	__builtin_memset(met, 0, h->mask / 8 + 1);
	for (; envp && *envp; envp++) {
		size_t n = name_length(*envp);
		uint32_t at;

		if (!n || is_ours(*envp, n))
			continue;
		ret->vars++;
		at = place_of(h, hash_name(*envp, n));
		if (!h->all[at].name) {
			ret->added++;
			continue;
		}
		if (met[at / 8] >> at % 8 & 1)
			continue;
		met[at / 8] |= (uint8_t)(1 << at % 8);
		if (h->all[at].value == hash_value(*envp, n))
			ret->unchanged++;
		else
			ret->changed++;
	}
	ret->held = h->count;
	ret->dropped = h->count - ret->unchanged - ret->changed;
}

void env_state_compare(char *const *envp, struct difference *ret)
{
	const struct env_state *h = &globals->env_state;
	uint32_t version = atomic_load(&h->version);

	*ret = (struct difference){0};
	if (!(version & 1) && h->mask) {
		compare_all(h, envp, ret);
		ret->is_known = atomic_load(&h->version) == version;
	}
	if (!ret->is_known)
		ret->vars = env_state_count(envp);
}

bool env_state_put_difference(struct event_line *l, char *const *envp)
{
	struct difference d;

	env_state_compare(envp, &d);
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

/* ---- the watched ones */

static void hold(const char *entry, size_t n)
{
	struct env_state_variable *v = find_or_add(entry, n);

	if (!v || v->is_current)
		return; /* the first of two entries is what getenv finds */
	env_state_fingerprint(value_of(entry, n), &v->now);
	v->base = v->now;
	v->is_current = v->is_inherited = true;
}

void env_state_begin(char **envp)
{
	struct env_state *h = &globals->env_state;

	atomic_store(&h->watched_count, 0);
	atomic_store(&h->version, 0);
	h->environ_seen = envp;
	forget_all(h, envp);
	for (; envp && *envp; envp++) {
		size_t n = name_length(*envp);

		if (!n)
			continue;
		h->born_with += !is_ours(*envp, n);
		remember(h, *envp, n);
		if (is_watched_entry(*envp, n))
			hold(*envp, n);
	}
}

/* Is the variable in environ what `now` says? NULL entry: not there. */
static bool is_as_held(const struct env_state_variable *v, const char *entry)
{
	if (v && v->is_folded && entry)
		return true;
	if (!v || !v->is_current)
		return !entry;
	return entry && is_value(&v->now, value_of(entry, v->length));
}

static bool is_environ_as_held(void)
{
	for (const struct env_state_variable *v = first(); v < past_last(); v++)
		if (!is_as_held(v, entry_of(environ, v->name, v->length)))
			return false;
	for (char **e = environ; e && *e; e++) {
		size_t n = name_length(*e);

		if (n && is_watched_entry(*e, n) && !find(*e, n) && can_add(n))
			return false;
	}
	return true;
}

static void list_lost_now(struct event_line *l)
{
	event_list(l, "lost");
	for (struct env_state_variable *v = first(); v < past_last(); v++)
		if (v->is_current && !entry_of(environ, v->name, v->length)) {
			event_value(l, v->name, v->length, &v->now);
			v->is_current = v->is_folded = false;
		}
	event_list_end(l);
}

static void list_changed_now(struct event_line *l)
{
	event_list(l, "env");
	for (char **e = environ; e && *e; e++) {
		size_t n = name_length(*e);
		struct env_state_variable *v;

		if (!n || !is_watched_entry(*e, n) ||
		    !(v = find_or_add(*e, n)) ||
		    entry_of(environ, *e, n) != *e || is_as_held(v, *e))
			continue;
		env_state_fingerprint(value_of(*e, n), &v->now);
		v->is_current = true;
		event_value(l, v->name, n, &v->now);
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
	const struct env_state_variable *v;

	if (environ != globals->env_state.environ_seen) {
		env_state_check();
		return;
	}
	v = find(name, n);
	if (v ? v->is_folded && found : !can_add(n))
		return;
	if (v && v->is_current ? !found || found->tag != v->now.tag
			       : found != NULL)
		env_state_check();
}

void env_state_inherit(void)
{
	struct difference d;

	for (struct env_state_variable *v = first(); v < past_last(); v++)
		v->is_folded = false;
	env_state_check();
	for (struct env_state_variable *v = first(); v < past_last(); v++) {
		v->base = v->now;
		v->is_inherited = v->is_current;
	}
	env_state_compare(environ, &d);
	if (!d.is_known || d.dropped || d.changed || d.added)
		rewrite_all(environ);
}

const struct fingerprint *env_state_known_fingerprint(const char *name,
						      size_t n, uint64_t tag)
{
	const struct env_state_variable *v = find(name, n);

	return v && v->is_current && v->now.tag == tag ? &v->now : NULL;
}

void env_state_set(const char *name, size_t n, const struct fingerprint *p)
{
	struct env_state_variable *v = find_or_add(name, n);

	if (!v)
		return;
	v->now = *p;
	v->is_current = true;
	v->is_folded = false;
}

void env_state_fold(const char *name, size_t n)
{
	struct env_state_variable *v = find_or_add(name, n);

	if (v)
		v->is_folded = true;
}

void env_state_unset(const char *name, size_t n)
{
	struct env_state_variable *v = find(name, n);

	if (v)
		v->is_current = v->is_folded = false;
}

void env_state_clear(void)
{
	for (struct env_state_variable *v = first(); v < past_last(); v++)
		v->is_current = v->is_folded = false;
	globals->env_state.environ_seen = environ;
}

/* A directory that a variable names (TMPDIR, KUBECONFIG) stands in many paths,
 * and is no secret: in a path, only other values count. */
bool env_state_value_is_in(const char *text, size_t n)
{
	bool is_path = n && text[0] == '/';

	if (!value_filter_may_hold(text, n))
		return false;
	for (const struct env_state_variable *v = first(); v < past_last();
	     v++) {
		const char *entry = entry_of(environ, v->name, v->length);

		if (entry &&
		    !(is_path && secret_is_path(value_of(entry, v->length))) &&
		    secret_is_in(value_of(entry, v->length), text, n))
			return true;
	}
	return false;
}

/* ---- as lists of a line */

/* A name may hold the value of a variable that comes behind it. */
static void meet_values(char *const *envp)
{
	for (char *const *e = envp; e && *e; e++) {
		size_t n = name_length(*e);

		if (n && is_watched_entry(*e, n))
			value_filter_add(value_of(*e, n));
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
		size_t n = name_length(*e);
		const struct env_state_variable *v;
		struct fingerprint p;

		if (!n || !is_watched_entry(*e, n) ||
		    entry_of(envp, *e, n) != *e)
			continue;
		v = find(*e, n);
		if (v && v->is_inherited && is_value(&v->base, value_of(*e, n)))
			p = v->base; /* taking one costs some 2 us */
		else
			env_state_fingerprint(value_of(*e, n), &p);
		event_value(l, *e, n, &p);
	}
	event_list_end(l);
}

void env_state_list_lost(struct event_line *l, char *const *envp)
{
	event_list(l, "lost");
	for (const struct env_state_variable *v = first(); v < past_last(); v++)
		if (v->is_inherited && !entry_of(envp, v->name, v->length))
			event_value(l, v->name, v->length, &v->base);
	event_list_end(l);
}

void env_state_list_now(struct event_line *l, const char *key)
{
	event_list(l, key);
	for (const struct env_state_variable *v = first(); v < past_last(); v++)
		if (v->is_current)
			event_value(l, v->name, v->length, &v->now);
	event_list_end(l);
}
