/* A line of an env file that takes an empty name from another one without a
 * value: NAME=${OTHER}. */
#ifndef EVIDENCE_REFERENCE_LINE_H
#define EVIDENCE_REFERENCE_LINE_H

#include "model/finding.h"

/* Fills culprit, site and confidence, where there is such a line, in a file of
 * the program which brought the empty value in. */
bool set_culprit_of_reference(const struct model *, const struct reading *,
			      struct finding *);

/* ".env:1 takes NAME from OTHER, which was never set", and the fix. False:
 * there is no such line. */
bool describe_reference(const struct model *, const struct reading *,
			struct finding *);

#endif
