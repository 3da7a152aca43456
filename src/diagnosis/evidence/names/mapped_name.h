/* A launcher's own line that takes the name from another one, which nobody ever
 * held: { OPENAI_API_KEY: process.env.OPENAI_KEY }. */
#ifndef EVIDENCE_MAPPED_NAME_H
#define EVIDENCE_MAPPED_NAME_H

#include "model/finding.h"

struct mapped_name {
	const struct image *launcher; /* null: none */
	const struct reading *missed; /* of the other name, by the launcher */
};

/* The launcher is an ancestor of the reader, or the client of a daemon above,
 * asked before the reader was started, and has no part in a library. */
struct mapped_name find_mapped_name(const struct model *,
				    const struct reading *);

/* True when the act that brought the value stands on the line that asked for
 * the other name, or is a library's: such a value came of the other name,
 * whatever was there before. */
bool has_mapped_act(const struct reading *);

/* Fills culprit, site and confidence, where there is such a line. */
bool set_mapping_culprit(const struct model *, const struct reading *,
			 struct finding *);

/* "takes NAME from OTHER, which was never set", and the fix. False: there is no
 * such line. */
bool describe_mapping(const struct model *, const struct reading *,
		      struct finding *);

#endif
