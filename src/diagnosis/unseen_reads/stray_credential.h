/* A credential on a request which no variable of the run held: from a file, a
 * command line, or the code. */
#ifndef DIAGNOSIS_STRAY_CREDENTIAL_H
#define DIAGNOSIS_STRAY_CREDENTIAL_H

#include "diagnosis/doubts.h"

/* The first such request that a host refused, and the first that a host
 * accepted and that stands for a read: the credential is the value of a file of
 * the run, or a client of the asked name sent it. */
struct stray_credential find_stray_credential(const struct model *,
					      const struct reading *asked);

/* `held`: a key that processes hold, and for which nobody asked; or null. */
struct doubt doubt_stray(const struct evaluation *, const struct request *,
			 const struct variable *held);

/* "127.0.0.1:8080 accepted OPENAI_API_KEY of .env:1 (200), ..." */
struct str accepted_stray_in_words(const struct evaluation *,
				   const struct request *);

#endif
