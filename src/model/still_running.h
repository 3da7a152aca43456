/* Programs of a trace that run now, or do not. */
#ifndef MODEL_STILL_RUNNING_H
#define MODEL_STILL_RUNNING_H

#include "model/model.h"

/* True when the process of the image runs on this machine, under its pid in the
 * trace and its name. False where that is not certain. */
bool model_lives_here(const struct model *, const struct image *);

/* True when the process of the image was seen to have ended: this machine, and
 * this container, have no such process any more. */
bool model_is_gone_here(const struct model *, const struct image *);

#endif
