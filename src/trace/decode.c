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

#define WORD_OF(id, name) STR(name),
static const struct str event_words[] = {KT_EVENTS(WORD_OF){0}};
static const struct str target_words[] = {KT_TARGETS(WORD_OF){0}};
static const struct str handed_words[] = {KT_HANDED(WORD_OF){0}};
static const struct str environment_words[] = {KT_ENVIRONMENTS(WORD_OF){0}};

#define INTO(member) offsetof(struct event, member)
#define ROW(key, type, member)                                                 \
	{                                                                      \
		STR(key), type, INTO(member), 0, NULL                          \
	}
#define ROW_HAS(key, type, member, has)                                        \
	{                                                                      \
		STR(key), type, INTO(member), INTO(has), NULL                  \
	}
#define ROW_WORD(key, member, has, words)                                      \
	{                                                                      \
		STR(key), WORD, INTO(member), has, words                       \
	}

/* Sorted by first letter. A key may stand twice, with another type: `had` is
 * a bool in unset and a list in clear. */
static const struct field fields[] = {
	ROW("above", TEXTS, above),
	ROW("added", UNSIGNED, added),
	ROW("again", VALUES, again),
	ROW("args", TEXTS, args),
	ROW("argc", UNSIGNED, argc),
	ROW("at", TEXT, at),
	ROW("boot", TEXT, boot),
	ROW("broken", UNSIGNED, n_broken),
	ROW("build", TEXT, build),
	ROW("by", TEXT, by),
	ROW("caller_columns", NUMBERS, caller_columns),
	ROW("callers", TEXTS, callers),
	ROW("cgroup", TEXT, cgroup),
	ROW("changed", UNSIGNED, changed),
	ROW("changed_lines", TEXTS, changed_lines),
	ROW_HAS("child", UNSIGNED, child, has_child),
	ROW("code", TEXT, code),
	ROW("column", UNSIGNED, column),
	ROW("command", TEXT, command),
	ROW("comment", OF_FILE, file),
	ROW("compiled", BOOL, compiled),
	ROW("credentials", CREDENTIALS, credentials),
	ROW("cut", TEXTS, cut),
	ROW("cut", BOOL, is_cut),
	ROW("command_site", TEXT, command_site),
	ROW("cwd", TEXT, cwd),
	ROW("dropped", UNSIGNED, dropped),
	ROW_WORD("e", kind, 0, event_words),
	ROW("env", VALUES, env),
	ROW_WORD("environment", environment, INTO(has_environment),
		 environment_words),
	ROW_HAS("errno", SIGNED, error, has_errno),
	ROW_HAS("euid", UNSIGNED, euid, has_euid),
	ROW("exe", TEXT, exe),
	ROW("fn", TEXT, fn),
	ROW("found", BOOL, found),
	ROW("for", OF_FILE, file),
	ROW("frames", TEXTS, frames),
	ROW("generated", TEXT, generated),
	ROW("group", BOOL, group),
	ROW("had", BOOL, had_it),
	ROW("had", VALUES, had),
	ROW("handled", BOOL, handled),
	ROW_WORD("handed", handed, INTO(has_handed), handed_words),
	ROW("held", UNSIGNED, held),
	ROW("host", TEXT, host),
	ROW("http", BOOL, http),
	ROW("image", TEXT, image),
	ROW("in", TEXT, in),
	ROW("incoming", BOOL, incoming),
	ROW("kept", BOOL, kept),
	ROW("kernel", TEXT, kernel),
	ROW("key", TEXT, key),
	ROW("label", TEXT, label),
	ROW("lang", TEXT, lang),
	ROW("launcher", BOOL, launcher),
	ROW("libc", TEXT, libc),
	ROW("lines", UNSIGNED, n_lines), /* pack */
	ROW("lines", OF_FILE, file),
	ROW("local", TEXT, local),
	ROW("lost", VALUES, lost),
	ROW("lost", UNSIGNED, n_lost),
	ROW("lost", TEXT, lost_digits),
	ROW("map", TEXT, map),
	ROW("max", UNSIGNED, max),
	ROW("method", TEXT, method),
	ROW("n", UNSIGNED, n),
	ROW("n", TEXT, n_digits),
	ROW("name", TEXT, name),
	ROW("no_env_files", BOOL, no_env_files),
	ROW("number", UNSIGNED, number),
	ROW("npm_lifecycle_event", TEXT, npm_event),
	ROW("npm_package_json", TEXT, npm_package),
	ROW("of", TEXT, of),
	ROW_HAS("owner", UNSIGNED, owner_uid, has_owner),
	ROW("parent", TEXT, parent),
	ROW("path", TEXT, path),
	ROW("peer", TEXT, peer),
	ROW("pid", UNSIGNED, pid),
	ROW("place", UNSIGNED, place),
	ROW("port", UNSIGNED, port),
	ROW("ppid", UNSIGNED, ppid),
	ROW("probe", BOOL, probe),
	ROW("relations", OF_FILE, file),
	ROW("replaced", BOOL, replaced),
	ROW("request", UNSIGNED, request),
	ROW("root", TEXT, root),
	ROW("runtimes", TEXTS, runtimes),
	ROW("same", BOOL, same),
	ROW("scheme", TEXT, scheme),
	ROW("session", UNSIGNED, session),
	ROW_HAS("signal", SIGNED, signal, has_signal),
	ROW_HAS("status", SIGNED, status, has_status),
	ROW("site", TEXT, site),
	ROW("spaced", OF_FILE, file),
	ROW("stack", TEXTS, stack),
	ROW("symbolized", BOOL, symbolized),
	ROW("syntax", OF_FILE, file),
	ROW("t", UNSIGNED, t),
	ROW_WORD("target", target, INTO(has_target), target_words),
	ROW("thread", UNSIGNED, thread),
	ROW("tls", BOOL, tls),
	ROW_HAS("to", UNSIGNED, to, has_to),
	ROW("tty", TEXT, tty),
	ROW("type", TEXT, type),
	ROW_HAS("uid", UNSIGNED, uid, has_uid),
	ROW("unbelieved", UNSIGNED, n_unbelieved),
	ROW("unchanged", UNSIGNED, unchanged),
	ROW("unexported", UNEXPORTED, unexported),
	ROW("value", VALUE, value),
	ROW("values", OF_FILE, file),
	ROW("vars", UNSIGNED, vars),
	ROW("version", TEXT, version),
	ROW("vfork", BOOL, vfork),
	ROW("wall", UNSIGNED, wall),
	ROW("watch", TEXTS, watch),
	ROW("what", TEXT, what),
	ROW("whole", OF_FILE, file),
	ROW("why", OF_FILE, file),
	ROW("write", BOOL, write),
	ROW("zone", TEXT, zone),
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
	const struct text_member texts[] = {{STR("header"), &c.header},
					    {STR("scheme"), &c.scheme},
					    {STR("name"), &c.name},
					    {STR("held"), &c.held},
					    {{NULL, 0}, NULL}};
	struct str key;

	json_open(j, JSON_OBJECT);
	while (json_key(j, &key))
		if (json_peek(j) == JSON_OBJECT && str_eq(key, STR("value")))
			c.value = take_value(j);
		else
			take_text_member(j, key, texts);
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
