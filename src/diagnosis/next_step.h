/* What would settle a doubt: a command to try, or the like. */
#ifndef DIAGNOSIS_NEXT_STEP_H
#define DIAGNOSIS_NEXT_STEP_H

#include "diagnosis/doubts.h"
#include "model/model.h"

/* `gap`: the image of which too little was seen, or null. len 0: the reason
 * says all. */
struct str next_step(struct arena *, const struct model *, const struct doubt *,
		     const struct image *gap);

/* True for a trace of `run --http`. */
bool records_requests(const struct trace *);

/* True where the trace has no requests, because nobody looked at them. */
bool lacks_requests(const struct model *);

/* A program sent requests which cannot be read. */
bool has_unseen_requests(const struct model *);

/* A pack grows no more, nor does a trace of another boot. */
bool trace_is_over(const struct trace *);

#endif
