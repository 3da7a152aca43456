#include "recorder/http/connections.h"

#include "recorder/lib/str.h"

enum { PROBES = 8 };

static struct http_state *state;

void connections_start(struct http_state *s)
{
	state = s;
}

static struct http_connection *home_of(uintptr_t key, size_t probe)
{
	uint64_t hash = hash_word(1, key);

	return &state->at[((hash ^ hash >> 32) + probe) % HTTP_CONNECTIONS];
}

static struct http_connection *find(uintptr_t key)
{
	for (size_t i = 0; i < PROBES; i++) {
		struct http_connection *c = home_of(key, i);

		if (atomic_load_explicit(&c->key, memory_order_relaxed) == key)
			return c;
	}
	return NULL;
}

bool connection_is_known(uintptr_t key)
{
	return find(key);
}

static bool take(struct http_connection *c)
{
	return !atomic_exchange(&c->taken, 1);
}

void connection_leave(struct http_connection *c)
{
	atomic_store(&c->taken, 0);
}

static void note_use(struct http_connection *c)
{
	atomic_store_explicit(&c->used, atomic_fetch_add(&state->clock, 1),
			      memory_order_relaxed);
}

struct http_connection *connection_enter(uintptr_t key)
{
	struct http_connection *c = find(key);

	if (!c || !take(c))
		return NULL;
	if (atomic_load(&c->key) != key) {
		connection_leave(c);
		return NULL;
	}
	note_use(c);
	return c;
}

/* The free place, else the place that was not used for longest. */
static struct http_connection *oldest(uintptr_t key)
{
	struct http_connection *best = home_of(key, 0);

	for (size_t i = 0; i < PROBES; i++) {
		struct http_connection *c = home_of(key, i);

		if (!atomic_load(&c->key))
			return c;
		if (atomic_load(&c->used) < atomic_load(&best->used))
			best = c;
	}
	return best;
}

static void begin(struct http_connection *c, uintptr_t key)
{
	for (int d = 0; d < HTTP_DIRECTIONS; d++) {
		connection_end_head(c, d);
		c->body[d] = 0;
	}
	c->asked_count = 0;
	c->is_pending = false;
	c->search.left = 0;
	atomic_store(&c->key, key);
}

struct http_connection *connection_add(uintptr_t key)
{
	struct http_connection *c = find(key);

	c = c ? c : oldest(key);
	if (!take(c))
		return NULL;
	begin(c, key);
	note_use(c);
	return c;
}

/* ---- readers ------------------------------------------------------------- */

bool connection_read_head(struct http_connection *c, enum http_direction d)
{
	uint32_t taken = atomic_load(&state->taken_readers), bit;

	do {
		if (!~taken)
			return false;
		bit = ~taken & (taken + 1); /* the lowest free */
	} while (!atomic_compare_exchange_weak(&state->taken_readers, &taken,
					       taken | bit));
	c->reader[d] = &state->readers[__builtin_ctz(bit)];
	http_reader_begin(c->reader[d]);
	return true;
}

void connection_end_head(struct http_connection *c, enum http_direction d)
{
	uint32_t bit;

	if (!c->reader[d])
		return;
	bit = 1u << (c->reader[d] - state->readers);
	c->reader[d] = NULL;
	atomic_fetch_and(&state->taken_readers, ~bit);
}
