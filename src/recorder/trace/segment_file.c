#include "recorder/trace/segment_file.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/trace_file.h"
#include "shared/file_system.h"
#include "shared/segment_growth.h"

enum {
	PAGE = KT_SEGMENT_PAGE,
	HEAD = sizeof(struct kt_segment),
	PIECE_PAGES = 16, /* announced at once */
	PATIENCE = 40,	  /* tries for the lock without room: 4 ms */
};

union mapped_segment mapped_segment;
static uint64_t mapped_bytes;
/* Identify the file. After setuid or a removal the name belongs to another
 * file. */
static uint64_t mapped_device, mapped_inode;
static bool is_shrunk;		     /* by segment_shrink() */
static _Atomic uint64_t used_before; /* when room was last asked for */

/* ---- the counters ----------------------------------------------------------
 */

static bool read_counter(const uint64_t *digits, uint64_t *ret)
{
	return kt_counter_of(__atomic_load_n(digits, __ATOMIC_ACQUIRE), ret);
}

static void write_counter(uint64_t *digits, uint64_t counter)
{
	__atomic_store_n(digits, kt_digits_of(counter), __ATOMIC_RELEASE);
}

/* Adds n to a counter, when the sum stays within `end`. *ret is the count
 * before. False when the sum would be larger, or the digits are no counter. */
bool segment_add_within(uint64_t *digits, uint64_t n, uint64_t end,
			uint64_t *ret)
{
	uint64_t expected = __atomic_load_n(digits, __ATOMIC_RELAXED);

	do
		if (!kt_counter_of(expected, ret) || *ret > end ||
		    n > end - *ret)
			return false;
	while (!__atomic_compare_exchange_n(
		digits, &expected, kt_digits_of(*ret + n), true,
		__ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}

/* False for a room with a wrong seal; *ret is then 0. Room beyond the mapping,
 * made by another writer, does not count. */
static bool read_room(uint64_t *ret)
{
	uint64_t digits =
		__atomic_load_n(&mapped_segment.head->room, __ATOMIC_ACQUIRE);
	bool ok = segment_read_room(digits, ret);

	if (*ret > mapped_bytes)
		*ret = mapped_bytes;
	return ok;
}

static void record_room(uint64_t bytes)
{
	write_counter(&mapped_segment.head->room, kt_seal_pages(bytes / PAGE));
}

uint64_t segment_room(void)
{
	uint64_t bytes;

	read_room(&bytes);
	return bytes;
}

/* A counter out of digits counts as a full segment. */
uint64_t segment_used(void)
{
	uint64_t bytes;

	return read_counter(&mapped_segment.head->used, &bytes) ? bytes
								: mapped_bytes;
}

/* ---- the file --------------------------------------------------------------
 */

static bool is_coherent(long fd)
{
	struct statfs fs;

	return !SYS(fstatfs, fd, &fs) &&
	       file_system_is_coherent((unsigned long)fs.f_type);
}

static uint64_t limit_of(int resource)
{
	struct rlimit limit;

	return SYS(prlimit64, 0, resource, NULL, &limit) ? 0 : limit.rlim_cur;
}

bool segment_exceeds_limit(uint64_t size)
{
	return limit_of(RLIMIT_FSIZE) < size;
}

static long write_at(long fd, const void *bytes, long n, long offset)
{
	return SYS(pwrite64, fd, bytes, n, offset);
}

/* Uses flock, since the kernel releases the lock of a killed process. */
static bool lock(long fd, int tries)
{
	struct timespec moment = {0, 100000};

	while (SYS(flock, fd, LOCK_EX | LOCK_NB)) {
		if (!--tries)
			return false;
		SYS(nanosleep, &moment, NULL);
	}
	return true;
}

/* Writes the head, with counters but without room: losses can be counted even
 * on a full disk. A file of another kind stays untouched. */
static bool write_head(long fd)
{
	enum { BEGIN = sizeof KT_SEGMENT_BEGIN - 1 };
	struct kt_segment head;
	char begin[BEGIN];
	long n = SYS(pread64, fd, begin, BEGIN, 0);

	if (n && (n != BEGIN || !bytes_equal(begin, KT_SEGMENT_BEGIN, BEGIN)))
		return false;
	__builtin_memcpy(&head, KT_SEGMENT_TEXT, HEAD);
	head.room = kt_digits_of(kt_seal_pages(0));
	head.used = kt_digits_of(KT_SEGMENT_FIRST);
	return SYS(pwrite64, fd, &head, HEAD, 0) == HEAD;
}

/* Writes the head, unless another image does at this moment. */
static bool begin_file(long fd, struct stat *st)
{
	bool ok;

	if (segment_exceeds_limit(HEAD) || !is_coherent(fd) ||
	    !lock(fd, PATIENCE))
		return false;
	ok = !SYS(fstat, fd, st) && (st->st_size >= HEAD || write_head(fd)) &&
	     !SYS(fstat, fd, st);
	SYS(flock, fd, LOCK_UN);
	return ok;
}

/* Changes nothing. A fault for writing is needed anyway, and reading the page
 * first would cost a second fault. */
void segment_touch(void)
{
	uint64_t digits = 0;

	if (mapped_segment.head)
		__atomic_compare_exchange_n(&mapped_segment.head->room, &digits,
					    digits, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
}

/* Does the mapping begin as a segment does? */
static bool has_head(void)
{
	segment_touch();
	return bytes_equal(mapped_segment.head->begin, KT_SEGMENT_BEGIN,
			   sizeof mapped_segment.head->begin);
}

static bool map_file(long fd)
{
	long at = SYS(mmap, NULL, mapped_bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);

	if (at < 0 && at > -PAGE)
		return false;
	mapped_segment.bytes = (char *)at;
	if (has_head())
		return true;
	SYS(munmap, mapped_segment.bytes, mapped_bytes);
	mapped_segment.bytes = NULL;
	return false;
}

/* ---- room ------------------------------------------------------------------
 */

static uint64_t expected_use(void)
{
	uint64_t before = atomic_load(&used_before);

	return before ? segment_expected_use(before, segment_used()) : 0;
}

/* Grows by half of the used space, for with more processes more may write at
 * once. */
static bool wants_room(void)
{
	uint64_t all = segment_used(), more = expected_use();
	uint64_t room = segment_room();

	return room < mapped_bytes &&
	       all + (all / 2 > more ? all / 2 : more) + SEGMENT_AHEAD > room;
}

/* Corrects the counters by the size of the file, since the host may have
 * scribbled on the counters. Lines in the file must not be overwritten. */
static uint64_t mend(uint64_t size)
{
	uint64_t most = (uint64_t)KT_PAGES_MAX * PAGE, told;
	uint64_t bytes = segment_whole_pages(size < most ? size : most);

	if (!read_room(&told) || segment_used() < HEAD ||
	    segment_used() > bytes)
		write_counter(&mapped_segment.head->used,
			      bytes ? bytes : KT_SEGMENT_FIRST);
	record_room(bytes);
	return bytes;
}

/* Announces room only after the newlines are written. Announces piece by piece:
 * processes that begin at the same moment have no room yet, and wait no longer
 * than PATIENCE. */
static void add_room(long fd, uint64_t have, uint64_t step)
{
	uint64_t piece, written;

	for (; step; step -= written) {
		piece = step < PIECE_PAGES ? step : PIECE_PAGES;
		written = segment_write_pages(write_at, fd, have, piece);
		have += written * PAGE;
		record_room(have);
		if (written < piece)
			return;
	}
}

/* The holder of the lock makes room for all, so other processes do not wait. */
static void grow(long fd)
{
	uint64_t least_step =
		trace_file_is_alone() ? SEGMENT_STEP_ALONE : SEGMENT_STEP_PAGES;
	uint64_t have, step, most;
	struct stat st;

	if (!lock(fd, segment_room() > segment_used() + PAGE ? 1 : PATIENCE))
		return;
	have = SYS(fstat, fd, &st) ? segment_room()
				   : mend((uint64_t)st.st_size);
	most = limit_of(RLIMIT_FSIZE);
	most = most < mapped_bytes ? most : mapped_bytes;
	step = expected_use() / PAGE;
	step = step > least_step ? step : least_step;
	most = most > have ? (most - have) / PAGE : 0;
	step = step < most ? step : most;
	if (step && wants_room())
		add_room(fd, have, step);
	SYS(flock, fd, LOCK_UN);
}

static void open_file(long fd, struct stat *st)
{
	uint64_t told;

	if ((st->st_size < HEAD && !begin_file(fd, st)) || !map_file(fd))
		return;
	mapped_device = st->st_dev;
	mapped_inode = st->st_ino;
	if (wants_room() || segment_room() != (uint64_t)st->st_size)
		grow(fd);
	told = segment_room(); /* read before the size, for others may extend
				  the file */
	if (told > (uint64_t)st->st_size &&
	    (SYS(fstat, fd, st) || told > (uint64_t)st->st_size))
		mapped_segment.bytes = NULL; /* touching memory beyond the end
						of the file is a SIGBUS */
}

void segment_open(void)
{
	uint64_t most = (uint64_t)KT_PAGES_MAX * PAGE,
		 max = globals->settings.max;
	struct stat st;
	long fd;

	mapped_bytes = segment_whole_pages(max < most ? max : most);
	if (!mapped_bytes)
		mapped_bytes = PAGE; /* the counters count all the same */
	if (limit_of(RLIMIT_AS) < RLIM_INFINITY)
		return;
	fd = trace_file_open(SEGMENT_SUFFIX, O_RDWR | O_CREAT, &st);
	if (fd < 0)
		return;
	open_file(fd, &st);
	SYS(close, fd);
}

/* Keeps the mapping below `room`, where other threads may be writing. */
void segment_shrink(void)
{
	uint64_t keep = mapped_segment.bytes && !is_shrunk ? segment_room() : 0;

	if (!keep || keep == mapped_bytes)
		return;
	is_shrunk = true;
	SYS(munmap, mapped_segment.bytes + keep, mapped_bytes - keep);
	mapped_bytes = keep;
}

const void *segment_mapping(size_t *ret_size)
{
	*ret_size = mapped_segment.bytes ? mapped_bytes : 0;
	return mapped_segment.bytes;
}

void segment_make_room(void)
{
	struct stat st;
	long fd;

	if (!mapped_segment.bytes || is_shrunk)
		return;
	if (wants_room()) {
		fd = trace_file_open(SEGMENT_SUFFIX, O_RDWR, &st);
		if (fd < 0)
			return;
		if (st.st_dev == mapped_device && st.st_ino == mapped_inode)
			grow(fd);
		SYS(close, fd);
	}
	atomic_store(&used_before, segment_used());
}

bool segment_is_full_grown(void)
{
	return segment_room() == mapped_bytes && !is_shrunk;
}
