#include "recorder/process/copy_event.h"

#include "recorder/lib/clock.h"
#include "recorder/lib/str.h"
#include "recorder/process/reentry.h"
#include "recorder/state/process_globals.h"

static __attribute__((noinline)) void
record(const char *fn, const struct source_pos *place, callers_finder *finder)
{
	struct event_line l;

	event_begin(&l, KT_COPY, now());
	event_text(&l, "fn", fn);
	source_pos_put(&l, place);
	source_pos_put_callers_by(&l, place, finder);
	event_end(&l);
}

void record_copy(const char *fn, const struct source_pos *place,
		 callers_finder *finder)
{
	if (!recorder_enter())
		return;
	if (count_event(hash_word(source_pos_hash(place), KT_COPY),
			DEDUP_READS) == 1)
		record(fn, place, finder);
	recorder_leave();
}
