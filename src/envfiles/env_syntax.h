/* The loaders: each reads an env file by rules of its own.
 *
 * To add one: a file read_NAME.c with a function of type env_reader, and a row
 * in ENV_SYNTAXES. tests/journeys/env_files.py compares the readers with the
 * real loaders. */
#ifndef ENVFILES_ENV_SYNTAX_H
#define ENVFILES_ENV_SYNTAX_H

#include "envfiles/env_text.h"

/* The word in the trace, the reader, and flags of the reader. */
#define ENV_SYNTAXES(SYNTAX)                                                   \
	SYNTAX(DOTENV, "dotenv", read_dotenv, 0)                               \
	SYNTAX(RUBY_DOTENV, "ruby-dotenv", read_dotenv, ENV_RUBY)              \
	SYNTAX(PYTHON_DOTENV, "python-dotenv", read_python_dotenv, 0)          \
	SYNTAX(NODE, "node", read_node, 0)                                     \
	SYNTAX(PHPDOTENV, "phpdotenv", read_phpdotenv, 0)                      \
	SYNTAX(SHELL, "shell", read_shell, 0)                                  \
	SYNTAX(DOCKER, "docker", read_docker, 0)                               \
	SYNTAX(SYSTEMD, "systemd", read_systemd, 0)                            \
	SYNTAX(MAKE, "make", read_make, 0)                                     \
	SYNTAX(AWS, "aws", read_aws, 0)

enum env_syntax {
#define SYNTAX(id, word, reader, flags) ENV_##id,
	ENV_SYNTAXES(SYNTAX)
#undef SYNTAX
		ENV_SYNTAX_COUNT, /* no assignments: the whole file is one value
				   */
};

#define SYNTAX(id, word, reader, flags) env_reader reader;
ENV_SYNTAXES(SYNTAX)
#undef SYNTAX

/* Fills the list of the text. ENV_SYNTAX_COUNT fills nothing. */
void env_text_read(struct env_text *, enum env_syntax);

/* "dotenv"; "secret" for ENV_SYNTAX_COUNT. */
const char *env_syntax_word(enum env_syntax);

#endif
