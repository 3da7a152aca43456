/* Ends of which nothing was recorded: a signal ended the program, and no traced
 * process waited. */
#ifndef MODEL_UNSEEN_END_H
#define MODEL_UNSEEN_END_H

#include "model/model.h"

/* True when the root, which recorded nothing after the birth of an equal newer
 * root, had ended before: nothing of the tree lives, and the newer root does;
 * or both are gone, and began apart at one terminal or none, while replicas
 * begin together. `newer` may be null. */
bool has_ended_unseen(const struct model *, const struct image *root,
		      const struct image *newer);

#endif
