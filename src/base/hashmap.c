#include "base/hashmap.h"

#include <stdint.h>

struct entry {
	const void *owner;
	struct str name;
	void *value;
};

/* Growing the map moves its rows, which are small; an entry never moves. */
struct row {
	uint64_t hash; /* 0: empty */
	struct entry *entry;
};

struct hashmap {
	struct arena *arena;
	struct row *rows;
	size_t used, room; /* room is a power of two */
};

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t hash_of(const void *owner, struct str name)
{
	uint64_t h = mix(name.len, (uintptr_t)owner), word = 0;

	for (; name.len >= 8; name.at += 8, name.len -= 8) {
		memcpy(&word, name.at, 8);
		h = mix(h, word);
	}
	word = 0;
	if (name.len)
		memcpy(&word, name.at, name.len);
	return mix(h, word) | 1;
}

static bool has_key(const struct entry *e, const void *owner, struct str name)
{
	return e->owner == owner && str_eq(e->name, name);
}

/* The row of the key, or the empty row where the key belongs. */
static struct row *find_row(const struct hashmap *m, uint64_t hash,
			    const void *owner, struct str name)
{
	size_t i = hash >> 7 & (m->room - 1);
	struct row *r = &m->rows[i];

	while (r->hash &&
	       (r->hash != hash || !has_key(r->entry, owner, name))) {
		i = (i + 1) & (m->room - 1);
		r = &m->rows[i];
	}
	return r;
}

static void grow(struct hashmap *m)
{
	struct row *old = m->rows;
	size_t n = m->room;

	m->room = n ? 2 * n : 16;
	m->rows = TAKE(m->arena, struct row, m->room);
	for (size_t i = 0; i < n; i++)
		if (old[i].hash)
			*find_row(m, old[i].hash, old[i].entry->owner,
				  old[i].entry->name) = old[i];
}

struct hashmap *hashmap_new(struct arena *a)
{
	struct hashmap *m = TAKE(a, struct hashmap, 1);

	m->arena = a;
	grow(m);
	return m;
}

void **hashmap_slot(struct hashmap *m, const void *owner, struct str name)
{
	uint64_t hash = hash_of(owner, name);
	struct row *r = find_row(m, hash, owner, name);

	if (r->hash)
		return &r->entry->value;
	if (++m->used > m->room / 2) {
		grow(m);
		r = find_row(m, hash, owner, name);
	}
	r->hash = hash;
	r->entry = TAKE(m->arena, struct entry, 1);
	*r->entry = (struct entry){owner, name, NULL};
	return &r->entry->value;
}

void *hashmap_find(const struct hashmap *m, const void *owner, struct str name)
{
	struct row *r = find_row(m, hash_of(owner, name), owner, name);

	return r->hash ? r->entry->value : NULL;
}
