#include "recorder/process/copy_event.h"

#include "recorder/lib/clock.h"
#include "recorder/lib/str.h"
#include "recorder/process/reentry.h"
#include "recorder/state/process_globals.h"

static uint64_t tag_of(const struct source_pos *place, const char *image_id)
{
	uint64_t tag = hash_word(source_pos_hash(place), KT_COPY);

	return image_id ? hash_bytes(tag, image_id, str_length(image_id)) : tag;
}

static __attribute__((noinline)) void record(const char *fn,
					     const struct source_pos *place,
					     callers_finder *finder,
					     const char *image_id)
{
	struct event_line l;

	event_begin_for(&l, KT_COPY, now(), image_id);
	event_text(&l, "fn", fn);
	source_pos_put(&l, place);
	source_pos_put_callers_by(&l, place, finder);
	event_end(&l);
}

void record_copy(const char *fn, const struct source_pos *place,
		 callers_finder *finder, const char *image_id)
{
	if (!recorder_enter())
		return;
	if (count_event(tag_of(place, image_id), DEDUP_READS) == 1)
		record(fn, place, finder, image_id);
	recorder_leave();
}

bool copy_is_harmless(const char *file, const copy_path_part *rows,
		      size_t count)
{
	size_t length = str_length(file);

	for (size_t i = 0; i < count; i++)
		if (str_mentions(file, length, rows[i]))
			return true;
	return false;
}
