/* What an event says, as a sentence of `keytrail replay`. */
#ifndef COMMANDS_REPLAY_SENTENCES_H
#define COMMANDS_REPLAY_SENTENCES_H

#include "base/out.h"
#include "trace/event.h"

/* True when the event has a sentence. */
bool has_sentence(const struct event *);

void replay_sentence(struct out *, const struct event *);

/* ", 3 times by now", when the event was counted. */
void replay_times(struct out *, const struct event *);

#endif
