/* Which arguments of which program are secrets: the rows of
 * redact_programs.txt. That file says how to add one; scripts/registry makes
 * the tables below of it.
 */
#ifndef RECORDER_REDACT_PROGRAMS_H
#define RECORDER_REDACT_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char program_names[], program_words[];
extern const uint16_t program_letters[]; /* where the names of a letter begin */
extern const uint16_t program_rows[];	 /* where the words of a row begin */

struct program {
	const char *row;     /* its words in the table, or NULL: unknown */
	const char *section; /* those of the subcommand, or NULL */
};

/* The program's name may be a path, and may end in a version: python3.11 */
struct program program_find(const char *path, size_t n);

/* Has the row any word that marks a secret, code or a script? */
bool program_takes_secrets(const struct program *);

/* The mark of an option or a word, 0 when the row has none. */
char program_mark(const struct program *, const char *word, size_t n);

/* What stands behind the flag #X in the row, NULL when the flag is not there.
 */
const char *program_flag(const struct program *, char flag);

/* Is the word a subcommand with words of its own? They count from now on. */
bool program_enter(struct program *, const char *word, size_t n);

#endif
