/* Words and here-documents of the shell's language. */
#ifndef COMMAND_SITES_SHELL_GRAMMAR_H
#define COMMAND_SITES_SHELL_GRAMMAR_H

#include "base/arena.h"

struct cursor {
	const char *at, *end;
	unsigned long line;
};

/* True when this text comes next. */
bool is_at(const struct cursor *, const char *text);

/* The next character. There must be one. */
char take(struct cursor *);

bool is_assignment(struct str word);

/* A word before a command. */
bool is_keyword(struct str word);

/* A command that runs the command behind it, and may have options. */
bool is_prefix(struct str word);

/* Of words with BETWEEN between them. len 0: there is none, or its ends are not
 * known. */
struct str nth_word(struct str words, size_t n);

enum { MOST_HEREDOCS = 8 };

struct heredocs {
	struct str marks[MOST_HEREDOCS];
	size_t n;
};

/* Takes the word behind <<. False when it is one too many. */
bool take_heredoc_mark(struct arena *, struct cursor *, struct heredocs *);

/* Skips the lines of the here-documents that begin here: they are no commands.
 * False when a line has an expansion that runs one. */
bool skip_heredocs(struct cursor *, struct heredocs *);

#endif
