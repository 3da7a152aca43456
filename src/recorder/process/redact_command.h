/* The words of one command, one after the other: what the last one said of the
 * next, which program's row counts, how many words there were. */
#ifndef RECORDER_REDACT_COMMAND_H
#define RECORDER_REDACT_COMMAND_H

#include "recorder/process/redact_programs.h"
#include "recorder/process/redact_text.h"

struct command {
	struct program program;
	char next;	  /* the mark of the next word, 0: none */
	uint8_t operands; /* words that were no options */
	uint8_t skip;	  /* words before the command that this one begins */
	bool is_begun;	  /* the program's name was met */
	bool is_wrapper;  /* another command follows */
	bool may_switch;  /* a program's name anywhere begins its row */
	bool has_rest;	  /* all words that follow are secrets */
	bool has_ended_options;
};

/* A fresh command is zeroed. */
void command_word(struct reading *, struct command *, const char *s, size_t n);

/* The program itself, shown as it is: its file is there. */
void command_program(struct reading *, struct command *, const char *path);

#endif
