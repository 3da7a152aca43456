#include "recorder/runtimes/exit_note.h"

#include "recorder/state/process_globals.h"

static struct exit_note noted;

struct exit_note *exit_note(void)
{
	return &noted;
}

/* A note of another status is not of this end: the call was caught. */
bool exit_note_apply(int status)
{
	if (!noted.is_set || thread.vforked ||
	    (noted.status != EXIT_NOTE_ANY &&
	     (noted.status & 0xff) != (status & 0xff)))
		return false;
	*source_pos_current() = noted.place;
	*source_pos_callers() = noted.callers;
	return true;
}
