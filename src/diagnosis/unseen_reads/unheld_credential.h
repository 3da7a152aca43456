/* A credential on a request which no variable of the run held: from a file, a
 * command line, or the code. */
#ifndef DIAGNOSIS_UNHELD_CREDENTIAL_H
#define DIAGNOSIS_UNHELD_CREDENTIAL_H

#include "diagnosis/doubts.h"

/* The first such request that a host refused, and the first that a host
 * accepted and that stands for a read: to a provider, by a client of models or
 * of the asked name, or with the value of a file of the run. */
struct unheld_credential find_unheld_credential(const struct model *,
						const struct reading *asked);

/* `held`: a key that processes hold, and for which nobody asked; or null. */
struct doubt doubt_unheld(const struct evaluation *, const struct request *,
			  const struct variable *held);

/* "app.py:12 sent OPENAI_API_KEY of .env:1, and 127.0.0.1:8080 accepted it
 * (200): ..." */
struct str accepted_unheld_in_words(const struct evaluation *,
				    const struct request *);

#endif
