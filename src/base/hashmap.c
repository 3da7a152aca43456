#include "base/hashmap.h"

#include <stdint.h>

struct slot {
	struct str key; /* at null: free */
	uint64_t hash;
	void *value;
};

struct map {
	struct arena *arena;
	struct slot *slots;
	size_t used, room; /* room is a power of two */
};

/* FNV-1a, folded: short keys, and a bad day costs time, never correctness. */
static uint64_t hash_of(struct str s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.at[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

static struct slot *probe(const struct map *m, struct str key, uint64_t hash)
{
	size_t i = hash & (m->room - 1);

	while (m->slots[i].key.at &&
	       (m->slots[i].hash != hash || !str_eq(m->slots[i].key, key)))
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

struct map *map_new(struct arena *a)
{
	struct map *m = TAKE(a, struct map, 1);

	m->arena = a;
	m->room = 16;
	m->slots = TAKE(a, struct slot, m->room);
	return m;
}

static void grow(struct map *m)
{
	struct map bigger = {m->arena, NULL, m->used, m->room * 2};

	bigger.slots = TAKE(m->arena, struct slot, bigger.room);
	for (size_t i = 0; i < m->room; i++) {
		struct slot *s = &m->slots[i];

		if (s->key.at)
			*probe(&bigger, s->key, s->hash) = *s;
	}
	*m = bigger;
}

void **map_slot(struct map *m, struct str key)
{
	uint64_t hash = hash_of(key);
	struct slot *s;

	if (m->used >= m->room / 2)
		grow(m);
	s = probe(m, key, hash);
	if (!s->key.at) {
		s->key = key.at ? key : STR("");
		s->hash = hash;
		m->used++;
	}
	return &s->value;
}

void *map_find(const struct map *m, struct str key)
{
	return probe(m, key, hash_of(key))->value;
}
