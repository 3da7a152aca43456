#include "recorder/runtimes/node.h"

#include "recorder/runtimes/sampling.h"
#include "recorder/process/env_state.h"
#include "recorder/process/fold.h"
#include "recorder/trace/event_line.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/vtable.h"
#include "recorder/runtimes/v8.h"
#include "recorder/secrets/watched_names.h"
#include "recorder/runtimes/node_worker.h"

/* ---- the virtual functions, as node's env_properties.cc has them --------- */

/* Whatever a function returns in registers, rax:rdx, comes through. */
typedef unsigned __int128 result;
typedef result method(void *store, void *isolate, local key, local value);
typedef void *clone_method(void *ret, void *store, void *isolate);

enum { GET, QUERY, SET, DELETE, ENUMERATE, METHODS };

static struct store {
	method *method[METHODS];
	clone_method *clone;
	method *assign; /* takes a context and an object, not a key */
} real, map;

static local local_of(result r)
{
	return (local)(uintptr_t)r;
}

/* Who asks whether a name is there has not got its value. */
static const char *name_of(int which)
{
	return which == QUERY ? "in process.env" : "process.env";
}

static bool is_there(result query)
{
	return (int32_t)query != -1;
}

/* ---- names and values, as JavaScript passes them ------------------------ */

struct words {
	struct v8_text name, value;
};

static void open_words(void *isolate, local key, local value, struct words *ret)
{
	v8_text(isolate, key, &ret->name);
	v8_text(isolate, value, &ret->value);
}

static void close_words(struct words *w)
{
	v8_text_end(&w->value);
	v8_text_end(&w->name);
}

static bool is_watched(const struct words *w)
{
	const char *name = w->name.bytes, *value = w->value.bytes;

	return name && (is_watched_name(name, str_length(name)) ||
			(value && secret_is_key_shaped(secret_of(value))));
}

/* ---- a listing is no read ------------------------------------------------ */

/* {...process.env}, Object.keys, JSON.stringify, a spawn's copy: the names are
 * enumerated, then each is queried and got, all from one place. `for (k in
 * process.env)` queries each name from where k stands, just before it. */
static __thread struct {
	uint64_t function; /* and its file; 0: none */
	uint64_t line, column;
} listed;

static void on_listing(void *isolate)
{
	int error = host_errno();
	struct source_pos place;

	v8_source_pos(isolate, &place);
	listed.function = place.line ? source_pos_function_hash(&place) : 0;
	listed.line = place.line;
	listed.column = place.column;
	host_set_errno(error);
}

static bool is_loop(const struct source_pos *p)
{
	enum { LINES = 3 };

	return p->line == listed.line
		       ? p->column < listed.column
		       : p->line < listed.line && listed.line - p->line < LINES;
}

static bool is_of_listing(const struct source_pos *p, int which)
{
	if (!p->line || listed.function != source_pos_function_hash(p))
		return false;
	return (p->line == listed.line && p->column == listed.column) ||
	       (which == QUERY && is_loop(p));
}

/* ---- the process's own environment: libc hears it too ------------------- */

/* What libc was asked for on behalf of one call. Told only afterwards: Node
 * holds a lock while it asks. */
struct asked {
	int which;
	const void *caller; /* NULL: nothing that is watched */
	bool found;
	size_t length;
	char name[WATCHED_NAME_BYTES];
	struct fingerprint print;
};

static __thread struct asked *asked;
static __thread bool copying; /* a worker's environment is being made */

static void take_held(const struct getenv_event *look, struct fingerprint *ret)
{
	uint64_t tag = secret_tag(secret_of(look->value), globals->seed);
	const struct fingerprint *held =
		env_state_known_fingerprint(look->name, look->length, tag);

	if (held)
		*ret = *held;
	else
		env_state_fingerprint(secret_of(look->value), ret);
}

/* V8 takes 1 us to say where a call is, and 10 to 40 us in optimized code. */
static inline bool is_due(int which, const char *name, size_t length,
			  const char *value)
{
	return sampling_is_due(node_worker_own_tag() + (uint64_t)which, name,
			       length, value);
}

HOT bool node_takes(const struct getenv_event *look)
{
	struct asked *a = asked;

	if (!a || look->length >= sizeof a->name)
		return false;
	if (!is_due(a->which, look->name, look->length, look->value))
		return true;
	a->caller = look->caller;
	a->length = look->length;
	__builtin_memcpy(a->name, look->name, look->length);
	a->found = look->value;
	if (look->value)
		take_held(look, &a->print);
	return true;
}

static __attribute__((noinline)) void record_asked(int which, void *isolate,
						   const struct asked *a)
{
	int error = host_errno();
	struct source_pos place;

	source_pos_set(&place, NULL, 0, NULL);
	if (v8_runs(isolate))
		v8_source_pos(isolate, &place);
	if (!is_of_listing(&place, which))
		record_getenv(&(struct getenv_event){
			.fn = name_of(which),
			.name = a->name,
			.length = a->length,
			.print = a->found ? &a->print : NULL,
			.caller = a->caller,
			.place = &place});
	host_set_errno(error);
}

static inline __attribute__((always_inline)) result
ask_real(int which, void *store, void *isolate, local key, local value)
{
	struct asked mine;
	result r;

	mine.caller = NULL;
	mine.which = which;
	asked = &mine;
	r = real.method[which](store, isolate, key, value);
	asked = NULL;
	if (mine.caller && !copying)
		record_asked(which, isolate, &mine);
	return r;
}

HOT static result real_get(void *store, void *isolate, local key, local value)
{
	return ask_real(GET, store, isolate, key, value);
}

HOT static result real_query(void *store, void *isolate, local key, local value)
{
	return ask_real(QUERY, store, isolate, key, value);
}

/* Says where a set or delete comes from; libc's own hook tells it. */
static bool announce(void *isolate, local key, local value)
{
	int error = host_errno();
	struct words words;
	bool tells;

	if (!v8_runs(isolate))
		return false;
	open_words(isolate, key, value, &words);
	tells = is_watched(&words);
	if (tells)
		v8_source_pos(isolate, source_pos_current());
	close_words(&words);
	host_set_errno(error);
	return tells;
}

static result real_set(void *store, void *isolate, local key, local value)
{
	bool announced = announce(isolate, key, value);
	result r = real.method[SET](store, isolate, key, value);

	if (announced)
		source_pos_clear();
	return r;
}

static result real_delete(void *store, void *isolate, local key, local value)
{
	bool announced = announce(isolate, key, NULL);
	result r = real.method[DELETE](store, isolate, key, value);

	if (announced)
		source_pos_clear();
	return r;
}

static result real_enumerate(void *store, void *isolate, local key, local value)
{
	result r = real.method[ENUMERATE](store, isolate, key, value);

	if (!copying && v8_runs(isolate))
		on_listing(isolate);
	return r;
}

/* ---- a worker's own environment: an image in the trace ------------------ */

static void list_variable(struct event_line *l, void *store, void *isolate,
			  local key)
{
	local value = local_of(map.method[GET](store, isolate, key, NULL));
	struct words words;
	struct fingerprint print;

	open_words(isolate, key, value, &words);
	if (words.value.bytes && is_watched(&words)) {
		env_state_fingerprint(secret_of(words.value.bytes), &print);
		event_value(l, words.name.bytes, str_length(words.name.bytes),
			    &print);
	}
	close_words(&words);
}

static void list_store(struct event_line *l, void *store, void *isolate)
{
	local names =
		local_of(map.method[ENUMERATE](store, isolate, NULL, NULL));
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
record_worker(void *store, void *isolate, const struct source_pos *place)
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
	list_store(&l, store, isolate);
	event_end(&l);
}

static __attribute__((noinline)) void on_worker(void *store, void *isolate)
{
	int error = host_errno();
	struct source_pos place;

	if (!v8_runs(isolate))
		return;
	v8_source_pos(isolate, &place);
	if (recorder_enter()) {
		record_worker(store, isolate, &place);
		recorder_leave();
	}
	host_set_errno(error);
}

/* `new Worker` with no env, or with process.env itself. What is returned is a
 * std::shared_ptr, through memory. */
static void *clone(clone_method *theirs, void *ret, void *store, void *isolate)
{
	bool nested = copying;

	copying = true;
	ret = theirs(ret, store, isolate);
	copying = nested;
	if (!nested)
		on_worker(*(void **)ret, isolate);
	return ret;
}

static void *real_clone(void *ret, void *store, void *isolate)
{
	return clone(real.clone, ret, store, isolate);
}

static void *map_clone(void *ret, void *store, void *isolate)
{
	return clone(map.clone, ret, store, isolate);
}

/* `new Worker` with env: {...}. */
static result map_assign(void *store, void *context, local object, local value)
{
	bool nested = copying;
	result r;

	copying = true;
	r = map.assign(store, context, object, value);
	copying = nested;
	if (!nested)
		on_worker(store, v8_current());
	return r;
}

/* ---- what a worker does with it ----------------------------------------- */

/* Is this thread to tell what is done to this store, as its own image? */
static bool is_own(void *store, void *isolate)
{
	return !copying && v8_runs(isolate) && node_worker_is_own(store);
}

struct act {
	int which;
	bool had; /* of a delete: it was there */
	struct words words;
	struct source_pos place;
};

static struct getenv_event look_of(const struct act *act)
{
	return (struct getenv_event){.fn = name_of(act->which),
				     .name = act->words.name.bytes,
				     .length =
					     str_length(act->words.name.bytes),
				     .value = act->words.value.bytes,
				     .place = &act->place,
				     .image_id = node_worker_own_id()};
}

static __attribute__((noinline)) void record_look(const struct act *act)
{
	struct getenv_event look = look_of(act);

	if (!is_of_listing(&act->place, act->which))
		record_getenv(&look);
}

static __attribute__((noinline)) void record_change(const struct act *act)
{
	struct getenv_event look = look_of(act);
	uint64_t count = count_event(
		getenv_event_tag(&look) + (uint64_t)act->which, DEDUP_CHANGES);
	enum kt_event of = act->which == SET ? KT_SET : KT_UNSET;
	struct fingerprint print;
	struct event_line l;
	struct fold *fold;

	if (!count)
		return;
	fold = fold_of(
		&(struct alike){.of = of,
				.lane = of == KT_SET ? ORDINARY : IMPORTANT,
				.name = look.name,
				.length = look.length,
				.place = &act->place,
				.image_id = look.image_id},
		count, &l);
	event_begin_for(&l, of, now(), look.image_id);
	event_text(&l, "fn", look.fn);
	event_name(&l, "name", look.name, look.length);
	if (look.value) {
		env_state_fingerprint(secret_of(look.value), &print);
		event_fingerprint(&l, "value", &print);
	} else {
		event_bool(&l, "had", act->had);
	}
	if (count > 1)
		event_number(&l, "n", count);
	source_pos_put(&l, &act->place);
	fold_end(fold, &l);
}

static void record(const struct act *act)
{
	if (act->which == GET || act->which == QUERY) {
		record_look(act);
	} else if (recorder_enter()) {
		record_change(act);
		recorder_leave();
	}
}

/* `value` is what a read found or a set puts there; empty otherwise. */
static __attribute__((noinline)) void
note(int which, void *store, void *isolate, local key, local value, bool had)
{
	struct act act = {.which = which, .had = had};
	int error = host_errno();

	if (!is_own(store, isolate))
		return;
	v8_text(isolate, key, &act.words.name);
	if (which == SET) /* of the others, the name alone counts */
		v8_text(isolate, value, &act.words.value);
	if (is_watched(&act.words)) {
		if (which == QUERY && had)
			value = local_of(
				map.method[GET](store, isolate, key, NULL));
		if (which != SET)
			v8_text(isolate, value, &act.words.value);
		if (is_due(which, act.words.name.bytes,
			   str_length(act.words.name.bytes),
			   act.words.value.bytes)) {
			v8_source_pos(isolate, &act.place);
			record(&act);
		}
	}
	close_words(&act.words);
	host_set_errno(error);
}

static result map_get(void *store, void *isolate, local key, local value)
{
	result r = map.method[GET](store, isolate, key, value);

	note(GET, store, isolate, key, local_of(r), false);
	return r;
}

static result map_query(void *store, void *isolate, local key, local value)
{
	result r = map.method[QUERY](store, isolate, key, value);

	note(QUERY, store, isolate, key, NULL, is_there(r));
	return r;
}

static result map_set(void *store, void *isolate, local key, local value)
{
	result r = map.method[SET](store, isolate, key, value);

	note(SET, store, isolate, key, value, false);
	return r;
}

static result map_delete(void *store, void *isolate, local key, local value)
{
	bool had = is_there(map.method[QUERY](store, isolate, key, NULL));
	result r = map.method[DELETE](store, isolate, key, value);

	note(DELETE, store, isolate, key, NULL, had);
	return r;
}

static result map_enumerate(void *store, void *isolate, local key, local value)
{
	result r = map.method[ENUMERATE](store, isolate, key, value);

	if (is_own(store, isolate))
		on_listing(isolate);
	return r;
}

/* ---- putting them in their place ---------------------------------------- */

#define ISOLATE "EPN2v87IsolateE"
#define AND_KEY "NS1_5LocalINS1_6StringEEE"

static void add_real(struct vtable *all, void **table)
{
	vtable_add(all, table, "_ZNK4node12RealEnvStore3Get" ISOLATE AND_KEY,
		   &real.method[GET], real_get);
	vtable_add(all, table, "_ZNK4node12RealEnvStore5Query" ISOLATE AND_KEY,
		   &real.method[QUERY], real_query);
	vtable_add(all, table,
		   "_ZN4node12RealEnvStore3Set" ISOLATE AND_KEY "S6_",
		   &real.method[SET], real_set);
	vtable_add(all, table, "_ZN4node12RealEnvStore6Delete" ISOLATE AND_KEY,
		   &real.method[DELETE], real_delete);
	vtable_add(all, table, "_ZNK4node12RealEnvStore9Enumerate" ISOLATE,
		   &real.method[ENUMERATE], real_enumerate);
	vtable_add(all, table, "_ZNK4node7KVStore5Clone" ISOLATE, &real.clone,
		   real_clone);
}

static void add_map(struct vtable *all, void **table)
{
	vtable_add(all, table, "_ZNK4node10MapKVStore3Get" ISOLATE AND_KEY,
		   &map.method[GET], map_get);
	vtable_add(all, table, "_ZNK4node10MapKVStore5Query" ISOLATE AND_KEY,
		   &map.method[QUERY], map_query);
	vtable_add(all, table, "_ZN4node10MapKVStore3Set" ISOLATE AND_KEY "S6_",
		   &map.method[SET], map_set);
	vtable_add(all, table, "_ZN4node10MapKVStore6Delete" ISOLATE AND_KEY,
		   &map.method[DELETE], map_delete);
	vtable_add(all, table, "_ZNK4node10MapKVStore9Enumerate" ISOLATE,
		   &map.method[ENUMERATE], map_enumerate);
	vtable_add(all, table, "_ZNK4node10MapKVStore5Clone" ISOLATE,
		   &map.clone, map_clone);
	vtable_add(
		all, table,
		"_ZN4node7KVStore16AssignFromObjectEN2v85LocalINS1_7ContextEEE"
		"NS2_INS1_6ObjectEEE",
		&map.assign, map_assign);
}

static bool wrap_stores(void)
{
	void **real_table = elf_symbol("_ZTVN4node12RealEnvStoreE");
	void **map_table = elf_symbol("_ZTVN4node10MapKVStoreE");
	struct vtable all = {.n = 0};

	if (!real_table || !map_table || !v8_find() || !node_worker_start() ||
	    !sampling_start())
		return false;
	add_real(&all, real_table);
	add_map(&all, map_table);
	return vtable_replace(&all);
}

static uintptr_t spawner; /* uv_spawn, in Node that is heard; or 0 */

static __attribute__((noinline)) void record_hears(void)
{
	struct event_line l;

	if (!recorder_enter())
		return;
	event_begin(&l, KT_HEARS, now());
	event_text(&l, "what", "process.env");
	event_end(&l);
	recorder_leave();
}

void node_start(void)
{
	static bool started;

	if (!globals || started)
		return;
	started = true;
	if (!wrap_stores())
		return;
	spawner = (uintptr_t)elf_symbol("uv_spawn");
	record_hears();
}

/* ---- what starts a program ---------------------------------------------- */

/* Anybody may fork, a signal handler too, where V8 must not be asked anything.
 * uv_spawn was called by JavaScript, or from outside all of it. */
static bool is_from_uv_spawn(const void *caller)
{
	enum { NEAR = 0x4000 }; /* its own parts lie beside it */

	return spawner && (uintptr_t)caller - spawner + NEAR < 2 * NEAR;
}

void node_before_fork(const void *caller)
{
	int error;

	if (!is_from_uv_spawn(caller))
		return;
	error = host_errno();
	if (v8_runs(v8_current()))
		v8_source_pos(v8_current(), source_pos_current());
	host_set_errno(error);
}
