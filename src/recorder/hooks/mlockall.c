/* mlockall locks the memory of the host, and none of the recorder's. The kernel
 * refuses an ordinary user when the size of all mappings exceeds
 * RLIMIT_MEMLOCK, touched or not, and the recorder's mapping alone exceeds the
 * limit. The hook then locks the host's mappings part by part, if their size is
 * within the limit. mlock and mlock2 count only the locked range, and need no
 * hook. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "recorder/lib/memory_map.h"
#include "recorder/hooks/real.h"
#include "recorder/recorder.h"
#include "recorder/trace/segment_file.h"
#include "recorder/lib/syscall.h"

enum { PAGE = 4096, OURS = 3 };

/* Begin and end of the recorder's own file, as the linker lays the file out. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

struct range {
	uintptr_t from, to;
};

/* A walk over all mappings but the recorder's, part by part. */
struct walk {
	struct maps maps;
	struct range ours[OURS];
	struct range rest; /* of the mapping of the last part */
};

static struct range pages_of(const void *at, size_t size)
{
	uintptr_t from = (uintptr_t)at, in_page = PAGE - 1;

	return (struct range){from & ~in_page,
			      (from + size + in_page) & ~in_page};
}

static void find_ours(struct range ours[OURS])
{
	size_t size = 0;
	const void *segment = segment_mapping(&size);

	ours[0] = pages_of(segment, size);
	ours[1] = pages_of(globals, sizeof *globals);
	ours[2] = pages_of(__ehdr_start, (size_t)(_end - __ehdr_start));
}

static bool begin(struct walk *w)
{
	w->rest = (struct range){0, 0};
	find_ours(w->ours);
	return maps_open(&w->maps);
}

/* The recorder's lowest range within `range`; an empty range at the end of
 * `range` when there is none. */
static struct range first_of_ours(const struct range ours[OURS],
				  struct range in)
{
	struct range first = {in.to, in.to};

	for (int i = 0; i < OURS; i++)
		if (ours[i].to > in.from && ours[i].from < first.from)
			first = ours[i];
	return first;
}

/* The upper half of the address space holds only the kernel's own page, which
 * does not count. */
static __attribute__((noinline)) bool next_part(struct walk *w,
						struct range *ret)
{
	struct mapping m;
	struct range own;

	do {
		while (w->rest.from >= w->rest.to) {
			if (!maps_next(&w->maps, &m) || m.to > INTPTR_MAX)
				return false;
			w->rest = (struct range){m.from, m.to};
		}
		own = first_of_ours(w->ours, w->rest);
		*ret = (struct range){w->rest.from, own.from};
		w->rest.from = own.to;
	} while (ret->from >= ret->to);
	return true;
}

static bool is_within_limit(struct walk *w)
{
	struct rlimit limit;
	struct range part;
	uint64_t bytes = 0;

	while (next_part(w, &part))
		bytes += part.to - part.from;
	return !SYS(prlimit64, 0, RLIMIT_MEMLOCK, NULL, &limit) &&
	       bytes <= limit.rlim_cur;
}

/* For a part without pages (PROT_NONE) the kernel sets the lock and returns an
 * error. mlockall reports no such error. */
static void lock_parts(struct walk *w, int flags)
{
	struct range part;

	while (next_part(w, &part))
		if (flags & MCL_ONFAULT)
			SYS(mlock2, part.from, part.to - part.from,
			    MLOCK_ONFAULT);
		else
			SYS(mlock, part.from, part.to - part.from);
}

/* False when the kernel would have refused the host without a recorder, too.
 * Without /proc the unused part of the recorder's mapping is released for good.
 */
static __attribute__((noinline)) bool lock_host(int flags)
{
	struct walk w;
	bool fits;

	if (!begin(&w)) {
		segment_shrink();
		return !SYS(mlockall, flags);
	}
	fits = is_within_limit(&w);
	maps_close(&w.maps);
	if (!fits || !begin(&w))
		return false;
	if (flags & MCL_FUTURE)
		SYS(mlockall, flags & ~MCL_CURRENT);
	else
		SYS(munlockall); /* later mappings are no longer locked */
	lock_parts(&w, flags);
	maps_close(&w.maps);
	return true;
}

/* Unlocks the recorder's memory: no lock of the recorder counts against the
 * host's limit, and pages of the trace do not count as locked memory of the
 * host. */
static void unlock_ours(void)
{
	struct range ours[OURS];

	find_ours(ours);
	for (int i = 0; i < OURS; i++)
		SYS(munlock, ours[i].from, ours[i].to - ours[i].from);
	SYS(madvise, ours[0].from, ours[0].to - ours[0].from, MADV_DONTNEED);
}

EXPORT int mlockall(int flags)
{
	int before = host_errno(), result = REAL(mlockall)(flags);
	bool is_refused = result && host_errno() == ENOMEM;

	if (!(flags & MCL_CURRENT) || (result && !is_refused) ||
	    !recorder_enter())
		return result;
	if (is_refused && lock_host(flags)) {
		host_set_errno(before);
		result = 0;
	}
	if (!result)
		unlock_ours();
	recorder_leave();
	return result;
}
