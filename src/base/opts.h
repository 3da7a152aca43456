/* Options of a command: a table that reads the arguments and prints its own
 * help, so that the two cannot part.
 *
 *	const struct opt table[] = {
 *		{'o', NULL, "DIR", "record into DIR", .text = &dir},
 *		{'q', "quiet", NULL, "no summary", .flag = &quiet},
 *		{0}};
 *	struct opts opts = {"run [-o DIR] COMMAND", "Runs COMMAND ...", table};
 *
 * -h and --help are in every table without being told. */
#ifndef BASE_OPTS_H
#define BASE_OPTS_H

#include "base/out.h"

struct texts {
	const char **at;
	size_t n;
};

/* One row. Exactly one of flag, text and list is set; the latter two take an
 * argument, which `takes` names in the help. */
struct opt {
	char letter;	  /* 0: has none */
	const char *name; /* without "--"; null: has none */
	const char *takes;
	const char *help;
	bool *flag;
	const char **text;
	struct texts *list;
};

struct opts {
	const char *synopsis; /* what follows "keytrail " */
	const char *about;
	const struct opt *table; /* ends with a row of zeros */
	bool stops_early;	 /* at the first operand: the rest is its own */

	bool help; /* set by opts_parse: -h was there */
	char **operands;
	int n_operands;
};

/* argv[0] is the command's name. Moves the operands to the front. False, with
 * one clause in *ret_why, when an argument is none of ours. */
bool opts_parse(struct arena *, struct opts *, int argc, char **argv,
		struct str *ret_why);

void opts_help(const struct opts *, struct out *);

#endif
