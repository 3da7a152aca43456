/* Decodes one line to one event. A field is a row in decode.c's table; unknown
 * fields, events and words are skipped. */
#ifndef TRACE_DECODE_H
#define TRACE_DECODE_H

#include "base/arena.h"
#include "trace/event.h"

struct decoder;

struct decoder *decoder_new(struct arena *);

/* False, with *ret unchanged, when `line` is not one whole JSON object with a
 * known key for the event. An event of a later version has kind KT_EVENT_COUNT.
 */
bool decode(struct decoder *, struct str line, struct event *ret);

#endif
