/* Parts of a line that several kinds of field have. */
#ifndef TRACE_DECODE_VALUE_H
#define TRACE_DECODE_VALUE_H

#include "trace/event.h"
#include "trace/json.h"

#define WORD_OF(id, name) STR(name),

/* The index of `word` in a list which ends with an empty word. */
unsigned index_of_word(const struct str *words, struct str word);

/* Where the value of a key goes: a text or an object. */
struct member {
	struct str key;
	struct str *text;
	struct value *value;
};

#define TEXT_OF(owner, name)                                                   \
	{                                                                      \
		STR(#name), &(owner).name, NULL                                \
	}
#define VALUE_OF(owner, name)                                                  \
	{                                                                      \
		STR(#name), NULL, &(owner).name                                \
	}

/* Consumes an object. Values of other keys and kinds are passed over. The last
 * row has no key. */
void take_members(struct json *, const struct member *rows);

/* Each consumes one value of JSON. A negative number counts as 0. */
struct value take_value(struct json *);
uint64_t json_unsigned(struct json *);

/* Consumes an array. */
struct unexported_list take_unexported(struct arena *, struct json *);

#endif
