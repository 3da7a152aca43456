/* A pull reader of JSON over bytes that nobody vouches for.
 *
 * Walk down as the grammar goes and ask json_whole() once at the end: the
 * first thing that went wrong is remembered, and from then on every question
 * is answered with nothing, so that loops end by themselves.
 *
 *	struct json j = json_of(arena, line);
 *	struct str key;
 *
 *	json_open(&j, JSON_OBJECT);
 *	while (json_key(&j, &key))
 *		if (str_eq(key, STR("pid")))
 *			pid = json_number(&j).magnitude;
 *		else
 *			json_skip(&j);
 *	return json_whole(&j);
 *
 * Nothing is allocated but the text of strings in which escapes were undone. */
#ifndef TRACE_JSON_H
#define TRACE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

enum json_kind {
	JSON_NOTHING, /* broken, or no value begins here */
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

struct json {
	struct arena *arena;
	const char *at, *end;
	const char *broken; /* what went wrong first, or null */
	unsigned depth;
	bool fresh; /* just opened: no comma yet */
};

struct number {
	uint64_t magnitude; /* UINT64_MAX when it is larger than that */
	bool negative;
	bool whole; /* without fraction and exponent */
};

struct json json_of(struct arena *, struct str text);

/* What begins here. Consumes blanks only. */
enum json_kind json_peek(struct json *);

/* Each consumes one value; when another kind begins here, that breaks. */
bool json_open(struct json *, enum json_kind object_or_array);
struct str json_string(struct json *);
struct number json_number(struct json *);
void json_skip(struct json *); /* any kind */

/* Next member of the object, next item of the array: false at its end, which
 * is consumed. The value is then read with one of the calls above. */
bool json_key(struct json *, struct str *ret_key);
bool json_item(struct json *);

/* True when all went well and nothing follows. */
bool json_whole(struct json *);

#endif
