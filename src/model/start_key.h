/* Which roots are starts of one program. */
#ifndef MODEL_START_KEY_H
#define MODEL_START_KEY_H

#include "model/model.h"

/* Starts with the same key are equal: program, arguments, working directory,
 * user and control group. */
struct str start_key(struct arena *, const struct image *root);

#endif
