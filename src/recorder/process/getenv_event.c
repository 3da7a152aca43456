#include "recorder/process/env_state.h"
#include "recorder/process/getenv_event.h"

#include "recorder/trace/event_caller.h"
#include "recorder/process/fold.h"
#include "recorder/process/language_copy.h"
#include "recorder/lib/clock.h"
#include "recorder/process/reentry.h"
#include "recorder/state/process_globals.h"
#include "recorder/lib/str.h"
#include "shared/source_owner.h"

uint64_t getenv_event_tag(const struct getenv_event *look)
{
	uint64_t tag = hash_bytes((uint64_t)(uintptr_t)look->caller, look->name,
				  look->length);

	if (look->place)
		tag += source_pos_hash(look->place);
	if (look->image_id)
		tag = hash_bytes(tag, look->image_id,
				 str_length(look->image_id));
	if (look->value)
		tag ^= secret_tag(secret_of(look->value), globals->seed);
	else if (look->print)
		tag ^= look->print->tag;
	return tag;
}

static struct alike alike_of(const struct getenv_event *look, bool found,
			     uint64_t count)
{
	return (struct alike){.of = KT_READ,
			      .is_miss = !found,
			      .lane = count > 1 ? REPEATED
				      : found	? ORDINARY
						: MISS,
			      .name = look->name,
			      .length = look->length,
			      .caller = look->caller,
			      .place = look->place,
			      .image_id = look->image_id};
}

/* A line of a library is no line of the program's author. */
static bool is_in_library(const struct source_pos *p)
{
	return p && p->line &&
	       find_source_owner(p->file, str_length(p->file)).owner ==
		       SOURCE_LIBRARY;
}

static bool is_bad(const struct fingerprint *found)
{
	const uint32_t harmless = KT_IS_JSON | KT_IS_PEM | KT_IS_HEX;

	return !found || found->is & ~harmless;
}

/* The callers are told where a report would need them: of a read without a
 * result, or with a result that cannot be right, and of a library's read for
 * the program, whose value may be another provider's or an older one. */
static __attribute__((noinline)) void
put_callers(struct event_line *l, const struct getenv_event *look,
	    const struct fingerprint *found)
{
	struct callers callers;

	callers.own = 0; /* a finder that found nothing leaves it */
	look->find_callers(&callers);
	if (is_bad(found) || callers.own)
		source_pos_put_callers(l, look->place, &callers);
}

static bool needs_callers(const struct getenv_event *look,
			  const struct fingerprint *found)
{
	return look->find_callers &&
	       (is_bad(found) || is_in_library(look->place));
}

static __attribute__((noinline)) void record(const struct getenv_event *look,
					     uint64_t count)
{
	const struct fingerprint *found = look->print;
	struct fingerprint print;
	struct event_line l;
	struct alike alike;
	struct fold *fold;

	if (look->find_function)
		look->find_function(look->place);
	alike = alike_of(look, look->value || look->print, count);
	fold = fold_of(&alike, count, &l);
	if (look->value) {
		env_state_fingerprint(secret_of(look->value), &print);
		found = &print;
	}
	if (!look->image_id && !fold) /* a thread's own is not environ */
		env_state_check_one(look->name, look->length, found);
	event_begin_for(&l, KT_READ, now(), look->image_id);
	l.lane = alike.lane;
	event_text(&l, "fn", look->fn);
	event_name(&l, "name", look->name, look->length);
	event_bool(&l, "found", found != NULL);
	if (found)
		event_fingerprint(&l, "value", found);
	if (!look->image_id)
		language_copy_put(&l, look->is_of_copy ? KT_ENVIRONMENT_COPY
						       : KT_ENVIRONMENT_LIBC);
	event_times(&l, count);
	l.has_no_stack |= fold || (look->place && look->place->line);
	if (look->caller)
		event_caller(&l, look->caller);
	if (look->place)
		source_pos_put(&l, look->place);
	if (count == 1 && !fold && needs_callers(look, found))
		put_callers(&l, look, found);
	fold_end(fold, &l);
}

void record_getenv(const struct getenv_event *look)
{
	uint64_t count;

	if (!recorder_enter())
		return;
	count = count_event(getenv_event_tag(look), DEDUP_READS);
	if (count)
		record(look, count);
	else if (look->caller && environ != globals->env_state.environ_seen)
		env_state_check();
	recorder_leave();
}
