/* Values that processes of a run held, beside the values of files. */
#ifndef COMMANDS_VALUE_RELATIONS_H
#define COMMANDS_VALUE_RELATIONS_H

#include "base/out.h"
#include "trace/trace.h"

struct held_values;

/* All values of the trace's events from `from` on, by name, but those of
 * strangers: a relation would tell whether a guess is right. */
struct held_values *held_values_of(struct arena *, const struct trace *,
				   uint64_t from);

/* The array of relations of the value `text` to the values held under `name`,
 * as JSON. False, with nothing written, when none was held. `whole` may be
 * empty. */
bool held_values_put(struct out *, const struct held_values *, struct str name,
		     struct str text, struct str whole, const uint8_t key[16]);

#endif
