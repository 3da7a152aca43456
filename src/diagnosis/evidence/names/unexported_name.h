/* A shell above the reader which assigns the name and does not export the
 * name. */
#ifndef EVIDENCE_UNEXPORTED_NAME_H
#define EVIDENCE_UNEXPORTED_NAME_H

#include "model/model.h"

struct unexported_name {
	const struct image *shell; /* null: none */
	const struct unexported *variable;
};

/* In the script of the shell, above the line which led to the reader. */
struct unexported_name find_unexported_name(const struct reading *);

/* The script exports the name, and removes the name again above that line. No
 * shell below assigns the name without an export. */
struct unexported_name find_removed_name(const struct reading *);

/* In the text of `sh -c`, on a line of its own. Null: none. */
const struct image *find_assigning_shell(const struct reading *);

/* The line of the shell's script which exports the name, or reads a file under
 * `set -a`, where no line removes the name again; len 0: none. */
struct str exporting_line_of(const struct image *shell, struct str name);

/* The line of the shell's script where a function makes the name local; len 0:
 * none. */
struct str local_line_of(const struct image *shell, struct str name);

/* The line of the shell's script that makes any names local in a function, near
 * the line that reads a file; len 0: none. */
struct str local_line_of_any(const struct image *shell, struct str read_at);

/* The line of the script: the assignment, or where the script reads its file.
 */
struct str line_of_unexported(const struct unexported *);

#endif
