/* JSON text at the end of a line of the trace. Bytes beyond the end of the line
 * are dropped, and keep_field then removes the whole field. */
#ifndef RECORDER_JSON_TEXT_H
#define RECORDER_JSON_TEXT_H

#include "recorder/trace/event_line.h"

static inline void put_char(struct event_line *l, char c)
{
	if (l->length < LINE_BYTES)
		l->at[l->length++] = c;
}

void put(struct event_line *, const char *text);
void put_number(struct event_line *, uint64_t n);

/* A text, escaped for JSON and for terminals. */
void put_escaped(struct event_line *, const char *text, size_t n);

/* The key, with a comma before if needed. */
void put_key(struct event_line *, const char *key);

/* Does everything put since the line had `length` bytes fit? If not, removes
 * those bytes. */
bool keep_field(struct event_line *, uint16_t length);

#endif
