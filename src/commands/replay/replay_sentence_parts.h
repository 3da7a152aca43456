/* Parts of the sentences of `keytrail replay`. */
#ifndef COMMANDS_REPLAY_SENTENCE_PARTS_H
#define COMMANDS_REPLAY_SENTENCE_PARTS_H

#include "base/out.h"
#include "trace/event.h"

/* Foreign text in the arguments is made safe; at most 4 KiB. */
void replay_print(struct out *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Fingerprint, length and shape. */
void replay_value(struct out *, const struct value *);

#endif
