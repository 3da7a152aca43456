#include "recorder/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "keytrail/trace.h"
#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

enum {
	PAGE = 4096,
	STEP_PAGES = 64,    /* 256 KiB at a time */
	AHEAD = 256 << 10,  /* grow when less than this is left */
	NAME_BYTES = PATH_BYTES + 64,
};

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

static char *mapped;		 /* the segment, or NULL: append with write */
static struct kt_state *state;
static uint64_t mapped_bytes;
static uint64_t mapped_device, mapped_inode; /* after setuid, or a removal,
					      * another file has its name */
static bool is_shrunk; /* mapped_bytes says nothing of the file */
static bool is_out_of_reach; /* no file of ours can be opened there */

/* The room counter carries a check in its upper half: a host that scribbles
 * on the state page must not lead us beyond the end of the file (SIGBUS). */
static uint64_t seal(uint64_t pages)
{
	uint32_t check = (uint32_t)pages * 2654435761u ^ 0x6b657974u;

	return (uint64_t)check << 32 | (uint32_t)pages;
}

/* False for a room that cannot be believed; then *ret is 0. */
static bool read_room(uint64_t *ret)
{
	uint64_t sealed = __atomic_load_n(&state->room, __ATOMIC_ACQUIRE);
	uint64_t bytes = (sealed & UINT32_MAX) * PAGE;
	bool ok = sealed == seal(sealed & UINT32_MAX) && bytes <= mapped_bytes;

	*ret = ok ? bytes : 0;
	return ok;
}

static uint64_t room(void)
{
	uint64_t bytes;

	read_room(&bytes);
	return bytes;
}

static bool name_file(char to[NAME_BYTES], uint32_t owner, const char *suffix)
{
	char uid[21];

	text_decimal(uid, owner);
	to[0] = '\0';
	text_append(to, NAME_BYTES, guest->config.dir);
	text_append(to, NAME_BYTES, "/");
	text_append(to, NAME_BYTES, uid);
	text_append(to, NAME_BYTES, "-");
	text_append(to, NAME_BYTES, guest->config.boot);
	return text_append(to, NAME_BYTES, suffix);
}

/* A file of ours, or none: never through a link, never somebody else's. */
static long open_own(const char *suffix, int flags, struct stat *st)
{
	uint32_t uid = (uint32_t)SYS(geteuid);
	char name[NAME_BYTES];
	long fd;

	if (!name_file(name, uid, suffix))
		return -1;
	flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	fd = SYS(open, name, flags, 0600);
	if (fd == -ENOENT && flags & O_CREAT && !SYS(mkdir, guest->config.dir, 0700))
		fd = SYS(open, name, flags, 0600);
	if (fd < 0)
		return fd;
	if (!SYS(fstat, fd, st) && S_ISREG(st->st_mode) &&
	    st->st_uid == uid)
		return fd;
	SYS(close, fd);
	return -1;
}

/* Is a mapping of one process what another reads, at once and always? */
static bool is_coherent(long fd)
{
	struct statfs fs;

	if (SYS(fstatfs, fd, &fs))
		return false;
	switch ((unsigned long)fs.f_type) {
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case OVERLAYFS_SUPER_MAGIC:
		return true;
	}
	return false;
}

static bool is_limited(int resource, uint64_t wanted)
{
	struct rlimit limit;

	return SYS(prlimit64, 0, resource, NULL, &limit) ||
	       limit.rlim_cur < wanted;
}

static void *map(long fd, uint64_t bytes)
{
	long at = SYS(mmap, NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      0);

	return at < 0 && at > -PAGE ? NULL : (void *)at;
}

/* The magic says that an image before us made sure of all this. */
static bool make_state(long fd, const struct stat *st)
{
	if (is_limited(RLIMIT_FSIZE, PAGE) || !is_coherent(fd) ||
	    (st->st_size != PAGE && SYS(fallocate, fd, 0, 0, PAGE)))
		return false;
	if (!state)
		state = map(fd, PAGE);
	if (state)
		__atomic_store_n(&state->magic, KT_STATE_MAGIC, __ATOMIC_RELAXED);
	return state;
}

/* Asked by a write: a read of the page first would cost a fault of its own. */
static bool has_magic(void)
{
	uint64_t magic = KT_STATE_MAGIC;

	return __atomic_compare_exchange_n(&state->magic, &magic, magic, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static bool map_state(void)
{
	struct stat st;
	long fd = open_own(".state", O_RDWR, &st);

	if (fd < 0)
		fd = open_own(".state", O_RDWR | O_CREAT, &st);
	if (fd < 0)
		return false;
	if (st.st_size == PAGE)
		state = map(fd, PAGE);
	if ((!state || !has_magic()) && !make_state(fd, &st))
		state = NULL;
	SYS(close, fd);
	return state;
}

/* Newlines, so that unused space reads as blank lines. Returns how many pages
 * were written. Page by page: a file written in larger pieces gets large
 * folios, which each process then maps and unmaps whole (Linux 6.18, ext4:
 * 256 KiB more resident, 25 us more a spawn). */
static uint64_t write_newlines(long fd, uint64_t offset, uint64_t most)
{
	static const char blank[PAGE] = {[0 ... PAGE - 1] = '\n'};
	uint64_t pages = 0;

	while (pages < most &&
	       SYS(pwrite64, fd, blank, PAGE, offset + pages * PAGE) == PAGE)
		pages++;
	return pages;
}

/* The more processes have spoken, the more may speak at once. */
static bool wants_room(void)
{
	uint64_t used = __atomic_load_n(&state->used, __ATOMIC_RELAXED);

	return used + used / 2 + AHEAD > room();
}

/* The file is the truth: it may have been emptied or removed while its state
 * stayed, or the state been lost or scribbled on, and what stands in the file
 * must not be written over. */
static uint64_t mend(uint64_t size)
{
	uint64_t bytes = size < mapped_bytes ? size & ~(uint64_t)(PAGE - 1)
					     : mapped_bytes;
	uint64_t used = __atomic_load_n(&state->used, __ATOMIC_RELAXED), told;

	if (!read_room(&told) || used > bytes)
		__atomic_store_n(&state->used, bytes, __ATOMIC_RELAXED);
	__atomic_store_n(&state->room, seal(bytes / PAGE), __ATOMIC_RELEASE);
	return bytes;
}

static bool has_little_room(void)
{
	return __atomic_load_n(&state->used, __ATOMIC_RELAXED) + PAGE > room();
}

/* flock, for a killed process gives it back. Who has the lock makes room for
 * all, so nobody waits; but where there is none at all yet, some ms. */
static bool lock(long fd)
{
	enum { TRIES = 40 };
	struct timespec moment = {0, 100000};

	for (int i = 0; SYS(flock, fd, LOCK_EX | LOCK_NB); i++) {
		if (i == TRIES || !has_little_room())
			return false;
		SYS(nanosleep, &moment, NULL);
	}
	return true;
}

/* Room is told only after the newlines stand. */
static void grow(long fd)
{
	uint64_t have, step;
	struct stat st;

	if (!lock(fd))
		return;
	have = SYS(fstat, fd, &st) ? room() : mend((uint64_t)st.st_size);
	step = (mapped_bytes - have) / PAGE;
	step = step < STEP_PAGES ? step : STEP_PAGES;
	if (step && wants_room() &&
	    !is_limited(RLIMIT_FSIZE, have + step * PAGE)) {
		have += write_newlines(fd, have, step) * PAGE;
		__atomic_store_n(&state->room, seal(have / PAGE),
				 __ATOMIC_RELEASE);
	}
	SYS(flock, fd, LOCK_UN);
}

void segment_open(void)
{
	struct stat st;
	uint64_t told;
	long fd;

	mapped_bytes = guest->config.max & ~(uint64_t)(PAGE - 1);
	if (is_limited(RLIMIT_AS, RLIM_INFINITY) || !map_state())
		return;
	fd = open_own(".jsonl", O_RDWR | O_CREAT, &st);
	if (fd < 0)
		return;
	mapped = map(fd, mapped_bytes);
	mapped_device = st.st_dev;
	mapped_inode = st.st_ino;
	if (mapped && (wants_room() || room() != (uint64_t)st.st_size))
		grow(fd);
	told = room(); /* before the size: others may be growing it */
	if (told > (uint64_t)st.st_size &&
	    (SYS(fstat, fd, &st) || told > (uint64_t)st.st_size))
		mapped = NULL; /* touching what is not there would kill */
	SYS(close, fd);
}

/* Other threads may be writing below `room`, so that much stays. */
void segment_shrink(void)
{
	uint64_t keep = mapped && !is_shrunk ? room() : 0;

	if (!keep || keep == mapped_bytes)
		return;
	is_shrunk = true;
	SYS(munmap, mapped + keep, mapped_bytes - keep);
	mapped_bytes = keep;
}

void segment_make_room(void)
{
	struct stat st;
	long fd;

	if (!mapped || is_shrunk || !wants_room())
		return;
	fd = open_own(".jsonl", O_RDWR, &st);
	if (fd < 0)
		return;
	if (st.st_dev == mapped_device && st.st_ino == mapped_inode)
		grow(fd);
	SYS(close, fd);
}

void segment_lose(void)
{
	atomic_fetch_add(&guest->life.lost, 1);
	if (state)
		__atomic_fetch_add(&state->lost, 1, __ATOMIC_RELAXED);
}

void segment_skip(void)
{
	if (state)
		__atomic_fetch_add(&state->skipped, 1, __ATOMIC_RELAXED);
}

/* Reserves n bytes; the place, or NULL when there is no space. */
static char *reserve(size_t n)
{
	uint64_t used = __atomic_load_n(&state->used, __ATOMIC_RELAXED);
	uint64_t end = room();

	do
		if (used > end || n > end - used)
			return NULL;
	while (!__atomic_compare_exchange_n(&state->used, &used, used + n, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return mapped + used;
}

static bool append(const char *line, size_t n)
{
	struct stat st;
	long fd, written;

	if (is_out_of_reach)
		return false;
	fd = open_own(".append.jsonl", O_WRONLY | O_APPEND | O_CREAT,
		      &st);
	if (fd < 0) {
		is_out_of_reach = fd != -EMFILE && fd != -ENFILE;
		return false;
	}
	if (is_limited(RLIMIT_FSIZE, (uint64_t)st.st_size + n) ||
	    (uint64_t)st.st_size + n > guest->config.max)
		written = -1;
	else
		written = SYS(write, fd, line, n);
	SYS(close, fd);
	return written == (long)n;
}

static bool place(const char *line, size_t n)
{
	char *to;

	if (!mapped)
		return append(line, n);
	to = reserve(n);
	if (to)
		__builtin_memcpy(to, line, n);
	return to;
}

/* {"e":"lost"...} as soon as there is space again. */
static void tell_losses(void)
{
	uint64_t lost = atomic_load(&guest->life.lost);
	uint64_t told = atomic_load(&guest->life.told_lost);
	char line[160] = "{\"e\":\"lost\",\"t\":", number[21];

	if (lost == told ||
	    !atomic_compare_exchange_strong(&guest->life.told_lost, &told, lost))
		return;
	text_decimal(number, now());
	text_append(line, sizeof line, number);
	text_append(line, sizeof line, ",\"image\":\"");
	text_append(line, sizeof line, guest->self);
	text_append(line, sizeof line, "\",\"n\":");
	text_decimal(number, lost - told);
	text_append(line, sizeof line, number);
	text_append(line, sizeof line, "}\n");
	if (!place(line, text_length(line)))
		atomic_store(&guest->life.told_lost, told);
}

void segment_put(const char *line, size_t n)
{
	if (atomic_load_explicit(&guest->life.lost, memory_order_relaxed) !=
	    atomic_load_explicit(&guest->life.told_lost, memory_order_relaxed))
		tell_losses();
	if (!place(line, n))
		segment_lose();
}
