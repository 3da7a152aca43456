/* The place that set a missing name in a process beside the reader's way, which
 * had ended by then. */
#ifndef EVIDENCE_ENDED_SETTER_H
#define EVIDENCE_ENDED_SETTER_H

#include "model/model.h"

/* "load-secrets.cjs:1"; len 0: none, or several. */
struct str place_of_ended_setter(const struct model *, const struct reading *);

#endif
