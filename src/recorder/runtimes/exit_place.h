/* The line that called exit: an interpreter tells of the call, and libc hears
 * of the end when the interpreter is gone. */
#ifndef RECORDER_EXIT_PLACE_H
#define RECORDER_EXIT_PLACE_H

#include <stdbool.h>

#include "recorder/process/source_pos.h"

enum { EXIT_PLACE_ANY = -1 };

struct exit_place {
	bool is_set;
	int status; /* or EXIT_PLACE_ANY */
	struct source_pos place;
	struct callers callers;
};

/* The note of this process, to be filled in. */
struct exit_place *exit_place(void);

/* The program is about to end. True when source_pos_current() and its callers
 * were set to the line that called exit. */
bool exit_place_apply(int status);

#endif
