/* A pull reader of JSON over untrusted bytes.
 *
 * Call the functions in the order of the expected grammar, and at the end
 * json_whole(). After the first error every call returns nothing and every
 * loop ends; json_whole() returns false.
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
 * Only the text of strings with undone escapes is allocated. */
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
	const char *broken; /* the first error, or null */
	unsigned depth;
	bool fresh; /* just opened: no comma yet */
};

struct number {
	uint64_t magnitude; /* UINT64_MAX for any larger number */
	bool negative;
	bool whole; /* without fraction and exponent */
};

struct json json_of(struct arena *, struct str text);

/* The kind of the next value. Consumes blanks only. */
enum json_kind json_peek(struct json *);

/* Each consumes one value. A value of another kind is an error. */
bool json_open(struct json *, enum json_kind object_or_array);
struct str json_string(struct json *);
struct number json_number(struct json *);
void json_skip(struct json *); /* any kind */

/* Next member of the object, next item of the array. False at the end, which is
 * consumed. Read the value with a call from above. */
bool json_key(struct json *, struct str *ret_key);
bool json_item(struct json *);

/* True when all went well and nothing follows. */
bool json_whole(struct json *);

#endif
