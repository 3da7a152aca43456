#include "recorder/runtimes/observed_event.h"

#include "recorder/recorder.h"
#include "recorder/trace/event_line.h"

void record_hears(const char *what)
{
	struct event_line l;

	if (!recorder_enter())
		return;
	event_begin(&l, KT_HEARS, now());
	event_text(&l, "what", what);
	event_end(&l);
	recorder_leave();
}
