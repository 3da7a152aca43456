/* Programs that were started alike, and should have equal environments. */
#ifndef EVIDENCE_SIBLINGS_H
#define EVIDENCE_SIBLINGS_H

#include "model/model.h"

/* The program that started `image`: also where the program forked before the
 * exec. Null for a root. */
const struct image *starter_of(const struct image *image);

/* True for two programs with equal commands and the same starter. */
bool are_siblings(const struct image *, const struct image *);

/* True for two roots with equal commands and working directories, of one user,
 * which ran beside one another. */
bool are_replicas(const struct image *, const struct image *);

#endif
