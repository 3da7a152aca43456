#include "recorder/runtimes/node/node_process_env.h"

#include "recorder/http/http.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/process/env_state.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_callers.h"
#include "recorder/runtimes/node/node_ends.h"
#include "recorder/runtimes/node/node_http.h"
#include "recorder/runtimes/node/node_listing.h"
#include "recorder/runtimes/node/node_store.h"
#include "recorder/runtimes/node/node_worker_birth.h"
#include "recorder/runtimes/v8/v8_frames.h"

/* ---- reads --------------------------------------------------------------- */

/* The getenv within one wrapped read. Recorded after the read: Node holds a
 * lock during the getenv. */
struct pending_read {
	int which;
	const void *caller; /* NULL: no watched variable, or not due */
	bool found;
	size_t length;
	char name[WATCHED_NAME_BYTES];
	struct fingerprint print;
};

static __thread struct pending_read *pending;

static void fingerprint_of(const struct getenv_event *look,
			   struct fingerprint *ret)
{
	uint64_t tag = secret_tag(secret_of(look->value), globals->seed);
	const struct fingerprint *known =
		env_state_known_fingerprint(look->name, look->length, tag);

	if (known)
		*ret = *known;
	else
		env_state_fingerprint(secret_of(look->value), ret);
}

HOT bool node_takes(const struct getenv_event *look)
{
	struct pending_read *p = pending;

	if (!p || look->length >= sizeof p->name)
		return false;
	if (!node_is_due(p->which, look->name, look->length, look->value))
		return true;
	p->caller = look->caller;
	p->length = look->length;
	__builtin_memcpy(p->name, look->name, look->length);
	p->found = look->value;
	if (look->value)
		fingerprint_of(look, &p->print);
	return true;
}

/* Malformed values count as misses. */
static function_finder *mapper_of(const struct pending_read *p)
{
	return p->found && !p->print.is ? node_map_place_of_hit
					: node_map_place;
}

static __attribute__((noinline)) void
record_pending(int which, void *isolate, const struct pending_read *p)
{
	int error = host_errno();
	struct source_pos place;
	bool is_asked = v8_runs(isolate);

	source_pos_set(&place, NULL, 0, NULL);
	if (is_asked)
		v8_source_pos(isolate, &place);
	if (!node_is_of_listing(&place, which))
		record_getenv(&(struct getenv_event){
			.fn = node_fn(which),
			.name = p->name,
			.length = p->length,
			.print = p->found ? &p->print : NULL,
			.caller = p->caller,
			.place = &place,
			.find_function = is_asked ? mapper_of(p) : NULL,
			.find_callers = is_asked ? node_find_callers : NULL});
	host_set_errno(error);
}

static inline __attribute__((always_inline)) result
read_variable(int which, void *store, void *isolate, local key, local value)
{
	struct pending_read mine;
	result r;

	node_ends_meet(isolate);
	mine.caller = NULL;
	mine.which = which;
	pending = &mine;
	r = node_process_env.method[which](store, isolate, key, value);
	pending = NULL;
	if (which == GET)
		node_on_get(isolate);
	if (mine.caller && !node_is_copying)
		record_pending(which, isolate, &mine);
	return r;
}

HOT static result get_key(void *store, void *isolate, local key, local value)
{
	return read_variable(GET, store, isolate, key, value);
}

/* With http=1 alone: the question costs each read some ns. */
static result get_key_or_take(void *store, void *isolate, local key,
			      local value)
{
	result r;

	if (node_http_takes(isolate, key, &r))
		return r;
	return read_variable(GET, store, isolate, key, value);
}

HOT static result query_key(void *store, void *isolate, local key, local value)
{
	return read_variable(QUERY, store, isolate, key, value);
}

/* ---- changes ------------------------------------------------------------- */

/* Leaves the source position of a set or delete for libc's hook. True when
 * the position was set, and must be cleared after the call. */
static bool set_source_pos(int which, void *isolate, local key, local value)
{
	int error = host_errno();
	struct node_variable variable;
	bool watched;

	if (!v8_runs(isolate))
		return false;
	node_variable_open(isolate, key, value, &variable);
	watched = node_is_watched(&variable);
	if (watched) {
		v8_source_pos(isolate, source_pos_current());
		if (which == DELETE)
			node_map_place(source_pos_current());
		else
			node_map_place_of_hit(source_pos_current());
		node_note_change_callers(which, variable.name.bytes);
	}
	node_variable_close(&variable);
	host_set_errno(error);
	return watched;
}

static __attribute__((noinline)) result
change_variable(int which, void *store, void *isolate, local key, local value)
{
	bool has_pos = set_source_pos(which, isolate, key, value);
	result r = node_process_env.method[which](store, isolate, key, value);

	if (has_pos)
		source_pos_clear();
	return r;
}

static result set_key(void *store, void *isolate, local key, local value)
{
	return change_variable(SET, store, isolate, key, value);
}

static result delete_key(void *store, void *isolate, local key, local value)
{
	(void)value; /* Delete takes none */
	return change_variable(DELETE, store, isolate, key, NULL);
}

/* ---- the whole ----------------------------------------------------------- */

static result enumerate_keys(void *store, void *isolate, local key, local value)
{
	result r =
		node_process_env.method[ENUMERATE](store, isolate, key, value);

	if (!node_is_copying && v8_runs(isolate))
		node_on_listing(isolate);
	return r;
}

/* `new Worker` without env, or with process.env itself. */
static void *clone(void *ret, void *store, void *isolate)
{
	return node_clone(node_process_env.clone, ret, store, isolate);
}

bool node_process_env_add(struct vtable *all)
{
	return node_store_add(
		all, "_ZTVN4node12RealEnvStoreE",
		STORE_SYMBOLS("12RealEnvStore", "7KVStore"), &node_process_env,
		&(struct store_methods){
			{http_is_on() ? get_key_or_take : get_key, query_key,
			 set_key, delete_key, enumerate_keys},
			clone,
			NULL});
}
