#include "model/table.h"

struct entry {
	const void *owner;
	struct str text;
	void *value;
};

/* Rows are small and move when the table grows; entries stay. */
struct row {
	uint64_t hash; /* 0: empty */
	struct entry *entry;
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
	return mix(h, word) | 1;
}

static bool is_of(const struct entry *e, const void *owner, struct str text)
{
	return e->owner == owner && str_eq(e->text, text);
}

static struct row *seek(const struct table *t, uint64_t hash, const void *owner,
			struct str text)
{
	size_t i = hash >> 7 & (t->room - 1);
	struct row *r = &t->rows[i];

	while (r->hash && (r->hash != hash || !is_of(r->entry, owner, text))) {
		i = (i + 1) & (t->room - 1);
		r = &t->rows[i];
	}
	return r;
}

static void grow(struct table *t)
{
	struct row *old = t->rows;
	size_t n = t->room;

	t->room = n ? 2 * n : 64;
	t->rows = TAKE(t->arena, struct row, t->room);
	for (size_t i = 0; i < n; i++)
		if (old[i].hash)
			*seek(t, old[i].hash, old[i].entry->owner,
			      old[i].entry->text) = old[i];
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
	uint64_t hash = hash_of(owner, text);
	struct row *r = seek(t, hash, owner, text);

	if (r->hash)
		return &r->entry->value;
	if (++t->used > t->room / 2) {
		grow(t);
		r = seek(t, hash, owner, text);
	}
	r->hash = hash;
	r->entry = TAKE(t->arena, struct entry, 1);
	*r->entry = (struct entry){owner, text, NULL};
	return &r->entry->value;
}

void *table_find(const struct table *t, const void *owner, struct str text)
{
	struct row *r = seek(t, hash_of(owner, text), owner, text);

	return r->hash ? r->entry->value : NULL;
}
