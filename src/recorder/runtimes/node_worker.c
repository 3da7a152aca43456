#include "recorder/runtimes/node_worker.h"

#include "recorder/recorder.h"
#include "recorder/trace/segment.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"

enum { WORKERS = 1024, PROBES = 8, ID = 32 };

/* From its making to its own first look, by the address of its store: a new
 * worker's may lie where an old one's did. */
static struct worker {
	_Atomic uintptr_t store;
	const void *maker; /* `own` of the thread that made it */
	char id[ID];
} * workers;

static __thread struct {
	const void *store; /* NULL: the process's */
	uint64_t tag;
	char id[ID];
} own;

const char *node_worker_own_id(void)
{
	return own.store ? own.id : NULL;
}

HOT uint64_t node_worker_own_tag(void)
{
	return own.tag;
}

const char *node_worker_forked_by(void)
{
	const void *store = own.store;

	own.store = NULL;
	own.tag = 0;
	return store ? own.id : NULL;
}

static size_t home_of(uintptr_t store)
{
	return (size_t)((store >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static struct worker *find(const void *store)
{
	uintptr_t wanted = (uintptr_t)store;
	size_t at = home_of(wanted);

	for (size_t i = 0; i < PROBES; i++) {
		struct worker *w = &workers[(at + i) % WORKERS];

		if (atomic_load(&w->store) == wanted)
			return w;
	}
	return NULL;
}

/* Where all places are taken, an old worker is forgotten: most have ended. */
static struct worker *place_for(const void *store)
{
	uintptr_t wanted = (uintptr_t)store;
	size_t at = home_of(wanted);
	struct worker *w = find(store);

	for (size_t i = 0; !w && i < PROBES; i++) {
		uintptr_t none = 0;

		if (atomic_compare_exchange_strong(
			    &workers[(at + i) % WORKERS].store, &none, wanted))
			w = &workers[(at + i) % WORKERS];
	}
	if (!w) {
		w = &workers[at % WORKERS];
		atomic_store(&w->store, wanted);
	}
	return w;
}

bool node_worker_start(void)
{
	workers = sys_memory(WORKERS * sizeof *workers);
	return workers;
}

const char *node_worker_add(const void *store, uint64_t t)
{
	struct worker *w = place_for(store);
	size_t n = str_decimal(w->id, (uint64_t)globals->life.pid);

	w->maker = &own;
	w->id[n] = '.';
	str_decimal(w->id + n + 1, t);
	return w->id;
}

/* Notes once which worker this thread is. Not the one that makes it, which asks
 * for the new one's NODE_OPTIONS (Node 18). */
static bool is_found(const void *store)
{
	const struct worker *w = find(store);

	if (w && w->maker == &own)
		return false;
	if (w) {
		own.store = store;
		__builtin_memcpy(own.id, w->id, sizeof own.id);
		own.tag = hash_bytes(0, own.id, str_length(own.id));
	} else if (recorder_enter()) {
		segment_count_lost();
		recorder_leave();
	}
	return w;
}

bool node_worker_is_own(const void *store)
{
	return own.store == store || is_found(store);
}
