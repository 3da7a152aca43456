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

/* The next character. The text must not be at its end. */
char take(struct cursor *);

/* Behind a `$`: a name, or one of $1, $@, $?. */
void skip_parameter(struct cursor *);

bool is_assignment(struct str word);

/* NAME of NAME=value and NAME+=value. */
struct str assigned_name(struct arena *, struct str word);

/* A word before a command. */
bool is_keyword(struct str word);

/* A command which runs the command behind, and may have options. */
bool is_prefix(struct str word);

/* "$@", as written: all arguments of the script. */
bool is_all_arguments(struct str word);

/* Of words separated by BETWEEN. len 0: no such word, or unknown ends. */
struct str nth_word(struct str words, size_t n);

struct buffer {
	char *at;
	size_t n, room;
};

void buffer_put(struct arena *, struct buffer *, char);
struct str buffer_text(const struct buffer *);

/* All digits, and one at least. */
bool is_number(const struct buffer *);

/* In which functions a place of the text lies. */
struct scope {
	unsigned braces;   /* 0: in none */
	unsigned function; /* the last, counted from 1 */
	bool begins;	   /* the next brace begins one */
};

/* 0: in no function. */
unsigned scope_function(const struct scope *);

/* A keyword was read; the words of a command were. */
void scope_keyword(struct scope *, struct str keyword);
void scope_command(struct scope *, struct str words);

enum { MOST_HEREDOCS = 8 };

struct heredocs {
	struct str marks[MOST_HEREDOCS];
	size_t n;
};

/* Takes the word behind <<. False: too many words. */
bool take_heredoc_mark(struct arena *, struct cursor *, struct heredocs *);

/* Skips the lines of the here-documents which begin here: such lines are no
 * commands. False when an expansion in a line runs a command. */
bool skip_heredocs(struct cursor *, struct heredocs *);

/* True where an unquoted character makes a pattern of the word. `is_test`: a [
 * there is a command. */
bool begins_pattern(const struct cursor *, bool has_word, bool is_test);

/* The text less its double quotes. */
struct str without_quotes(struct arena *, struct str text);

/* True for a text that the shell takes as written: no expansion, no pattern. */
bool is_plain_text(struct str text);

#endif
