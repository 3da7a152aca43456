#include "commands/run/run_events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/safe_open.h"
#include "commands/run/run_target.h"
#include "host/running_process.h"
#include "shared/stop_signal.h"

uint64_t clock_now(clockid_t clock, uint64_t unit)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return ((uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec) / unit;
}

static bool can_open(const struct run_events *log, int flags)
{
	const char *why;
	int fd = open_to_append(log->dir, log->name, flags, &why);

	return fd >= 0 && !close(fd);
}

bool run_events_open(int dir, struct run_events *ret)
{
	struct run_events log = {dir, "run.jsonl"};
	char digits[17];

	if (!can_open(&log, 0)) {
		draw_digits(digits);
		snprintf(log.name, sizeof log.name, "run-%d-%s.jsonl",
			 (int)getpid(), digits);
		if (!can_open(&log, O_EXCL))
			return false;
	}
	*ret = log;
	return true;
}

/* Opened for each line and closed: no descriptor is open while the command
 * runs. */
bool run_events_append(const struct run_events *log, struct str line)
{
	const char *why;
	int fd = open_to_append(log->dir, log->name, 0, &why);
	ssize_t n;

	if (fd < 0)
		return false;
	errno = ENOSPC; /* unless the system sets another */
	n = write(fd, line.at, line.len);
	return !close(fd) && n == (ssize_t)line.len;
}

/* Who started us: the shell, cron, a supervisor; the nearest first. */
static void put_above(struct out *o)
{
	enum { MOST = 12 };
	struct running_process p;
	pid_t pid = getppid();
	int n = 0;

	for (; n < MOST && pid > 0 && running_process_name(pid, &p);
	     pid = p.parent) {
		out_print(o, n++ ? "," : ",\"above\":[");
		out_json(o, str_of(p.name));
	}
	out_print(o, "%s", n ? "]" : "");
}

bool run_events_start(const struct run_events *log, struct arena *arena,
		      const struct run_start *r)
{
	struct out o = out_to_memory(arena);

	out_print(&o,
		  "{\"e\":\"run\",\"t\":%llu,\"v\":%d,\"pid\":%d,"
		  "\"command\":",
		  (unsigned long long)r->t, KT_TRACE_VERSION, r->pid);
	out_json(&o, str_of(r->command));
	out_print(&o, ",\"target\":\"%s\"", target_name(r->target));
	if (r->launcher)
		out_str(&o, STR(",\"launcher\":true"));
	if (r->no_env_files)
		out_str(&o, STR(",\"no_env_files\":true"));
	if (r->http)
		out_str(&o, STR(",\"http\":true"));
	put_above(&o);
	for (size_t i = 0; i < r->watch->n; i++) {
		out_print(&o, i ? "," : ",\"watch\":[");
		out_json(&o, str_of(r->watch->at[i]));
	}
	out_print(&o, "%s,\"wall\":%llu,\"version\":\"%s\"}\n",
		  r->watch->n ? "]" : "",
		  (unsigned long long)clock_now(CLOCK_REALTIME, 1000000),
		  KEYTRAIL_VERSION);
	return run_events_append(log, out_memory(&o));
}

/* Without the arena: no lack of memory may hide the status of the command. */
bool run_events_end(const struct run_events *log, pid_t pid, int status)
{
	char line[160];
	int n = snprintf(line, sizeof line,
			 "{\"e\":\"ran\",\"t\":%llu,\"pid\":%d,\"%s\":%d}\n",
			 (unsigned long long)clock_now(CLOCK_MONOTONIC, 1),
			 (int)pid, WIFSIGNALED(status) ? "signal" : "status",
			 WIFSIGNALED(status) ? WTERMSIG(status)
					     : WEXITSTATUS(status));

	return run_events_append(log, (struct str){line, (size_t)n});
}

/* A sender without a process is the kernel, on behalf of the terminal. */
void run_events_signal(const struct run_events *log, pid_t command,
		       const siginfo_t *info)
{
	static uint64_t told; /* the last signal, and its second */
	uint64_t t = clock_now(CLOCK_MONOTONIC, 1);
	uint64_t this = t / 1000000000 << 8 | (uint8_t)info->si_signo;
	char line[160], sender[24] = "";
	int n;

	if (!signal_stops(info->si_signo) || this == told)
		return;
	told = this;
	if (info->si_code <= 0)
		snprintf(sender, sizeof sender, ",\"pid\":%d", info->si_pid);
	n = snprintf(line, sizeof line,
		     "{\"e\":\"kill\",\"t\":%llu,\"fn\":\"run\"%s,\"to\":%d,"
		     "\"signal\":%d}\n",
		     (unsigned long long)t, sender, (int)command,
		     info->si_signo);
	run_events_append(log, (struct str){line, (size_t)n});
}
