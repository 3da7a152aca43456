#include "recorder/process/fold.h"

#include "recorder/trace/event_caller.h"
#include "recorder/lib/clock.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/segment.h"
#include "recorder/lib/str.h"

/* The properties that folded events share. Each level shares fewer than the
 * level before. */
enum level { BY_NAME, BY_PLACE, BY_KIND, LEVELS };

enum {
	BEING_MADE = 1,	      /* struct fold.counter */
	MORE_THAN_HEAD = 320, /* bytes of an event beyond its head */
};

/* A fold without a place in the segment: such events are counted as lost. */
static struct fold nowhere;

static void find_tags(const struct alike *a, uint64_t tag[LEVELS])
{
	uint64_t kind = (uint64_t)a->of * 2 + a->is_miss + 1;
	uint64_t place = hash_word(kind, (uint64_t)(uintptr_t)a->caller);

	if (a->place && a->place->line)
		place += source_pos_hash(a->place);
	if (a->image_id)
		place = hash_bytes(place, a->image_id, str_length(a->image_id));
	tag[BY_KIND] = hash_word(~kind, 0);
	tag[BY_PLACE] = hash_word(place, kind);
	tag[BY_NAME] = hash_bytes(place, a->name, a->length);
}

/* ---- which level is due? ---------------------------------------------------
 */

/* The widest level that has used up its share, when this event is to be folded;
 * else LEVELS. A name counts once for its call site, a call site once for its
 * kind. */
static enum level find_due(const uint64_t tag[LEVELS])
{
	static const uint64_t told[LEVELS] = {KT_CHANGES_TOLD, KT_NAMES_TOLD,
					      KT_NAMES_TOLD};
	struct dedup *dedup = &globals->life.dedup;
	enum level due = LEVELS;
	bool is_new = true;

	for (enum level i = BY_NAME; i < LEVELS; i++) {
		uint64_t count = is_new ? dedup_add(dedup, tag[i])
					: dedup_count(dedup, tag[i]);

		if (is_new ? !dedup_is_told(count, told[i]) : count > told[i])
			due = i;
		is_new = is_new && count == 1;
	}
	return due;
}

/* ---- the table of folds ----------------------------------------------------
 */

static struct fold *find(struct fold *f, const struct fold *end, uint64_t tag)
{
	for (; f < end; f++) {
		uint64_t there = atomic_load(&f->tag);

		if (there == tag || (!there && (atomic_compare_exchange_strong(
							&f->tag, &there, tag) ||
						there == tag)))
			return f;
	}
	return NULL;
}

static struct fold *find_at(enum level level, uint64_t tag)
{
	struct folds *folds = &globals->life.folds;

	return level == BY_KIND
		       ? find(folds->kind, folds->kind + FOLD_KINDS, tag | 1)
		       : find(folds->one, folds->one + FOLDS, tag | 1);
}

static bool is_made(uint64_t tag)
{
	const struct folds *folds = &globals->life.folds;

	for (const struct fold *f = folds->one; f < folds->one + FOLDS; f++)
		if (atomic_load(&f->tag) == (tag | 1))
			return atomic_load(&f->counter);
	return false;
}

/* ---- the head: the line that counts ----------------------------------------
 */

static void begin_head(struct event_line *l, const struct alike *a)
{
	event_begin_for(l, KT_FOLD, now(), a->image_id);
	l->has_no_stack = true;
}

static void put_head(struct event_line *l, const struct alike *a,
		     enum level level)
{
	event_kind(l, "of", a->of);
	if (a->of == KT_READ)
		event_bool(l, "found", !a->is_miss);
	if (level == BY_NAME)
		event_name(l, "name", a->name, a->length);
	if (level == BY_KIND)
		return;
	event_caller(l, a->caller);
	if (a->place)
		source_pos_put(l, a->place);
}

/* Raises the counter to n. Another thread's higher count stays. */
static void raise(struct fold *f, uint64_t n)
{
	uint64_t *digits = (uint64_t *)atomic_load(&f->counter), there, counter;

	if ((uintptr_t)digits <= BEING_MADE)
		return;
	there = __atomic_load_n(digits, __ATOMIC_RELAXED);
	while (kt_counter_of(there, &counter) && counter < n &&
	       !__atomic_compare_exchange_n(digits, &there, kt_digits_of(n),
					    true, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED))
		;
}

/* False when the segment has no space. */
static bool make(struct fold *f, const struct alike *a, enum level level,
		 struct event_line *l)
{
	enum lane lane = level == BY_KIND ? VITAL : IMPORTANT;
	uint16_t counter;
	size_t head;
	char *at;

	begin_head(l, a);
	counter = event_counter(l, "n");
	put_head(l, a, level);
	event_close(l);
	head = (l->length + 7u) & ~7u;
	f->slot_bytes = (uint32_t)(head + MORE_THAN_HEAD);
	at = segment_claim(head + FOLD_LAST * f->slot_bytes, lane);
	if (!at)
		return false;
	__builtin_memcpy(at, l->at, l->length);
	f->slots = at + head;
	atomic_store(&f->counter, (uintptr_t)(at + counter));
	raise(f, atomic_load(&f->n));
	event_record_modules(l);
	return true;
}

/* Without a mapped segment no line can be rewritten: the head is recorded again
 * at powers of two. */
static struct fold *append_head(struct fold *f, const struct alike *a,
				enum level level, struct event_line *l)
{
	uint64_t n = 1 + atomic_fetch_add(&f->n, 1);

	if (!dedup_is_told(n, 1))
		return &nowhere;
	begin_head(l, a);
	event_number(l, "n", n);
	put_head(l, a, level);
	event_end(l);
	return &nowhere;
}

/* NULL when the segment has no space. */
static struct fold *count(struct fold *f, const struct alike *a,
			  enum level level, struct event_line *l)
{
	uint64_t n = 1 + atomic_fetch_add(&f->n, 1);
	uintptr_t none = 0;

	if (atomic_compare_exchange_strong(&f->counter, &none, BEING_MADE) &&
	    !make(f, a, level, l)) {
		atomic_fetch_sub(&f->n, 1);
		atomic_store(&f->counter, 0);
		return NULL;
	}
	raise(f, n);
	return f;
}

/* Folds at this level, or at a wider level when the table of folds or the
 * segment is full. */
static struct fold *fold_from(enum level level, const uint64_t tag[LEVELS],
			      const struct alike *a, struct event_line *l)
{
	for (; level < LEVELS; level++) {
		struct fold *f = find_at(level, tag[level]), *counted;

		if (f && !segment_is_mapped())
			return append_head(f, a, level, l);
		counted = f ? count(f, a, level, l) : NULL;
		if (counted)
			return counted;
	}
	segment_count_lost();
	return &nowhere;
}

struct fold *fold_of(const struct alike *a, uint64_t met, struct event_line *l)
{
	uint64_t tag[LEVELS];
	enum level due;

	find_tags(a, tag);
	due = met == 1 ? find_due(tag) : LEVELS;
	if (due == LEVELS) {
		if (segment_has_room(a->lane))
			return NULL;
		due = is_made(tag[BY_NAME]) ? BY_NAME : BY_PLACE;
	}
	return fold_from(due, tag, a, l);
}

/* ---- the last events -------------------------------------------------------
 */

/* A line begins with '{', which is written last and removed first. A reader,
 * also after a kill, never takes half a line for a whole line. */
static void rewrite(char *slot, size_t size, const char *line, size_t n)
{
	__atomic_store_n(slot, '\n', __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	__builtin_memcpy(slot + 1, line + 1, n - 1);
	__builtin_memset(slot + n, '\n', size - n);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	__atomic_store_n(slot, *line, __ATOMIC_RELAXED);
}

static void keep(struct fold *f, const struct event_line *l)
{
	size_t i = atomic_load(&f->n) % FOLD_LAST;

	if (atomic_load(&f->counter) <= BEING_MADE ||
	    l->length > f->slot_bytes || atomic_exchange(&f->busy[i], true))
		return;
	rewrite(f->slots + i * f->slot_bytes, f->slot_bytes, l->at, l->length);
	atomic_store(&f->busy[i], false);
}

void fold_end(struct fold *f, struct event_line *l)
{
	if (!f) {
		event_end(l);
		return;
	}
	event_close(l);
	if (f != &nowhere)
		keep(f, l);
	event_record_modules(l);
}
