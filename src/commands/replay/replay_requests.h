/* Sentences of `keytrail replay` about requests of HTTP. */
#ifndef COMMANDS_REPLAY_REQUESTS_H
#define COMMANDS_REPLAY_REQUESTS_H

#include "base/out.h"
#include "trace/event.h"

void replay_request(struct out *, const struct event *);
void replay_response(struct out *, const struct event *);
void replay_unseen(struct out *, const struct event *);

#endif
