/* The diagnosis: judges the causes found by the rules.
 *
 *	evaluation.c	   asks every rule about every reading
 *	who_asks.c	   did the program ask, or a library?
 *	need.c		   did the user name the variable? was the read extra?
 *	end.c		   did the reader or its launcher fail?
 *	relief.c	   why a missing variable did no harm
 *	severity.c	   the severity, from these answers
 *	external_launch.c  readings on behalf of programs out of sight
 *	group.c, order.c   equal candidates become one finding; the worst first
 *	value_path.c	   the path of a value, hop by hop
 *	coverage.c	   the unobserved images
 *	verdict.c	   the verdict on the whole trace
 *
 * Evidence used by several rules lies in evidence/. */
#ifndef DIAGNOSIS_DIAGNOSIS_H
#define DIAGNOSIS_DIAGNOSIS_H

#include "model/finding.h"

/* The report on a model. `variable` restricts the report to one name, and this
 * name counts as needed; len 0: all names. */
struct report *diagnose(struct arena *, const struct model *,
			struct str variable);

#endif
