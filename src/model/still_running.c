#include "model/still_running.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The first 15 bytes of the file's name; "": no process has this pid. */
static void read_comm(uint64_t pid, char name[17])
{
	char path[48];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%llu/comm", (unsigned long long)pid);
	f = fopen(path, "re");
	if (!f || !fgets(name, 17, f))
		*name = '\0';
	if (f)
		fclose(f);
	name[strcspn(name, "\n")] = '\0';
}

bool model_lives_here(const struct model *m, const struct image *image)
{
	struct str name = str_base(image->exe);
	char comm[17];

	if (!image->pid || m->trace->pack || model_has_ended(image) ||
	    !trace_is_of_this_boot(m->trace))
		return false;
	read_comm(image->pid, comm);
	name.len = name.len < 15 ? name.len : 15;
	return *comm && str_eq(name, str_of(comm));
}

/* --- gone -------------------------------------------------------------------
 */

struct process {
	char state;	/* Z: a zombie */
	uint64_t start; /* ticks since the boot */
};

/* The words behind the name, which stands in parentheses and may hold any
 * character: the first is the state, the 20th the start. */
static bool read_process(uint64_t pid, struct process *ret)
{
	char path[48], text[1024], *at;
	unsigned long long start;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "/proc/%llu/stat", (unsigned long long)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	at = strrchr(text, ')');
	if (!at ||
	    sscanf(at,
		   ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%*s %*s %*s %*s %*s %llu",
		   &ret->state, &start) != 2)
		return false;
	ret->start = start;
	return true;
}

static uint64_t to_ms(struct timespec t)
{
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Ticks since the boot, in ms of CLOCK_REALTIME. */
static uint64_t wall_of_ticks(uint64_t ticks)
{
	struct timespec now, since_boot;
	long per_second = sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &since_boot);
	return to_ms(now) - to_ms(since_boot) +
	       ticks * 1000 / (uint64_t)(per_second > 0 ? per_second : 100);
}

/* The process with the pid began later than the image. */
static bool is_pid_reused(const struct image *image, const struct process *p)
{
	const uint64_t precision = 2000; /* ms */
	uint64_t wall = model_wall(image);

	return wall && wall_of_ticks(p->start) > wall + precision;
}

/* Another root directory is another container, whose pids are others. */
static bool has_own_root(const struct image *image)
{
	const struct event *birth = image->root->birth;
	struct stat st;
	char own[48];

	if (!birth || stat("/", &st))
		return false;
	snprintf(own, sizeof own, "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	return str_eq(birth->root, str_of(own));
}

static bool is_of_this_boot(const struct image *image)
{
	char boot[BOOT_BYTES];

	return image->birth && image->birth->boot.len && read_boot(boot) &&
	       str_eq(image->birth->boot, str_of(boot));
}

bool model_is_gone_here(const struct model *m, const struct image *image)
{
	struct process p;

	if (!image->pid || image->pid > INT32_MAX || m->trace->pack ||
	    !is_of_this_boot(image) || !has_own_root(image))
		return false;
	if (kill((pid_t)image->pid, 0) && errno == ESRCH)
		return true;
	return read_process(image->pid, &p) &&
	       (p.state == 'Z' || is_pid_reused(image, &p));
}
