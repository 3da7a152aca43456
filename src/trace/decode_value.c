#include "trace/decode_value.h"

#include "base/array.h"

static const struct str shape_words[] = {KT_SHAPES(WORD_OF){0}};

unsigned index_of_word(const struct str *words, struct str word)
{
	unsigned i = 0;

	while (words[i].len && !str_eq(words[i], word))
		i++;
	return i;
}

uint64_t json_unsigned(struct json *j)
{
	struct number n = json_number(j);

	return n.negative ? 0 : n.magnitude;
}

static uint32_t take_shapes(struct json *j)
{
	uint32_t is = 0;

	json_open(j, JSON_ARRAY);
	while (json_item(j))
		if (json_peek(j) == JSON_STRING)
			is |= 1u << index_of_word(shape_words, json_string(j));
		else
			json_skip(j);
	return is & ((1u << KT_SHAPE_COUNT) - 1);
}

static void take_member(struct json *j, struct str key,
			const struct member *rows)
{
	enum json_kind kind = json_peek(j);

	while (rows->key.len && !str_eq(rows->key, key))
		rows++;
	if (rows->text && kind == JSON_STRING)
		*rows->text = json_string(j);
	else if (rows->value && kind == JSON_OBJECT)
		*rows->value = take_value(j);
	else
		json_skip(j);
}

struct value take_value(struct json *j)
{
	struct value v = {0};
	const struct member rows[] = {TEXT_OF(v, fp),
				      TEXT_OF(v, bare),
				      TEXT_OF(v, from),
				      {.text = NULL}};
	struct str key;

	json_open(j, JSON_OBJECT);
	while (json_key(j, &key)) {
		enum json_kind kind = json_peek(j);

		if (kind == JSON_NUMBER && str_eq(key, STR("len")))
			v.len = json_unsigned(j);
		else if (kind == JSON_ARRAY && str_eq(key, STR("is")))
			v.is = take_shapes(j);
		else
			take_member(j, key, rows);
	}
	return v;
}

void take_members(struct json *j, const struct member *rows)
{
	struct str key;

	json_open(j, JSON_OBJECT);
	while (json_key(j, &key))
		take_member(j, key, rows);
}

static struct unexported take_unexported_item(struct json *j)
{
	struct unexported u = {.name = {NULL, 0}};
	const struct member rows[] = {
		TEXT_OF(u, name),	 TEXT_OF(u, site),
		TEXT_OF(u, read_at),	 TEXT_OF(u, returns_at),
		TEXT_OF(u, spaced_at),	 TEXT_OF(u, local_at),
		TEXT_OF(u, removed_at),	 TEXT_OF(u, removed_by),
		TEXT_OF(u, exported_at), {.text = NULL}};

	take_members(j, rows);
	return u;
}

struct unexported_list take_unexported(struct arena *a, struct json *j)
{
	struct unexported_list list = {NULL, 0};
	size_t room = 0;

	json_open(j, JSON_ARRAY);
	while (json_item(j))
		if (json_peek(j) == JSON_OBJECT)
			*ARRAY_ADD(a, list.at, list.n, room) =
				take_unexported_item(j);
		else
			json_skip(j);
	return list;
}
