/* The checks of `keytrail doctor`: each file fills a list of answers, and
 * doctor.c prints the list. */
#ifndef COMMANDS_DOCTOR_H
#define COMMANDS_DOCTOR_H

#include "base/arena.h"

enum answer { ANSWER_OK, ANSWER_PART, ANSWER_NO };

struct check {
	enum answer answer;
	struct str what;   /* the fact, as a sentence */
	struct str advice; /* an action for the user; len 0: none */
	struct check *next;
};

struct checkup {
	struct arena *arena;
	struct check *first, **end;
	bool hopeless;	 /* nothing would be recorded */
	bool is_refused; /* a preloaded recorder refuses this KEYTRAIL */
};

/* doctor_answers.c: adds an answer. `advice` may be null. */
void checkup_add(struct checkup *, enum answer, struct str what,
		 const char *advice);

/* Adds the answer "no": nothing would be recorded. */
void checkup_give_up(struct checkup *, struct str what, const char *advice);

/* doctor_library.c: is the recorder installed, and does it record? */
void check_library(struct checkup *);

/* doctor_host.c: the limits that this host sets the recorder. */
void check_host(struct checkup *);

/* doctor_keytrail_variable.c: how a preloaded recorder takes KEYTRAIL here. */
void check_variable(struct checkup *);

/* doctor_trace.c: is the trace of this environment full? */
void check_trace(struct checkup *);

/* doctor_program.c: can the program of the command line `argv` be observed?
 * False when the command is not found. */
bool check_program(struct checkup *, char *const *argv);

#endif
