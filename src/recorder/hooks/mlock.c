/* mlockall locks the memory of the host, and none of ours. It refuses an
 * ordinary user when all that is mapped is more than RLIMIT_MEMLOCK, however
 * little of it was touched, and our mapping alone is more. Then the host's is
 * locked part by part, if that is within the limit. mlock and mlock2 count only
 * what is locked, and need no hook. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "recorder/lib/memory_map.h"
#include "recorder/hooks/real.h"
#include "recorder/recorder.h"
#include "recorder/trace/segment_file.h"
#include "recorder/lib/syscall.h"

enum { PAGE = 4096, OURS = 3 };

/* Where the linker lets our own file begin and end. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

struct range {
	uintptr_t from, to;
};

/* What is mapped and not ours, one part after another. */
struct walk {
	struct maps maps;
	struct range ours[OURS];
	struct range rest; /* of the mapping that the last part was of */
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

/* The lowest of ours in a range; none lies at its end. */
static struct range first_of_ours(const struct range ours[OURS],
				  struct range in)
{
	struct range first = {in.to, in.to};

	for (int i = 0; i < OURS; i++)
		if (ours[i].to > in.from && ours[i].from < first.from)
			first = ours[i];
	return first;
}

/* In the upper half lies the kernel's own page, which does not count. */
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

/* A part that has no page behind it (PROT_NONE) is locked, and an error all the
 * same, of which mlockall says nothing. */
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

/* False when the host would have been refused without us. Without /proc the
 * unused part of our mapping is given back for good. */
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
		SYS(munlockall); /* what comes is to be locked no more */
	lock_parts(&w, flags);
	maps_close(&w.maps);
	return true;
}

/* So that no lock of ours counts against the host's limit, and what the kernel
 * brought in of the trace is no memory of the host. */
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
