/* Unobservable programs between the root and the reader. */
#ifndef EVIDENCE_UNSEEN_HOP_H
#define EVIDENCE_UNSEEN_HOP_H

#include "model/model.h"

/* True when an unobservable program was given the variable and the program's
 * child did not have the variable. The reading's loss names both images. */
bool is_lost_in_unobserved(const struct reading *);

/* True for a reading on behalf of programs which were started elsewhere, out of
 * sight (launch_out_of_sight.c). */
bool is_external_launch(const struct reading *);

/* True when the image starts programs with other rights than its caller's. */
bool changes_rights(const struct image *);

/* True when only a stranger says how the image, or an ancestor, came out of its
 * parent, and the parent is not known to change its user. */
bool is_mere_claim(const struct image *);

#endif
