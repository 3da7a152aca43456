#include "recorder/process/change_event.h"

#include "recorder/lib/clock.h"
#include "recorder/lib/str.h"
#include "recorder/process/env_state.h"
#include "recorder/process/fold.h"
#include "recorder/process/language_copy.h"
#include "recorder/process/source_pos.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/event_caller.h"
#include "recorder/trace/event_line.h"
#include "recorder/trace/recognized_names.h"

static uint64_t tag_of(const struct change *c, const struct fingerprint *p)
{
	uint64_t tag = (uint64_t)(uintptr_t)c->caller * 31 + c->had +
		       2 * language_copy_changed();

	tag = hash_bytes(tag, c->name, c->length);
	if (source_pos_current()->line)
		tag += source_pos_hash(source_pos_current());
	return p ? tag ^ p->tag : ~tag;
}

static struct fold *fold_change(const struct change *c, enum kt_event of,
				uint64_t count, struct event_line *l)
{
	return fold_of(
		&(struct alike){.of = of,
				.lane = of == KT_SET ? ORDINARY : IMPORTANT,
				.name = c->name,
				.length = c->length,
				.caller = c->caller,
				.place = source_pos_current()},
		count, l);
}

static void end_change(struct event_line *l, const struct change *c,
		       uint64_t count, struct fold *fold)
{
	language_copy_put(l, language_copy_changed());
	event_times(l, count);
	l->has_no_stack |= fold != NULL;
	event_caller(l, c->caller);
	source_pos_put(l, source_pos_current());
	if (count == 1 && !fold)
		source_pos_put_current_callers(l);
	fold_end(fold, l);
}

__attribute__((noinline)) void record_set(const struct change *c,
					  const char *value, int error)
{
	struct fingerprint print;
	struct event_line l;
	struct fold *fold;
	uint64_t count;
	bool kept = c->had && c->keeps;

	env_state_fingerprint(secret_of(value), &print);
	recognized_name_add(c->name, c->length, environ);
	count = count_event(tag_of(c, &print), DEDUP_CHANGES);
	if (!count)
		return;
	fold = fold_change(c, KT_SET, count, &l);
	if (!error && !kept && fold)
		env_state_fold(c->name, c->length);
	else if (!error && !kept)
		env_state_set(c->name, c->length, &print);
	event_begin(&l, KT_SET, now());
	event_text(&l, "fn", c->fn);
	event_name(&l, "name", c->name, c->length);
	event_fingerprint(&l, "value", &print);
	if (kept)
		event_bool(&l, "kept", true);
	else if (c->cut)
		event_bool(&l, "cut", true);
	if (error)
		event_number(&l, "errno", (uint64_t)error);
	end_change(&l, c, count, fold);
}

__attribute__((noinline)) void record_unset(const struct change *c)
{
	uint64_t count = count_event(tag_of(c, NULL), DEDUP_CHANGES);
	struct fold *fold;
	struct event_line l;

	if (!count)
		return;
	fold = fold_change(c, KT_UNSET, count, &l);
	if (!fold)
		env_state_unset(c->name, c->length);
	event_begin(&l, KT_UNSET, now());
	event_text(&l, "fn", c->fn);
	event_name(&l, "name", c->name, c->length);
	event_bool(&l, "had", c->had);
	end_change(&l, c, count, fold);
}

__attribute__((noinline)) void record_clear(const char *fn, const void *caller)
{
	struct event_line l;

	event_begin(&l, KT_CLEAR, now());
	event_text(&l, "fn", fn);
	event_caller(&l, caller);
	source_pos_put(&l, source_pos_current());
	language_copy_put(&l, KT_ENVIRONMENT_LIBC);
	event_number(&l, "vars", env_count(environ));
	source_pos_put_current_callers(&l);
	env_state_list_env(&l, "had", environ);
	event_end(&l);
}
