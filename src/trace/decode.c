#include "trace/decode.h"

#include "base/array.h"
#include "trace/decode_env_file.h"
#include "trace/decode_value.h"

enum type {
	UNSIGNED,
	SIGNED,
	BOOL,
	TEXT,
	TEXTS,
	NUMBERS,
	VALUE,
	VALUES,
	CREDENTIALS,
	UNEXPORTED,
	WORD,	 /* an enum: the names are in field->words */
	OF_FILE, /* a part of struct env_file */
};

struct field {
	struct str key;
	enum type type;
	size_t into;
	size_t has; /* offset of the bool for "the line has this field"; 0: no
		       such bool */
	const struct str *words;
};

static const struct str event_words[] = {KT_EVENTS(WORD_OF){0}};
static const struct str target_words[] = {KT_TARGETS(WORD_OF){0}};
static const struct str handed_words[] = {KT_HANDED(WORD_OF){0}};
static const struct str environment_words[] = {KT_ENVIRONMENTS(WORD_OF){0}};

#define INTO(member)	       offsetof(struct event, member)
#define ROW(key, type, member) {STR(key), type, INTO(member), 0, NULL},
#define ROW_HAS(key, type, member, has)                                        \
	{STR(key), type, INTO(member), INTO(has), NULL},
#define ROW_WORD(key, member, has, words)                                      \
	{STR(key), WORD, INTO(member), has, words},

static const struct field fields[] = {
#include "trace/fields.def"
};
#define N_FIELDS (sizeof fields / sizeof fields[0])

struct decoder {
	struct arena *arena;
	unsigned char first[256]; /* row where keys of this letter begin */
	struct strs texts;	  /* scratch: grown, then copied to size */
	struct values values;
	struct sent_credentials credentials;
	size_t texts_room, values_room, credentials_room;
};

struct decoder *decoder_new(struct arena *arena)
{
	struct decoder *d = TAKE(arena, struct decoder, 1);

	d->arena = arena;
	memset(d->first, N_FIELDS, sizeof d->first);
	for (size_t i = N_FIELDS; i--;)
		d->first[(unsigned char)fields[i].key.at[0]] = (unsigned char)i;
	return d;
}

/* JSON has two kinds for one type: true and false. */
static bool fits(enum type type, enum json_kind kind)
{
	switch (type) {
	case UNSIGNED:
	case SIGNED:
		return kind == JSON_NUMBER;
	case BOOL:
		return kind == JSON_TRUE || kind == JSON_FALSE;
	case TEXT:
	case WORD:
		return kind == JSON_STRING;
	case TEXTS:
	case CREDENTIALS:
	case UNEXPORTED:
	case NUMBERS:
		return kind == JSON_ARRAY;
	case VALUE:
	case VALUES:
		return kind == JSON_OBJECT;
	case OF_FILE:
		return true;
	}
	return false;
}

static const struct field *find_field(const struct decoder *d, struct str key,
				      enum json_kind kind)
{
	const struct field *f, *end = fields + N_FIELDS;

	if (!key.len)
		return NULL;
	for (f = fields + d->first[(unsigned char)key.at[0]];
	     f < end && f->key.at[0] == key.at[0]; f++)
		if (str_eq(f->key, key) && fits(f->type, kind))
			return f;
	return NULL;
}

static int64_t signed_of(struct number n)
{
	uint64_t most = n.magnitude > INT64_MAX ? INT64_MAX : n.magnitude;

	return n.negative ? -(int64_t)most : (int64_t)most;
}

/* The next item of the kind; items of other kinds are passed over. */
static bool next_item(struct json *j, enum json_kind kind)
{
	while (json_item(j)) {
		if (json_peek(j) == kind)
			return true;
		json_skip(j);
	}
	return false;
}

static struct strs take_texts(struct decoder *d, struct json *j)
{
	struct strs *s = &d->texts;

	s->n = 0;
	json_open(j, JSON_ARRAY);
	while (next_item(j, JSON_STRING)) {
		struct str text = json_string(j);

		*ARRAY_ADD(d->arena, s->at, s->n, d->texts_room) = text;
	}
	return (struct strs){ARRAY_COPY(d->arena, s->at, s->n), s->n};
}

/* At most 64; the rest is passed over. */
static struct numbers take_numbers(struct decoder *d, struct json *j)
{
	enum { MOST = 64 };
	struct numbers all = {TAKE(d->arena, uint64_t, MOST), 0};

	json_open(j, JSON_ARRAY);
	while (json_item(j))
		if (json_peek(j) == JSON_NUMBER && all.n < MOST)
			all.at[all.n++] = json_unsigned(j);
		else
			json_skip(j);
	return all;
}

static struct values take_values(struct decoder *d, struct json *j)
{
	struct values *v = &d->values;
	struct str name;

	v->n = 0;
	json_open(j, JSON_OBJECT);
	while (json_key(j, &name)) {
		struct value value;

		if (json_peek(j) != JSON_OBJECT) {
			json_skip(j);
			continue;
		}
		value = take_value(j);
		*ARRAY_ADD(d->arena, v->at, v->n, d->values_room) =
			(struct named_value){.name = name, .value = value};
	}
	return (struct values){ARRAY_COPY(d->arena, v->at, v->n), v->n};
}

static struct sent_credential take_credential(struct json *j)
{
	struct sent_credential c = {.name = {NULL, 0}};
	const struct member rows[] = {TEXT_OF(c, header), TEXT_OF(c, scheme),
				      TEXT_OF(c, name),	  TEXT_OF(c, held),
				      VALUE_OF(c, value), {.text = NULL}};

	take_members(j, rows);
	return c;
}

static struct sent_credentials take_credentials(struct decoder *d,
						struct json *j)
{
	struct sent_credentials *c = &d->credentials;

	c->n = 0;
	json_open(j, JSON_ARRAY);
	while (next_item(j, JSON_OBJECT)) {
		struct sent_credential credential = take_credential(j);

		*ARRAY_ADD(d->arena, c->at, c->n, d->credentials_room) =
			credential;
	}
	return (struct sent_credentials){ARRAY_COPY(d->arena, c->at, c->n),
					 c->n};
}

/* Each case writes through a pointer of the member's own type. The table above
 * must name the type of each member. */
static void take_field(struct decoder *d, struct json *j, const struct field *f,
		       struct event *e)
{
	void *into = (char *)e + f->into;
	unsigned index;

	switch (f->type) {
	case UNSIGNED:
		*(uint64_t *)into = json_unsigned(j);
		break;
	case SIGNED:
		*(int64_t *)into = signed_of(json_number(j));
		break;
	case BOOL:
		*(bool *)into = json_peek(j) == JSON_TRUE;
		json_skip(j);
		break;
	case TEXT:
		*(struct str *)into = json_string(j);
		break;
	case TEXTS:
		*(struct strs *)into = take_texts(d, j);
		break;
	case NUMBERS:
		*(struct numbers *)into = take_numbers(d, j);
		break;
	case VALUE:
		*(struct value *)into = take_value(j);
		break;
	case VALUES:
		*(struct values *)into = take_values(d, j);
		break;
	case OF_FILE:
		take_part_of_file(d->arena, j, f->key,
				  (struct env_file **)into);
		break;
	case UNEXPORTED:
		*(struct unexported_list *)into = take_unexported(d->arena, j);
		break;
	case CREDENTIALS:
		*(struct sent_credentials *)into = take_credentials(d, j);
		break;
	case WORD:
		index = index_of_word(f->words, json_string(j));
		if (f->has && !f->words[index].len)
			return; /* a word of a later version counts as missing
				 */
		memcpy(into, &index, sizeof index);
		break;
	}
	if (f->has)
		*(bool *)((char *)e + f->has) = true;
}

/* A pack writes what was looked up into the fields of what was told. */
static void keep_apart(struct event *e)
{
	if (!e->symbolized)
		return;
	e->symbol_site = e->site;
	e->symbol_in = e->in;
	e->site = e->in = (struct str){NULL, 0};
}

bool decode(struct decoder *d, struct str line, struct event *ret)
{
	struct json j = json_of(d->arena, line);
	struct event e = {.line = line, .thread = 1, .n = 1};
	const struct field *f;
	struct str key;
	bool named = false;

	json_open(&j, JSON_OBJECT);
	while (json_key(&j, &key)) {
		f = find_field(d, key, json_peek(&j));
		if (f)
			take_field(d, &j, f, &e);
		else
			json_skip(&j);
		named |= f && f->words == event_words;
	}
	if (!json_whole(&j) || !named)
		return false;
	keep_apart(&e);
	*ret = e;
	return true;
}
