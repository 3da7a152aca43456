/* Redaction of one command, word by word. The state holds the mark of the next
 * word, the program's row, and the number of operands so far. */
#ifndef RECORDER_REDACT_COMMAND_H
#define RECORDER_REDACT_COMMAND_H

#include "recorder/process/redact/redact_programs.h"
#include "recorder/process/redact/redact_text.h"

struct command {
	struct program program;
	char next;	  /* the mark of the next word, 0: none */
	uint8_t operands; /* words other than options, so far */
	uint8_t skip;  /* words left before the command begun by this command */
	bool is_begun; /* the program's name was met */
	bool is_wrapper; /* another command follows */
	bool may_switch; /* any program's name begins its row */
	bool has_rest;	 /* all further words are secrets */
	bool has_ended_options;
};

/* A fresh command is zeroed. */
void command_word(struct reading *, struct command *, const char *s, size_t n);

/* The path of the command's own program, shown as given: the file exists. */
void command_program(struct reading *, struct command *, const char *path);

#endif
