#include "envfiles/env_text.h"

#include <string.h>
#include <sys/mman.h>

#include "base/array.h"

/* ---- memory -------------------------------------------------------------- */

/* Room for values: more than the text, since a value may name others. */
static size_t room_for(size_t n)
{
	return 4 * n + 4096;
}

bool env_text_new(struct arena *a, size_t n, struct env_text *ret)
{
	char *memory = mmap(NULL, n + 1 + room_for(n), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	madvise(memory, n + 1 + room_for(n), MADV_DONTDUMP);
	*ret = (struct env_text){
		.arena = a,
		.begin = memory,
		.at = memory,
		.end = memory + n,
		.names = hashmap_new(a),
		.values = memory + n + 1,
		.values_room = room_for(n),
		.counted_to = memory,
		.line = 1,
	};
	return true;
}

void env_text_wipe(struct env_text *t)
{
	size_t all = (size_t)(t->values - t->begin) + t->values_room;

	explicit_bzero(t->begin, all);
	munmap(t->begin, all);
	t->list = NULL;
	t->n = 0;
}

/* ---- values -------------------------------------------------------------- */

void value_start(struct env_text *t)
{
	t->started = t->used;
	t->is_unknown = t->has_dropped = false;
}

void value_add(struct env_text *t, const char *bytes, size_t n)
{
	if (n >= t->values_room - t->used)
		t->is_unknown = true;
	if (t->is_unknown || !n)
		return;
	memcpy(t->values + t->used, bytes, n);
	t->used += n;
}

void value_add_text(struct env_text *t, const char *text)
{
	if (text)
		value_add(t, text, strlen(text));
}

struct str value_end(struct env_text *t)
{
	struct str value = {t->values + t->started, t->used - t->started};

	if (t->is_unknown || t->used == t->values_room) {
		t->used = t->started;
		return (struct str){NULL, 0};
	}
	t->values[t->used++] = '\0';
	return value;
}

struct str value_copy(struct env_text *t, const char *from, const char *to)
{
	value_start(t);
	value_add(t, from, (size_t)(to - from));
	return value_end(t);
}

/* ---- assignments --------------------------------------------------------- */

static uint64_t line_of(struct env_text *t, const char *at)
{
	for (; t->counted_to < at; t->counted_to++)
		t->line += *t->counted_to == '\n';
	return t->line;
}

static bool has_blank_beside_sign(const struct env_text *t, struct str name)
{
	const char *sign = name.at + name.len, *value;

	if (name.at < t->begin || sign >= t->end)
		return false;
	while (sign < t->end && is_blank(*sign))
		sign++;
	if (sign == t->end || *sign != '=')
		return false;
	value = skip_spaces(sign + 1, line_end(t, sign));
	return value < line_end(t, sign) && *value != '#' &&
	       (sign > name.at + name.len || is_blank(sign[1]));
}

/* A value with a null byte inside ends in the environment. */
struct assignment *assign_at(struct env_text *t, const char *at,
			     struct str name, struct str value)
{
	struct assignment **slot;

	slot = (struct assignment **)hashmap_slot(t->names, NULL, name);
	if (!*slot) {
		*slot = TAKE(t->arena, struct assignment, 1);
		*ARRAY_ADD(t->arena, t->list, t->n, t->room) = *slot;
	}
	**slot = (struct assignment){
		.name = name,
		.value = {value.at, value.at ? strlen(value.at) : 0},
		.is_spaced = has_blank_beside_sign(t, name),
		.line = line_of(t, at),
	};
	return value.at ? *slot : NULL;
}

void note_whole(struct env_text *t, struct assignment *a, const char *from,
		const char *to, bool is_comment)
{
	const char *begin = skip_spaces(from, to), *end = trim_end(begin, to);

	if (!a || (size_t)(end - begin) <= a->value.len ||
	    memcmp(begin, a->value.at, a->value.len))
		return;
	a->whole = value_copy(t, begin, end);
	a->is_comment = is_comment;
}

void note_dropped(struct env_text *t, struct assignment *a, const char *from,
		  const char *to)
{
	if (!a)
		return;
	a->whole = value_copy(t, from, trim_end(from, to));
	a->is_dropped = a->whole.at;
}

const char *assigned(const struct env_text *t, struct str name)
{
	const struct assignment *a = hashmap_find(t->names, NULL, name);

	return a ? a->value.at : NULL;
}

static const char *in_environment(const struct env_text *t, struct str name)
{
	char text[256];

	if (name.len >= sizeof text)
		return NULL;
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';
	return t->environment(text);
}

const char *value_of(struct env_text *t, struct str name,
		     bool environment_first)
{
	const char *ours = assigned(t, name), *outer = NULL;
	bool asks_environment = !ours || environment_first;

	t->is_unknown |= asks_environment && !t->environment;
	if (asks_environment && t->environment)
		outer = in_environment(t, name);

	if (environment_first && outer)
		return outer;
	return ours ? ours : outer;
}

/* ---- text ---------------------------------------------------------------- */

const char *skip_spaces(const char *from, const char *to)
{
	while (from < to && is_space(*from))
		from++;
	return from;
}

const char *trim_end(const char *from, const char *to)
{
	while (to > from && is_space(to[-1]))
		to--;
	return to;
}

const char *find_brace(const char *from, const char *end)
{
	size_t most = 4096, n = (size_t)(end - from);

	return memchr(from, '}', n < most ? n : most);
}

const char *line_end(const struct env_text *t, const char *from)
{
	const char *end = memchr(from, '\n', (size_t)(t->end - from));

	return end ? end : t->end;
}

const char *next_assignment(const struct env_text *t, const char **at,
			    const char *comments)
{
	const char *end, *sign;

	for (; *at < t->end; *at = end + (end < t->end)) {
		*at = skip_spaces(*at, t->end);
		end = line_end(t, *at);
		sign = memchr(*at, '=', (size_t)(end - *at));
		if (sign && !memchr(comments, **at, strlen(comments)))
			return sign;
	}
	return NULL;
}

void skip_byte_order_mark(struct env_text *t)
{
	if (t->end - t->at >= 3 && !memcmp(t->at, "\xef\xbb\xbf", 3))
		t->at += 3;
}

void normalize_line_ends(struct env_text *t)
{
	char *to = t->begin;

	for (const char *at = t->begin; at < t->end; at++) {
		bool is_cr = *at == '\r';

		if (is_cr && at + 1 < t->end && at[1] == '\n')
			at++;
		*to++ = is_cr ? '\n' : *at;
	}
	*to = '\0';
	t->end = to;
}
