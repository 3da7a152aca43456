/* JSON text at the end of a line of the trace. Bytes that do not fit are left
 * out; keep_field then removes the whole field. */
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

/* A text, with every byte escaped that JSON or a terminal would not print. */
void put_escaped(struct event_line *, const char *text, size_t n);

/* A comma where one is needed, and the key. */
void put_key(struct event_line *, const char *key);

/* True when all that was put since the line had `length` bytes fits. Otherwise
 * removes those bytes. */
bool keep_field(struct event_line *, uint16_t length);

#endif
