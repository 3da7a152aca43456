/* The parts of the answer to "what became of the reader". */
#ifndef DIAGNOSIS_END_H
#define DIAGNOSIS_END_H

#include "diagnosis/evaluation.h"

/* end_by_error.c: true when the uncaught error came of the missing name. */
bool failed_by_it(const struct reading *, const struct ask *);

/* end_by_error.c: true when the uncaught error has nothing to do with the name.
 */
bool raised_elsewhere(const struct reading *, const struct ask *);

/* end_by_error.c: true for an error which only reports the end of a child. */
bool is_error_of_child(const struct event *raise);

/* end_by_message.c: true when the message of the uncaught error calls the name
 * missing, and the program got nothing. */
bool is_called_missing(const struct reading *);

/* end_by_message.c: true when the message of the program's own error speaks of
 * a credential, and the needed name is the only one that the program asked for.
 */
bool is_complaint_of_credential(const struct reading *, const struct ask *);

/* end_by_message.c: true for a child that ended well or was stopped by
 * `parent`, as one does that reports by message. */
bool ends_after_message(const struct image *child, const struct image *parent);

/* end_by_message.c: the error that ended a program above, and that a worker of
 * a pool had raised, where no error of the image was seen; or null. */
const struct event *find_told_error(const struct image *);
enum end end_by_told_error(const struct reading *, const struct ask *,
			   const struct event *raise);

/* tolerated_failure.c: the last child that failed while the image waited, or
 * null. */
const struct image *failed_child(const struct image *);

/* tolerated_failure.c: the child of `launcher` on the way to `image`, or null.
 */
const struct image *child_below(const struct image *launcher,
				const struct image *image);

/* tolerated_failure.c: true when the launcher waited for the failure, and went
 * on. */
bool is_tolerated(const struct image *);

/* tolerated_failure.c: true when the same command missed the same name later
 * and ended well. */
bool succeeded_later(const struct reading *);

/* tolerated_failure.c: true when the same command was started more than once.
 */
bool is_restarted(const struct reading *);

/* handled_failure.c: true when the line of the shell that waited for the
 * failure loaded a file next, and a later program found the name. */
bool is_handled_by_shell(const struct reading *, const struct asker *);

/* consumer_failure.c: a program that never asked for the name, and failed for
 * want of a credential of its provider after own code had missed the name; or
 * null. */
const struct image *failed_consumer(const struct model *,
				    const struct reading *, const struct ask *);

#endif
