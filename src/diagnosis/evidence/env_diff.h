/* How much of the environment an exec or spawn left out. */
#ifndef EVIDENCE_ENV_DIFF_H
#define EVIDENCE_ENV_DIFF_H

#include "model/finding.h"

enum env_diff {
	ENV_DIFF_ONE, /* the variable alone was left out */
	ENV_DIFF_ALL, /* nearly all variables were left out */
	ENV_DIFF_SOME,
};

/* The whole of a rule's `explains`. True when the reading's variable was lost
 * at an exec or spawn that left out so much. */
bool explain_by_env_diff(const struct model *, const struct reading *,
			 enum env_diff, struct finding *ret);

/* A rule's `describe`. */
void describe_env_diff(const struct model *, const struct reading *,
		       struct finding *);

#endif
