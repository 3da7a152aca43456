#include "model/table.h"

struct row {
	const void *owner;
	struct str text;
	uint64_t hash;
	void *value;
};

struct table {
	struct arena *arena;
	struct row *rows;
	size_t used, room; /* room: a power of two */
};

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t hash_of(const void *owner, struct str text)
{
	uint64_t h = mix(text.len, (uintptr_t)owner), word = 0;

	for (; text.len >= 8; text.at += 8, text.len -= 8) {
		memcpy(&word, text.at, 8);
		h = mix(h, word);
	}
	word = 0;
	if (text.len)
		memcpy(&word, text.at, text.len);
	return mix(h, word) | 1; /* 0 marks an empty row */
}

static struct row *seek(const struct table *t, const struct row *key)
{
	size_t i = key->hash >> 7 & (t->room - 1);

	for (;; i = (i + 1) & (t->room - 1)) {
		struct row *r = &t->rows[i];

		if (!r->hash ||
		    (r->hash == key->hash && r->owner == key->owner &&
		     str_eq(r->text, key->text)))
			return r;
	}
}

static void grow(struct table *t)
{
	struct row *old = t->rows;
	size_t n = t->room;

	t->room = n ? 4 * n : 64;
	t->rows = TAKE(t->arena, struct row, t->room);
	for (size_t i = 0; i < n; i++)
		if (old[i].hash)
			*seek(t, &old[i]) = old[i];
}

struct table *table_new(struct arena *a)
{
	struct table *t = TAKE(a, struct table, 1);

	t->arena = a;
	grow(t);
	return t;
}

void **table_slot(struct table *t, const void *owner, struct str text)
{
	struct row key = {owner, text, hash_of(owner, text), NULL};
	struct row *r = seek(t, &key);

	if (r->hash)
		return &r->value;
	if (++t->used > t->room / 2) {
		grow(t);
		r = seek(t, &key);
	}
	*r = key;
	return &r->value;
}

void *table_find(const struct table *t, const void *owner, struct str text)
{
	struct row key = {owner, text, hash_of(owner, text), NULL};

	return seek(t, &key)->value;
}
