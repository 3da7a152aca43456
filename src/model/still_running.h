/* Programs of a trace that run now. */
#ifndef MODEL_STILL_RUNNING_H
#define MODEL_STILL_RUNNING_H

#include "model/model.h"

/* True when the process of the image runs on this machine, under its pid in the
 * trace and its name. False where that is not certain. */
bool model_lives_here(const struct model *, const struct image *);

#endif
