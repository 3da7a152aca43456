#include "recorder/runtimes/node/node_worker_env.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/process/env_state.h"
#include "recorder/process/fold.h"
#include "recorder/process/getenv_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_callers.h"
#include "recorder/runtimes/node/node_ends.h"
#include "recorder/runtimes/node/node_http.h"
#include "recorder/runtimes/node/node_listing.h"
#include "recorder/runtimes/node/node_store.h"
#include "recorder/runtimes/node/node_worker_birth.h"
#include "recorder/runtimes/v8/v8_frames.h"

/* True when the thread runs JavaScript and the store is the thread's own. */
static bool is_own(void *store, void *isolate)
{
	return !node_is_copying && v8_runs(isolate) &&
	       node_worker_is_own(store);
}

/* ---- recording ----------------------------------------------------------- */

struct access {
	int which;
	bool had; /* of a delete: the variable was set */
	struct node_variable variable;
	struct source_pos place;
};

static struct getenv_event event_of(struct access *a)
{
	return (struct getenv_event){
		.fn = node_fn(a->which),
		.name = a->variable.name.bytes,
		.length = str_length(a->variable.name.bytes),
		.value = a->variable.value.bytes,
		.place = &a->place,
		.find_function = a->variable.value.bytes ? node_map_place_of_hit
							 : node_map_place,
		.find_callers = node_find_callers,
		.image_id = node_worker_own_id()};
}

static __attribute__((noinline)) void record_read(struct access *a)
{
	struct getenv_event event = event_of(a);

	if (!node_is_of_listing(&a->place, a->which))
		record_getenv(&event);
}

static __attribute__((noinline)) void record_change(struct access *a)
{
	struct getenv_event event = event_of(a);
	uint64_t count = count_event(
		getenv_event_tag(&event) + (uint64_t)a->which, DEDUP_CHANGES);
	enum kt_event of = a->which == SET ? KT_SET : KT_UNSET;
	struct fingerprint print;
	struct event_line l;
	struct fold *fold;

	if (!count)
		return;
	event.find_function(event.place);
	fold = fold_of(
		&(struct alike){.of = of,
				.lane = of == KT_SET ? ORDINARY : IMPORTANT,
				.name = event.name,
				.length = event.length,
				.place = &a->place,
				.image_id = event.image_id},
		count, &l);
	event_begin_for(&l, of, now(), event.image_id);
	event_text(&l, "fn", event.fn);
	event_name(&l, "name", event.name, event.length);
	if (event.value) {
		env_state_fingerprint(secret_of(event.value), &print);
		event_fingerprint(&l, "value", &print);
	} else {
		event_bool(&l, "had", a->had);
	}
	if (count > 1)
		event_number(&l, "n", count);
	source_pos_put(&l, &a->place);
	if (count == 1 && !fold)
		source_pos_put_callers_by(&l, &a->place, node_find_callers);
	fold_end(fold, &l);
}

static void record_access(struct access *a)
{
	if (a->which == GET || a->which == QUERY) {
		record_read(a);
	} else if (recorder_enter()) {
		record_change(a);
		recorder_leave();
	}
}

/* `value`: found by a get or put by a set; NULL otherwise. */
static __attribute__((noinline)) void on_access(int which, void *store,
						void *isolate, local key,
						local value, bool had)
{
	struct access a = {.which = which, .had = had};
	int error = host_errno();

	if (!is_own(store, isolate))
		return;
	v8_text(isolate, key, &a.variable.name);
	if (which == SET) /* a key-shaped value makes a set watched */
		v8_text(isolate, value, &a.variable.value);
	if (node_is_watched(&a.variable)) {
		if (which == QUERY && had)
			value = local_of(node_worker_env.method[GET](
				store, isolate, key, NULL));
		if (which != SET)
			v8_text(isolate, value, &a.variable.value);
		if (node_is_due(which, a.variable.name.bytes,
				str_length(a.variable.name.bytes),
				a.variable.value.bytes)) {
			v8_source_pos(isolate, &a.place);
			record_access(&a);
		}
	}
	node_variable_close(&a.variable);
	host_set_errno(error);
}

/* ---- the wrappers -------------------------------------------------------- */

static result get_key(void *store, void *isolate, local key, local value)
{
	result r;

	if (node_http_takes(isolate, key, &r))
		return r;
	r = node_worker_env.method[GET](store, isolate, key, value);
	node_ends_meet(isolate);
	node_on_get(isolate);
	on_access(GET, store, isolate, key, local_of(r), false);
	return r;
}

static result query_key(void *store, void *isolate, local key, local value)
{
	result r = node_worker_env.method[QUERY](store, isolate, key, value);

	on_access(QUERY, store, isolate, key, NULL, is_there(r));
	return r;
}

static result set_key(void *store, void *isolate, local key, local value)
{
	result r = node_worker_env.method[SET](store, isolate, key, value);

	on_access(SET, store, isolate, key, value, false);
	return r;
}

static result delete_key(void *store, void *isolate, local key, local value)
{
	bool had = is_there(
		node_worker_env.method[QUERY](store, isolate, key, NULL));
	result r = node_worker_env.method[DELETE](store, isolate, key, value);

	on_access(DELETE, store, isolate, key, NULL, had);
	return r;
}

static result enumerate_keys(void *store, void *isolate, local key, local value)
{
	result r =
		node_worker_env.method[ENUMERATE](store, isolate, key, value);

	if (is_own(store, isolate))
		node_on_listing(isolate);
	return r;
}

/* `new Worker` within a worker, without env. */
static void *clone(void *ret, void *store, void *isolate)
{
	return node_clone(node_worker_env.clone, ret, store, isolate);
}

/* `new Worker` with env: {...}. */
static result assign(void *store, void *context, local object, local value)
{
	return node_assign(node_worker_env.assign, store, context, object,
			   value);
}

#define ASSIGN                                                                 \
	"_ZN4node7KVStore16AssignFromObjectEN2v85LocalINS1_7ContextEEE"        \
	"NS2_INS1_6ObjectEEE\0"

bool node_worker_env_add(struct vtable *all)
{
	return node_store_add(
		all, "_ZTVN4node10MapKVStoreE",
		STORE_SYMBOLS("10MapKVStore", "10MapKVStore") ASSIGN,
		&node_worker_env,
		&(struct store_methods){{get_key, query_key, set_key,
					 delete_key, enumerate_keys},
					clone,
					assign});
}
