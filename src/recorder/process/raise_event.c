#include "recorder/process/raise_event.h"

#include "recorder/lib/clock.h"
#include "recorder/lib/str.h"
#include "recorder/process/redact/redact.h"
#include "recorder/process/reentry.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/event_caller.h"

static uint64_t tag_of(const struct raise_event *r)
{
	uint64_t tag = hash_bytes(KT_RAISE * 2 + r->is_handled, r->type,
				  str_length(r->type));

	tag = hash_word(tag, (uintptr_t)r->caller);
	if (r->frame_count)
		tag = hash_word(tag, *r->frames);
	return r->place ? tag + source_pos_hash(r->place) : tag;
}

static void put_class(struct event_line *l, const char *key, const char *module,
		      const char *type)
{
	event_string(l, key);
	if (module) {
		redact_known_part(l, module);
		event_part(l, ".", 1);
	}
	redact_known_part(l, type);
	event_item_end(l);
}

static void put_missing(struct event_line *l, const struct missing_names *names)
{
	event_array(l, "missing");
	for (const char *n = names->text; *n; n += str_length(n) + 1) {
		event_item(l);
		event_part_name(l, n, str_length(n));
		event_item_end(l);
	}
	event_array_end(l);
}

static __attribute__((noinline)) void record(const struct raise_event *r)
{
	struct event_line l;

	event_begin(&l, KT_RAISE, now());
	if (r->fn)
		event_text(&l, "fn", r->fn);
	put_class(&l, "type", r->module, r->type);
	if (r->cause.type)
		put_class(&l, r->is_context ? "context" : "cause",
			  r->cause.module, r->cause.type);
	if (r->is_about_credential)
		event_bool(&l, "credential", true);
	if (r->missing && *r->missing->text)
		put_missing(&l, r->missing);
	if (r->is_handled)
		event_bool(&l, "handled", true);
	if (r->by && *r->by)
		event_text(&l, "by", r->by);
	l.has_no_stack |= r->place != NULL;
	if (r->frame_count)
		event_frames(&l, r->frames, r->frame_count);
	else
		event_caller(&l, r->caller);
	if (r->place)
		source_pos_put(&l, r->place);
	if (r->place && r->callers)
		source_pos_put_callers(&l, r->place, r->callers);
	event_end(&l);
}

void record_raise(const struct raise_event *r)
{
	uint64_t count;

	if (!recorder_enter())
		return;
	count = count_event(tag_of(r), DEDUP_READS);
	if (r->is_once ? count == 1 : count)
		record(r);
	recorder_leave();
}
