#include "recorder/runtimes/node/node_worker_birth.h"
#include "recorder/runtimes/v8/v8_frames.h"

#include "recorder/lib/str.h"
#include "recorder/process/env_state.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_callers.h"
#include "recorder/runtimes/node/node_differ.h"
#include "recorder/trace/event_line.h"
#include "recorder/trace/recognized_names.h"

__thread bool node_is_copying;

static void list_variable(struct event_line *l, void *store, void *isolate,
			  local key)
{
	local value = local_of(
		node_worker_env.method[GET](store, isolate, key, NULL));
	struct node_variable v;
	struct fingerprint print;

	node_variable_open(isolate, key, value, &v);
	if (v.value.bytes && node_is_watched(&v)) {
		env_state_fingerprint(secret_of(v.value.bytes), &print);
		recognized_name_add(v.name.bytes, str_length(v.name.bytes),
				    environ);
		event_value(l, v.name.bytes, str_length(v.name.bytes), &print);
	}
	node_variable_close(&v);
}

static void list_store(struct event_line *l, void *store, void *isolate)
{
	local names = local_of(
		node_worker_env.method[ENUMERATE](store, isolate, NULL, NULL));
	uint32_t n = names ? v8_length(names) : 0;

	event_number(l, "vars", n);
	event_list(l, "env");
	for (uint32_t i = 0; i < n; i++) {
		local key = v8_element(isolate, names, i);

		if (key)
			list_variable(l, store, isolate, key);
	}
	event_list_end(l);
}

static __attribute__((noinline)) void
record_birth(void *store, void *isolate, const struct source_pos *place)
{
	const char *parent = node_worker_own_id();
	uint64_t t = now();
	struct event_line l;

	event_begin_for(&l, KT_BIRTH, t, node_worker_add(store, t));
	event_number(&l, "v", KT_TRACE_VERSION);
	event_text(&l, "by", "thread");
	event_text(&l, "fn", "Worker");
	event_number(&l, "pid", (uint64_t)globals->life.pid);
	event_text(&l, "parent", parent ? parent : globals->self);
	event_text(&l, "boot", globals->settings.boot);
	event_text(&l, "key", globals->settings.key_id);
	source_pos_put(&l, place);
	source_pos_put_callers_by(&l, place, node_find_callers);
	list_store(&l, store, isolate);
	event_end(&l);
}

/* `gets_environ`: the worker was given the process's environment. */
static __attribute__((noinline)) void on_worker(void *store, void *isolate,
						bool gets_environ)
{
	int error = host_errno();
	struct source_pos place;

	if (!v8_runs(isolate))
		return;
	v8_source_pos(isolate, &place);
	node_map_place(&place);
	if (gets_environ)
		node_compare(isolate, &place);
	if (recorder_enter()) {
		record_birth(store, isolate, &place);
		recorder_leave();
	}
	host_set_errno(error);
}

/* Clone returns a std::shared_ptr through memory: the store's address comes
 * first. */
void *node_clone(clone_method *original, void *ret, void *store, void *isolate)
{
	bool nested = node_is_copying;

	node_is_copying = true;
	ret = original(ret, store, isolate);
	node_is_copying = nested;
	if (!nested)
		on_worker(*(void **)ret, isolate, !node_worker_own_id());
	return ret;
}

result node_assign(store_method *original, void *store, void *context,
		   local object, local value)
{
	bool nested = node_is_copying;
	result r;

	node_is_copying = true;
	r = original(store, context, object, value);
	node_is_copying = nested;
	if (!nested)
		on_worker(store, v8_current(), false);
	return r;
}
