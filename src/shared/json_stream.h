/* JSON as a stream: read forward in small pieces, without memory but the
 * struct, for texts of any size. No byte is trusted, and nothing is nested in
 * calls: any text ends the reading, well or broken.
 *
 * Call the functions in the order of the expected grammar. At the end of the
 * text, and behind the first error, each of them answers "nothing" or false. */
#ifndef SHARED_JSON_STREAM_H
#define SHARED_JSON_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies up to `most` bytes of the text from offset `at`. Less only at its end,
 * 0 behind it. */
typedef size_t json_stream_reader(void *of, size_t at, char *to, size_t most);

enum json_stream_encoding {
	JSON_STREAM_PLAIN,
	JSON_STREAM_BASE64,
	JSON_STREAM_PERCENT, /* %7B for { */
};

struct json_stream_text {
	json_stream_reader *read;
	void *of;
	size_t begin; /* offset of the first byte */
	enum json_stream_encoding encoding;
};

enum { JSON_STREAM_PIECE = 384 }; /* a multiple of 4, for base64 */

struct json_stream {
	const struct json_stream_text *text;
	size_t at; /* offset of the next piece */
	uint16_t length, next;
	char piece[JSON_STREAM_PIECE];
};

void json_stream_begin(struct json_stream *, const struct json_stream_text *);

/* The next byte that is no blank, as is; -1 at the end. */
int json_stream_token(struct json_stream *);

/* True when the next token is `c`, which is taken. */
bool json_stream_take(struct json_stream *, char c);

/* Takes the next key of an object, with the colon. A longer key is cut. False
 * at the end of the object, which is taken. */
bool json_stream_key(struct json_stream *, char *ret, size_t size);

/* Goes to the next item of an array. False at the end, which is taken.
 * `is_first`: before the first item. */
bool json_stream_item(struct json_stream *, bool is_first);

/* Takes a string. False when it was no string, or was cut. */
bool json_stream_string(struct json_stream *, char *ret, size_t size);

/* Takes a whole number. Saturated; 0 when there is none. */
uint32_t json_stream_number(struct json_stream *);

/* Takes any value. */
void json_stream_skip(struct json_stream *);

/* Inside a string whose quote was taken: the next character, with its escape
 * undone; -1 at the end of the string, which is taken. */
int json_stream_any_character(struct json_stream *);

/* The same. Most characters of a long string lie in the piece, as they are. */
static inline int json_stream_character(struct json_stream *s)
{
	char c = s->next < s->length ? s->piece[s->next] : '"';

	if (c == '"' || c == '\\')
		return json_stream_any_character(s);
	s->next++;
	return (uint8_t)c;
}

/* Takes the rest of a string whose quote was taken. */
void json_stream_end_string(struct json_stream *);

/* The value of a digit of base64, or -1. */
int base64_digit(int c);

#endif
