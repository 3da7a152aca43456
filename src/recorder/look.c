#include "recorder/look.h"

#include "recorder/fold.h"
#include "recorder/recorder.h"
#include "recorder/text.h"

uint64_t look_tag(const struct look *look)
{
	uint64_t tag = text_mix((uint64_t)(uintptr_t)look->caller, look->name,
				look->length);

	if (look->place)
		tag += place_tag(look->place);
	if (look->speaker)
		tag = text_mix(tag, look->speaker, text_length(look->speaker));
	if (look->value)
		tag ^= secret_tag(secret_of(look->value), guest->seed);
	else if (look->print)
		tag ^= look->print->tag;
	return tag;
}

static struct alike alike_of(const struct look *look, bool found,
			     uint64_t count)
{
	return (struct alike){.of = KT_READ,
			      .is_miss = !found,
			      .lane = count > 1 ? REPEATED
				      : found	? ORDINARY
						: VITAL,
			      .name = look->name,
			      .length = look->length,
			      .caller = look->caller,
			      .place = look->place,
			      .speaker = look->speaker};
}

static __attribute__((noinline)) void tell(const struct look *look,
					   uint64_t count)
{
	struct alike alike = alike_of(look, look->value || look->print, count);
	const struct print *found = look->print;
	struct print print;
	struct line l;
	struct fold *fold = fold_of(&alike, count, &l);

	if (look->value) {
		held_take_print(secret_of(look->value), &print);
		found = &print;
	}
	if (!look->speaker && !fold) /* a thread's own is not environ */
		held_check_one(look->name, look->length, found);
	line_begin_for(&l, KT_READ, now(), look->speaker);
	l.lane = alike.lane;
	line_text(&l, "fn", look->fn);
	line_name(&l, "name", look->name, look->length);
	line_bool(&l, "found", found != NULL);
	if (found)
		line_print(&l, "value", found);
	line_times(&l, count);
	l.has_no_stack |= fold || (look->place && look->place->line);
	if (look->caller)
		line_caller(&l, look->caller);
	if (look->place)
		place_put(&l, look->place);
	fold_end(fold, &l);
}

void look_note(const struct look *look)
{
	uint64_t count;

	if (!recorder_enter())
		return;
	count = recorder_seen(look_tag(look), SEEN_READS);
	if (count)
		tell(look, count);
	else if (look->caller && environ != guest->held.environ_seen)
		held_check();
	recorder_leave();
}
