/* The place that set a missing name in a process beside the reader's way: a set
 * reaches the process itself and what starts from there alone. */
#ifndef EVIDENCE_OTHER_SETTER_H
#define EVIDENCE_OTHER_SETTER_H

#include "model/model.h"

struct other_setter {
	struct str place; /* "load-secrets.cjs:1"; len 0: none, or several */
	bool has_ended;	  /* before the reader asked */
};

struct other_setter find_other_setter(const struct model *,
				      const struct reading *);

#endif
