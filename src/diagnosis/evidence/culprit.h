/* The culprit: the program which lost a variable, or gave the variable a bad
 * value. */
#ifndef EVIDENCE_CULPRIT_H
#define EVIDENCE_CULPRIT_H

#include "model/finding.h"

/* Fills culprit, operation and site of a finding: `by` recorded `event`, on the
 * way to `receiver`. `event` may be null: then the trace does not show how.
 * Instead of a forked child which only prepared an exec, the culprit is the
 * forking program; instead of a helper, the runtime which called the helper. */
void set_culprit(struct finding *, const struct image *by,
		 const struct event *event, const struct image *receiver);

/* The same for the program that lost the value of the reading, for certain.
 * False: the value was not lost in this way. */
bool set_culprit_of_loss(struct finding *, const struct reading *,
			 enum loss_kind);

/* The line where the program was started: in the program that did so, or where
 * a person wrote the command. len 0: not known. */
struct str line_of_launch(const struct image *);

/* The line of the shell's script that set or removed the variable before the
 * event. len 0: not known. */
struct str line_of_change(const struct event *, struct str name);

/* The line of the user's own that started a tool, perhaps through other tools:
 * `env -u NAME node app.js` in a script, or where a file has the command.
 * len 0: not known. */
struct str line_of_start(const struct image *first);

#endif
