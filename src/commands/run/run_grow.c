#include "commands/run/run_grow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/file_rights.h"
#include "shared/segment_growth.h"

enum {
	SEGMENTS = 64, /* users and boots remembered */
	AT_ONCE = 10,  /* ms until the next look, while a segment fills fast */
	SOON = 100,    /* ... while a segment is used */
	LATE = 400,    /* ... and while none is */
	MOST_AT_ONCE = 8 << 20, /* the command's end must not wait for us */
};

struct grower {
	int dir;
	uint64_t max; /* bytes of a segment */
	long pause;   /* ms */
	struct used {
		dev_t device;
		ino_t inode;
		uint64_t bytes;
	} used[SEGMENTS];
};

struct grower *grower_new(int dir, uint64_t max)
{
	struct grower *g = calloc(1, sizeof *g);

	if (!g)
		return NULL;
	g->pause = SOON / 2;
	g->dir = dir;
	g->max = max;
	return g;
}

/* --- one segment ---------------------------------------------------------- */

/* Only root grows the segment of another user. */
static bool is_growable(const struct stat *st, uint64_t max)
{
	return is_file_of(st, geteuid() ? geteuid() : st->st_uid) &&
	       st->st_size >= KT_SEGMENT_PAGE && (uint64_t)st->st_size < max &&
	       !(st->st_size % KT_SEGMENT_PAGE);
}

static int open_segment(const struct grower *g, const char *name,
			struct stat *st)
{
	int fd =
		openat(g->dir, name,
		       O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -1;
	if (!fstat(fd, st) && is_growable(st, g->max))
		return fd;
	close(fd);
	return -1;
}

/* False: no segment, or a host scribbled on the counters. */
static bool read_head(int fd, uint64_t *ret_room, uint64_t *ret_used)
{
	struct kt_segment head;

	if (pread(fd, &head, sizeof head, 0) != sizeof head ||
	    memcmp(head.begin, KT_SEGMENT_BEGIN, sizeof head.begin) ||
	    !segment_read_room(head.room, ret_room) ||
	    !kt_counter_of(head.used, ret_used))
		return false;
	return *ret_room && *ret_used <= *ret_room;
}

static long write_at(long fd, const void *bytes, long n, long offset)
{
	return pwrite((int)fd, bytes, (size_t)n, offset);
}

/* Room is announced only after the newlines stand. The holder of the lock grows
 * the segment for all, so without the lock we do nothing. */
static void grow(int fd, uint64_t wanted)
{
	uint64_t room, used, end, digits;
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB))
		return;
	if (!fstat(fd, &st) && read_head(fd, &room, &used) &&
	    room <= (uint64_t)st.st_size && room < wanted) {
		end = (uint64_t)st.st_size;
		if (wanted > end)
			end += KT_SEGMENT_PAGE *
			       segment_write_pages(write_at, fd, end,
						   (wanted - end) /
							   KT_SEGMENT_PAGE);
		digits = kt_digits_of(kt_seal_pages(end / KT_SEGMENT_PAGE));
		if (end > room && pwrite(fd, &digits, sizeof digits,
					 offsetof(struct kt_segment, room)) < 0)
			errno = 0; /* the pages are room for later */
	}
	flock(fd, LOCK_UN);
}

/* --- all of them ---------------------------------------------------------- */

/* The use of this segment at the last look; 0 at the first. */
static uint64_t *used_of(struct grower *g, const struct stat *st)
{
	struct used *u = g->used;

	while (u < g->used + SEGMENTS - 1 && u->inode &&
	       (u->inode != st->st_ino || u->device != st->st_dev))
		u++;
	u->inode = st->st_ino;
	u->device = st->st_dev;
	return &u->bytes;
}

static uint64_t wanted_room(uint64_t room, uint64_t before, uint64_t used,
			    uint64_t max)
{
	uint64_t more = segment_expected_use(before, used);
	uint64_t wanted =
		used + (more > SEGMENT_AHEAD_RUN ? more : SEGMENT_AHEAD_RUN);

	if (wanted > room + MOST_AT_ONCE)
		wanted = room + MOST_AT_ONCE;
	return segment_whole_pages(wanted < max ? wanted : max);
}

/* Returns how much of the segment was used since the last look. */
static uint64_t look_at(struct grower *g, const char *name)
{
	uint64_t room, used, *seen, before, wanted, since = 0;
	struct stat st;
	int fd = open_segment(g, name, &st);

	if (fd < 0)
		return 0;
	if (read_head(fd, &room, &used)) {
		seen = used_of(g, &st);
		before = *seen;
		since = used > before ? used - before : 0;
		*seen = used;
		wanted = wanted_room(room, before, used, g->max);
		if (wanted > room)
			grow(fd, wanted);
	}
	close(fd);
	return since;
}

static bool is_segment(const char *name)
{
	size_t n = strlen(name), m = sizeof SEGMENT_SUFFIX - 1;

	return n > m && !strcmp(name + n - m, SEGMENT_SUFFIX);
}

static long pause_after(uint64_t used, long before)
{
	long most = used ? SOON : LATE;

	if (used > SEGMENT_AHEAD_RUN / 8)
		return AT_ONCE;
	return before * 2 < most ? before * 2 : most;
}

struct timespec grow_next(struct grower *g)
{
	int fd = g ? openat(g->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		   : -1;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	uint64_t most = 0, used;
	struct dirent *d;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return (struct timespec){.tv_sec = 3600};
	}
	while ((d = readdir(dir)))
		if (is_segment(d->d_name)) {
			used = look_at(g, d->d_name);
			most = used > most ? used : most;
		}
	closedir(dir);
	g->pause = pause_after(most, g->pause);
	return (struct timespec){.tv_nsec = g->pause * 1000000};
}
