/* Programs that were started alike, and should have equal environments. */
#ifndef EVIDENCE_SIBLINGS_H
#define EVIDENCE_SIBLINGS_H

#include "model/model.h"

/* The program that started `image`: also where the program forked before the
 * exec. Null for a root. */
const struct image *starter_of(const struct image *image);

/* An equal program for which `fits` is true: one with the same command and the
 * same starter; or, of a root, another root with equal command and working
 * directory, of one user, that ran beside it. Null: there is none. */
const struct image *find_equal_program(const struct model *,
				       const struct image *of,
				       const struct reading *,
				       bool (*fits)(const struct image *equal,
						    const struct image *of,
						    const struct reading *));

/* True when `a` had ended when `b` began. */
bool ended_before(const struct image *a, const struct image *b);

#endif
