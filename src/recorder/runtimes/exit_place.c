#include "recorder/runtimes/exit_place.h"

#include "recorder/state/process_globals.h"

static struct exit_place noted;

struct exit_place *exit_place(void)
{
	return &noted;
}

/* A note of another status is not of this end: the call was caught. */
bool exit_place_apply(int status)
{
	if (!noted.is_set || thread.vforked ||
	    (noted.status != EXIT_PLACE_ANY &&
	     (noted.status & 0xff) != (status & 0xff)))
		return false;
	*source_pos_current() = noted.place;
	*source_pos_callers() = noted.callers;
	return true;
}
