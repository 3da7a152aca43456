/* Which of a shell's programs: shells other than bash record no line, so the
 * report counts. */
#ifndef EVIDENCE_CHILD_ORDINAL_H
#define EVIDENCE_CHILD_ORDINAL_H

#include "model/model.h"

bool is_shell(const struct image *);

/* ", the 3rd program that it started,": the position of the child of `shell`
 * which led to `started`. Empty when the position is not certain, or when the
 * shell started a single program. */
struct str position_in_shell(const struct model *, const struct image *shell,
			     const struct image *started);

#endif
