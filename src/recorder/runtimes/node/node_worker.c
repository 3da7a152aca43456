#include "recorder/runtimes/node/node_worker.h"

#include "recorder/recorder.h"
#include "recorder/trace/segment.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"

enum { WORKERS = 1024, PROBES = 8 };

/* Known from the worker's making to the worker's first access, by the address
 * of the store. A new worker's store may lie at an old store's address. */
static struct worker {
	_Atomic uintptr_t store;
	const void *maker; /* `thread` of the maker of the worker */
	char id[IMAGE_ID_BYTES];
} * workers;

const char *node_worker_own_id(void)
{
	return thread.image.env ? thread.image.id : NULL;
}

HOT uint64_t node_worker_own_tag(void)
{
	return thread.image.tag;
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

/* When all places are taken, an old worker is forgotten: most old workers have
 * ended. */
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

	w->maker = &thread;
	w->id[n] = '.';
	str_decimal(w->id + n + 1, t);
	return w->id;
}

/* Notes once which worker this thread is. False for the thread that makes the
 * worker: that thread reads NODE_OPTIONS from the new store (Node 18). */
static bool is_found(const void *store)
{
	const struct worker *w = find(store);

	if (w && w->maker == &thread)
		return false;
	if (w) {
		thread.image.env = store;
		__builtin_memcpy(thread.image.id, w->id,
				 sizeof thread.image.id);
		thread.image.tag = hash_bytes(0, thread.image.id,
					      str_length(thread.image.id));
	} else if (recorder_enter()) {
		segment_count_lost();
		recorder_leave();
	}
	return w;
}

bool node_worker_is_own(const void *store)
{
	return thread.image.env == store || is_found(store);
}
