/* Options of a command. The same table reads the arguments and prints the help:
 * the two always agree.
 *
 *	const struct opt table[] = {
 *		TEXT('o', NULL, "DIR", &dir, "record into DIR"),
 *		FLAG('q', "quiet", &quiet, "no summary"),
 *		{0}};
 *	struct opts opts = {"run [-o DIR] COMMAND", "Runs COMMAND ...", table};
 *
 * -h, --help and --color belong to every table. */
#ifndef BASE_OPTS_H
#define BASE_OPTS_H

#include "base/out.h"

/* Ends a complaint of an empty word. */
#define MAY_BE_UNSET "a variable of the shell may be unset"

struct texts {
	const char **at;
	size_t n;
};

/* One row. Exactly one of flag, text and list is set. Options with text or list
 * take an argument, named by `takes` in the help. With flag and text the
 * argument may be left out: --name, or --name=TEXT. */
struct opt {
	char letter;	  /* 0: has none */
	const char *name; /* without "--"; null: has none */
	const char *takes;
	const char *help;
	bool *flag;
	const char **text;
	struct texts *list;
};

#define FLAG(letter, name, flag, help)                                         \
	{                                                                      \
		letter, name, NULL, help, flag, NULL, NULL                     \
	}
#define TEXT(letter, name, takes, text, help)                                  \
	{                                                                      \
		letter, name, takes, help, NULL, text, NULL                    \
	}
#define LIST(letter, name, takes, list, help)                                  \
	{                                                                      \
		letter, name, takes, help, NULL, NULL, list                    \
	}

struct opts {
	const char *synopsis; /* the words behind "keytrail " */
	const char *about;
	const struct opt *table; /* ends with a row of zeros; null: empty */
	bool stops_early; /* at the first operand: the rest belongs to the
			     operand */

	/* set by opts_parse */
	bool help;
	const char *color; /* WHEN of --color=WHEN, or null */
	char **operands;
	int n_operands;

	int status; /* of a command that ends with its options */
};

/* argv[0] is the command's name. Moves the operands to the front. False when an
 * argument is no option of the table; then *ret_why is one clause. */
bool opts_parse(struct arena *, struct opts *, int argc, char **argv,
		struct str *ret_why);

void opts_help(const struct opts *, struct out *);

#endif
