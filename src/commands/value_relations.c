#include "commands/value_relations.h"

#include "base/array.h"
#include "base/hashmap.h"
#include "shared/siphash.h"
#include "shared/value_shape.h"

enum { MOST_VALUES = 16 }; /* of one name */

struct held {
	const struct value **at;
	size_t n, room;
};

struct held_values {
	struct arena *arena;
	struct hashmap *by_name; /* struct held */
};

static void note(struct held_values *all, struct str name,
		 const struct value *v)
{
	struct held **slot, *h;

	if (!name.len || !v->fp.len)
		return;
	slot = (struct held **)hashmap_slot(all->by_name, NULL, name);
	h = *slot = *slot ? *slot : TAKE(all->arena, struct held, 1);
	for (size_t i = 0; i < h->n; i++)
		if (str_eq(h->at[i]->fp, v->fp))
			return;
	if (h->n < MOST_VALUES)
		*ARRAY_ADD(all->arena, h->at, h->n, h->room) = v;
}

struct held_values *held_values_of(struct arena *a, const struct trace *t,
				   uint64_t from)
{
	struct held_values *all = TAKE(a, struct held_values, 1);

	*all = (struct held_values){a, hashmap_new(a)};
	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (e->t < from || e->owner)
			continue;
		note(all, e->name, &e->value);
		for (size_t j = 0; j < e->env.n; j++)
			note(all, e->env.at[j].name, &e->env.at[j].value);
	}
	return all;
}

/* ---- relations ----------------------------------------------------------- */

static bool is_print_of(struct str fp, const char *text, size_t n,
			const uint8_t key[16])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t hash[16];
	char hex[32];

	siphash128(hash, key, text, n);
	for (size_t i = 0; i < sizeof hash; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	return str_eq(fp, (struct str){hex, sizeof hex});
}

static bool is_prefix_of(const struct value *held, struct str text,
			 const uint8_t key[16])
{
	return held->len && held->len < text.len &&
	       is_print_of(held->fp, text.at, held->len, key);
}

static bool is_space_or_line_end(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct str trimmed(struct str s)
{
	while (s.len && is_space_or_line_end(s.at[0]))
		s.at++, s.len--;
	while (s.len && is_space_or_line_end(s.at[s.len - 1]))
		s.len--;
	return s;
}

static enum kt_relation relation_of(const struct value *held, struct str text,
				    struct str whole, const uint8_t key[16])
{
	struct str bare = trimmed(text);
	size_t from = 0, to = text.len;

	if (is_print_of(held->fp, text.at, text.len, key))
		return KT_RELATION_SAME;
	if (is_print_of(held->fp, bare.at, bare.len, key))
		return KT_RELATION_TRIMMED;
	value_strip(text.at, &from, &to);
	if (is_print_of(held->fp, text.at + from, to - from, key))
		return KT_RELATION_UNQUOTED;
	if (is_prefix_of(held, text, key) || is_prefix_of(held, whole, key))
		return KT_RELATION_PREFIX;
	return KT_RELATION_OTHER;
}

bool held_values_put(struct out *o, const struct held_values *all,
		     struct str name, struct str text, struct str whole,
		     const uint8_t key[16])
{
	static const char *const words[] = {
#define RELATION(id, word) word,
		KT_RELATIONS(RELATION)
#undef RELATION
	};
	const struct held *h = hashmap_find(all->by_name, NULL, name);

	for (size_t i = 0; h && i < h->n; i++)
		out_print(o, "%s{\"fp\":\"%.*s\",\"is\":\"%s\"}", i ? "," : "[",
			  STR_FMT(h->at[i]->fp),
			  words[relation_of(h->at[i], text, whole, key)]);
	if (h)
		out_str(o, STR("]"));
	return h;
}
