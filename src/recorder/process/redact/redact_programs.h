/* Which arguments of which program are secrets: the rows of
 * redact_programs.txt. The head of redact_programs.txt says how to add a row.
 * scripts/registry makes the tables below from the rows. */
#ifndef RECORDER_REDACT_PROGRAMS_H
#define RECORDER_REDACT_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char program_names[], program_words[];
extern const uint16_t program_letters[]; /* where the names of a letter begin */
extern const uint16_t program_rows[];	 /* where the words of a row begin */

struct program {
	const char *row;     /* words in the table, or NULL: unknown program */
	const char *section; /* words of the subcommand, or NULL */
};

/* The program's name may be a path, and may end in a version: python3.11 */
struct program program_find(const char *path, size_t n);

/* Does the row mark any word as a secret, code or a script? */
bool program_takes_secrets(const struct program *);

/* The mark of an option or a word, 0 when the row has none. */
char program_mark(const struct program *, const char *word, size_t n);

/* The text behind the flag #X in the row. NULL when the row lacks the flag. */
const char *program_flag(const struct program *, char flag);

/* Is the word a subcommand with words of its own? If so, the subcommand's words
 * count from now on. */
bool program_enter(struct program *, const char *word, size_t n);

#endif
