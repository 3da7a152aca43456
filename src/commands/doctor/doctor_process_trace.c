#include "commands/doctor/doctor_process.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "formats/words.h"

/* --- clocks --------------------------------------------------------------- */

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The start of the process on the clock of a trace, which stands still while
 * the machine sleeps: never too late. */
static uint64_t start_of(const struct running_process *p)
{
	enum { BETWEEN_TWO_CLOCKS = 1000000 };
	uint64_t monotonic = now(CLOCK_MONOTONIC);
	uint64_t asleep = now(CLOCK_BOOTTIME) - monotonic + BETWEEN_TWO_CLOCKS;

	return p->start > asleep ? p->start - asleep : 0;
}

static const char *ago(struct arena *a, uint64_t t)
{
	uint64_t clock = now(CLOCK_MONOTONIC);
	uint64_t seconds = clock > t ? (clock - t) / 1000000000 : 0;

	if (seconds < 120)
		return arena_print(a, "%llu s ago", (unsigned long long)seconds)
			.at;
	if (seconds < 7200)
		return arena_print(a, "%llu min ago",
				   (unsigned long long)seconds / 60)
			.at;
	return arena_print(a, "%llu h ago", (unsigned long long)seconds / 3600)
		.at;
}

/* --- the process in the trace --------------------------------------------- */

static struct str this_boot(char digits[8])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, digits, 8);

	if (fd >= 0)
		close(fd);
	return n == 8 ? (struct str){digits, 8} : STR("00000000");
}

/* Containers may share a trace, and each has a process 1. */
static bool is_better(const struct event *birth, const struct event *than,
		      const char *exe)
{
	bool is_same = str_eq(birth->exe, str_of(exe));

	if (!than || is_same != str_eq(than->exe, str_of(exe)))
		return !than || is_same;
	return birth->t > than->t;
}

/* The newest program of the process. Another process had the same pid before
 * the start, or in another boot. */
static const struct event *find_birth(const struct trace *t,
				      const struct running_process *p)
{
	const struct event *found = NULL;
	uint64_t start = start_of(p);
	char digits[8];
	struct str boot = this_boot(digits);

	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (e->kind == KT_BIRTH && e->pid == (uint64_t)p->own_pid &&
		    e->t >= start && str_eq(e->boot, boot) &&
		    !str_eq(e->by, STR("thread")) &&
		    is_better(e, found, p->exe))
			found = e;
	}
	return found;
}

static const struct event *birth_of_image(const struct trace *t,
					  struct str image)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].kind == KT_BIRTH &&
		    str_eq(t->events[i].image, image))
			return &t->events[i];
	return NULL;
}

static uint64_t user_of(const struct event *birth)
{
	return birth->has_euid ? birth->euid : birth->uid;
}

/* Each user of each boot has a segment. */
static bool share_segment(const struct event *one, const struct event *other)
{
	return other && user_of(one) == user_of(other) &&
	       str_eq(one->boot, other->boot) && str_eq(one->key, other->key);
}

static const struct event *find_full(const struct trace *t,
				     const struct event *birth)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (e->kind == KT_FULL &&
		    share_segment(birth, birth_of_image(t, e->image)))
			return e;
	}
	return NULL;
}

/* Has the image become another program, which has no birth? */
static bool has_left(const struct trace *t, const struct event *birth)
{
	uint64_t left = 0, failed = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (!str_eq(e->image, birth->image) || e->vfork)
			continue;
		if (e->kind == KT_EXEC && e->t > left)
			left = e->t;
		else if (e->kind == KT_EXEC_FAILED && e->t > failed)
			failed = e->t;
	}
	return left > failed;
}

/* --- words ---------------------------------------------------------------- */

static void tell_growth(struct checkup *c, const struct trace *t,
			const struct event *birth, const char *path)
{
	uint64_t own = birth->t, any = 0;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		any = e->t > any ? e->t : any;
		if (!str_eq(e->image, birth->image))
			continue;
		own = e->t > own ? e->t : own;
		n++;
	}
	checkup_add(c, ANSWER_OK,
		    arena_print(c->arena,
				"it records to %s: born %s, %zu event%s, the "
				"last %s; the last of the trace %s",
				path, ago(c->arena, birth->t), n,
				n == 1 ? "" : "s", ago(c->arena, own),
				ago(c->arena, any)),
		    NULL);
}

static uint64_t wall_of(const struct event *birth, uint64_t t)
{
	return birth->wall && t >= birth->t
		       ? birth->wall + (t - birth->t) / 1000000
	       : birth->wall ? birth->wall - (birth->t - t) / 1000000
			     : 0;
}

static void tell_full(struct checkup *c, const struct event *full,
		      const struct event *birth, const char *path)
{
	checkup_give_up(
		c,
		arena_print(c->arena,
			    "the trace in %s is full (%llu KiB) since %.*s: "
			    "most of what it does is counted as lost",
			    path, (unsigned long long)full->max >> 10,
			    STR_FMT(moment_in_words(c->arena,
						    wall_of(birth, full->t)))),
		"allow more with max=BYTES in KEYTRAIL, or name a new "
		"directory, and start the process again");
}

static void tell_no_birth(struct checkup *c, const struct running_process *p,
			  const char *path)
{
	if (p->segment)
		checkup_add(c, ANSWER_PART,
			    arena_print(c->arena,
					"it has the trace in %s open, and has "
					"told nothing yet",
					path),
			    "a fork that libc did not make is told with its "
			    "first event");
	else
		checkup_give_up(c,
				arena_print(c->arena,
					    "the trace in %s has no birth of "
					    "this process since its start",
					    path),
				"start it again, with a directory that it may "
				"write: KEYTRAIL=dir=/path/of/trace");
}

bool check_birth(struct checkup *c, const struct running_process *p, int fd,
		 const char *path, const char **ret_why)
{
	const char *open_dir = arena_print(c->arena, "/proc/self/fd/%d", fd).at;
	const struct event *birth, *full;
	struct trace trace = {0};

	trace_load(c->arena, &trace, open_dir, ret_why);
	birth = find_birth(&trace, p);
	if (!birth && trace.unreadable) {
		*ret_why = "not all of its files may be read";
		return false;
	}
	full = birth ? find_full(&trace, birth) : NULL;
	if (!birth || (!p->segment && has_left(&trace, birth)))
		tell_no_birth(c, p, path);
	else if (full)
		tell_full(c, full, birth, path);
	else
		tell_growth(c, &trace, birth, path);
	return true;
}
