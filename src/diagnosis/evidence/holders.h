/* Programs beside a reader that hold the variable which the reader lacks. */
#ifndef EVIDENCE_HOLDERS_H
#define EVIDENCE_HOLDERS_H

#include "model/model.h"

/* True when `image` has held a value of the variable which is not empty: from
 * its birth on, or found by one of its reads. */
bool holds_value(const struct image *image, struct str name);

/* True when the reader missed a name which no image held, back to the root of
 * the run, and which nothing set later. */
bool was_never_held(const struct reading *);

/* True for `of` itself and for what it descends from. */
bool is_ancestor(const struct image *, const struct image *of);

/* A program of another tree with such a value, or null. A stranger's tree is
 * passed over. */
const struct image *find_holder_elsewhere(const struct model *,
					  const struct reading *);

/* The same, in any tree. Ancestors of the reader are passed over. */
const struct image *find_holder_beside(const struct model *,
				       const struct reading *);

/* True when both images record fingerprints under one key: only then equal
 * fingerprints mean equal values. */
bool are_comparable(const struct image *, const struct image *);

/* True when two values of one variable differ. An empty value and the same
 * value with blanks or quotes around it are no other value. */
bool is_other_value(const struct value *, const struct value *found);

/* True when a program of the run was given, or set, another value than the one
 * that the reading found. */
bool has_other_value(const struct model *, const struct reading *);

/* True when a program, no stranger's, held a value of the name, neither empty
 * nor a word for no value. */
bool is_held_by_any(const struct reading *);

#endif
