#include "recorder/trace/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/lib/clock.h"
#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/segment_file.h"
#include "recorder/trace/trace_file.h"

enum {
	HEAD = sizeof(struct kt_segment),
	RESERVE = 64 << 10, /* kept for more than ORDINARY events, at least */
};

static bool is_out_of_reach; /* no file in the trace directory can be used */

static void count(uint64_t *digits)
{
	uint64_t before;

	segment_add_within(digits, 1, KT_COUNTER_MAX, &before);
}

void segment_count_lost(void)
{
	atomic_fetch_add(&globals->life.lost, 1);
	if (mapped_segment.bytes)
		count(&mapped_segment.head->lost);
}

void segment_count_skipped(void)
{
	if (mapped_segment.bytes)
		count(&mapped_segment.head->skipped);
}

/* Where the lane ends. */
static uint64_t end_of(enum lane lane)
{
	uint64_t all = segment_room(), kept = all / 16;

	if (kept < RESERVE)
		kept = RESERVE < all / 4 ? RESERVE : all / 4;
	switch (lane) {
	case REPEATED:
		return all / 2;
	case ORDINARY:
		return all - kept;
	case IMPORTANT:
		return all - kept / 2;
	case BIRTH:
		return all - kept / 8 * 3;
	case MISS:
		return all - kept / 4;
	case VITAL:
		return all;
	}
	return 0;
}

/* Reserves n bytes. NULL when the lane has no space. */
static char *reserve(size_t n, enum lane lane)
{
	uint64_t at;

	return segment_add_within(&mapped_segment.head->used, n, end_of(lane),
				  &at) &&
			       at >= HEAD
		       ? mapped_segment.bytes + at
		       : NULL;
}

bool segment_is_mapped(void)
{
	return mapped_segment.bytes;
}

char *segment_claim(size_t n, enum lane lane)
{
	char *at = mapped_segment.bytes ? reserve(n + 7, lane) : NULL;

	return at ? at + (-(uintptr_t)at & 7) : NULL;
}

static bool append(const char *line, size_t n)
{
	struct stat st;
	long fd, written;

	if (is_out_of_reach)
		return false;
	fd = trace_file_open(".append.jsonl", O_WRONLY | O_APPEND | O_CREAT,
			     &st);
	if (fd < 0) {
		is_out_of_reach = fd != -EMFILE && fd != -ENFILE;
		return false;
	}
	if (segment_exceeds_limit((uint64_t)st.st_size + n) ||
	    (uint64_t)st.st_size + n > globals->settings.max)
		written = -1;
	else
		written = SYS(write, fd, line, n);
	SYS(close, fd);
	return written == (long)n;
}

static bool place(const char *line, size_t n, enum lane lane)
{
	char *to;

	if (!mapped_segment.bytes)
		return append(line, n);
	to = reserve(n, lane);
	if (to)
		__builtin_memcpy(to, line, n);
	return to;
}

/* {"e":KIND,"t":now,"image":self,KEY:n} */
static bool record(const char *kind, const char *key, uint64_t n,
		   enum lane lane)
{
	char line[192] = "", t[21], number[21];
	const char *const parts[] = {
		"{\"e\":\"",	 kind,		"\",\"t\":", t,
		",\"image\":\"", globals->self, "\",\"",     key,
		"\":",		 number,	"}\n"};

	str_decimal(t, now());
	str_decimal(number, n);
	for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
		str_append(line, sizeof line, parts[i]);
	return place(line, str_length(line), lane);
}

/* Called for each line, to record losses as soon as the segment has space
 * again. */
static void record_losses(void)
{
	uint64_t lost = atomic_load(&globals->life.lost);
	uint64_t told = atomic_load(&globals->life.told_lost);

	if (lost == told || !segment_has_room(ORDINARY) ||
	    !atomic_compare_exchange_strong(&globals->life.told_lost, &told,
					    lost))
		return;
	if (!record("lost", "n", lost - told, ORDINARY))
		atomic_store(&globals->life.told_lost, told);
}

/* Records `full` once in a segment: the first caller turns the last newline of
 * the first line into a blank. */
static void record_full(void)
{
	char *mark =
		&mapped_segment.head->end[sizeof mapped_segment.head->end - 1];

	if (segment_is_full_grown() && *mark == '\n' &&
	    __atomic_exchange_n(mark, ' ', __ATOMIC_RELAXED) == '\n')
		record("full", "max", segment_room(), VITAL);
}

bool segment_has_room(enum lane lane)
{
	if (!mapped_segment.bytes)
		return true;
	if (segment_used() + LINE_BYTES <= end_of(lane))
		return true;
	record_full();
	return false;
}

void segment_put(const char *line, size_t n, enum lane lane)
{
	if (atomic_load_explicit(&globals->life.lost, memory_order_relaxed) !=
	    atomic_load_explicit(&globals->life.told_lost,
				 memory_order_relaxed))
		record_losses();
	if (place(line, n, lane))
		return;
	if (mapped_segment.bytes)
		record_full();
	segment_count_lost();
}
