/* What the doctor looks at: modules fill a list of answers, doctor.c tells it.
 */
#ifndef COMMANDS_DOCTOR_H
#define COMMANDS_DOCTOR_H

#include "base/arena.h"

enum answer { ANSWER_OK, ANSWER_PART, ANSWER_NO };

struct check {
	enum answer answer;
	struct str what;   /* what is so */
	struct str advice; /* what to do about it, or len 0 */
	struct check *next;
};

struct checkup {
	struct arena *arena;
	struct check *first, **end;
	bool hopeless; /* nothing would be recorded */
};

void checkup_add(struct checkup *, enum answer, struct str what,
		 const char *advice);

/* The same, and nothing will be recorded because of it. */
void checkup_give_up(struct checkup *, struct str what, const char *advice);

/* doctor_library.c: is the recorder there, does it record? */
void check_library(struct checkup *);

/* doctor_host.c: what this host lets it do. */
void check_host(struct checkup *);

/* doctor_trace.c: is there room in the trace that is recorded into here? */
void check_trace(struct checkup *);

/* doctor_program.c: can the program be observed that `argv` would run? False:
 * there is no such command. */
bool check_program(struct checkup *, char *const *argv);

#endif
