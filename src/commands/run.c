#include "commands/command.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "commands/library.h"
#include "commands/run_child.h"
#include "commands/run_dir.h"
#include "commands/run_own.h"
#include "commands/run_target.h"
#include "rules/rule.h"

struct run {
	struct arena *arena;
	struct run_dir dir;
	struct texts watch;
	bool stacks;
	const char *command; /* its first word, fit to be shown */
	struct run_target target;
	struct child child;
};

static uint64_t now(clockid_t clock, uint64_t unit)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return ((uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec) / unit;
}

/* --- what the command gets beside its own environment ------------------- */

/* False after a complaint. */
static bool take_library(struct arena *arena, const char **ret)
{
	const char *found = library_expected(arena);
	char *path = realpath(found, NULL);
	const char *flaw = path ? library_flaw(path) : NULL;
	bool ok = path && !flaw && library_can_be_named(path);

	if (flaw)
		complain(arena,
			 "no recorder at %s: %s; say where "
			 "libkeytrail.so is with KEYTRAIL_LIB",
			 path, flaw);
	else if (!path)
		complain(arena,
			 "no recorder at %s: %s; say where "
			 "libkeytrail.so is with KEYTRAIL_LIB",
			 found, strerror(errno));
	else if (!ok)
		complain(arena,
			 "the loader takes no library from %s: a blank "
			 "or colon is in its path; move it",
			 path);
	else
		*ret = arena_print(arena, "%s", path).at;
	free(path);
	return ok;
}

static bool is_in_list(const char *list, const char *item)
{
	size_t n = strlen(item);

	for (list += strspn(list, ": "); *list; list += strspn(list, ": ")) {
		size_t len = strcspn(list, ": ");

		if (len == n && !memcmp(list, item, n))
			return true;
		list += len;
	}
	return false;
}

static char *preload(const struct run *r, const char *library)
{
	const char *list = getenv("LD_PRELOAD"), *runtime = r->target.runtime;
	struct str s;

	if (list && is_in_list(list, library))
		s = arena_print(r->arena, "LD_PRELOAD=%s", list);
	else
		s = arena_print(r->arena, "LD_PRELOAD=%s%s%s%s%s", runtime,
				*runtime ? ":" : "", library,
				list && *list ? ":" : "", list ? list : "");
	return (char *)(uintptr_t)s.at;
}

/* The boot and the second that it began, so that no image need ask /proc. */
static void put_boot(struct out *o)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char id[9] = "";

	if (fd < 0)
		return;
	if (read(fd, id, 8) == 8)
		out_print(o, ",boot=%s.%llu", id,
			  (unsigned long long)((now(CLOCK_REALTIME, 1) -
						now(CLOCK_BOOTTIME, 1)) /
					       1000000000));
	close(fd);
}

static char *orders(const struct run *r)
{
	struct out o = out_to_memory(r->arena);

	out_str(&o, STR("KEYTRAIL=dir="));
	out_str(&o, str_of(r->dir.path));
	out_print(&o, ",key=%s", r->dir.key);
	put_boot(&o);
	if (r->stacks)
		out_str(&o, STR(",stacks=1"));
	for (size_t i = 0; i < r->watch.n; i++) {
		out_str(&o, STR(",watch="));
		out_str(&o, str_of(r->watch.at[i]));
	}
	out_str(&o, (struct str){"", 1});
	return (char *)(uintptr_t)out_memory(&o).at;
}

/* Puts `entry` where a variable of its name stands, else behind the last. */
static void put(char **envp, char *entry)
{
	size_t n = strcspn(entry, "=") + 1;

	while (*envp && strncmp(*envp, entry, n))
		envp++;
	*envp = entry;
}

static char **environment(const struct run *r, const char *library)
{
	size_t n = 0;
	char **envp;

	while (environ[n])
		n++;
	envp = TAKE(r->arena, char *, n + 3);
	memcpy(envp, environ, n * sizeof *envp);
	if (r->target.kind == KT_TARGET_OTHER_CLASS || r->target.only_lists)
		return envp; /* its loader would complain of us, or list us */
	put(envp, preload(r, library));
	put(envp, orders(r));
	return envp;
}

/* --- run.jsonl ---------------------------------------------------------- */

/* Opened for one line and closed: when the command runs, nothing is held. */
static bool append(const struct run *r, struct str line)
{
	const char *path =
		arena_print(r->arena, "%s/run.jsonl", r->dir.path).at;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, line.at, line.len) == (ssize_t)line.len;
	return !close(fd) && ok;
}

static bool write_run(const struct run *r, uint64_t t)
{
	struct out o = out_to_memory(r->arena);

	out_print(&o,
		  "{\"e\":\"run\",\"t\":%llu,\"v\":%d,\"pid\":%d,"
		  "\"command\":",
		  (unsigned long long)t, KT_TRACE_VERSION, r->child.pid);
	out_json(&o, str_of(r->command));
	out_print(&o, ",\"target\":\"%s\"", target_name(r->target.kind));
	for (size_t i = 0; i < r->watch.n; i++) {
		out_print(&o, i ? "," : ",\"watch\":[");
		out_json(&o, str_of(r->watch.at[i]));
	}
	out_print(&o, "%s,\"wall\":%llu,\"version\":\"%s\"}\n",
		  r->watch.n ? "]" : "",
		  (unsigned long long)now(CLOCK_REALTIME, 1000000),
		  KEYTRAIL_VERSION);
	return append(r, out_memory(&o));
}

static bool write_ran(const struct run *r)
{
	struct out o = out_to_memory(r->arena);
	int status = r->child.status;

	out_print(&o, "{\"e\":\"ran\",\"t\":%llu,\"pid\":%d,\"%s\":%d}\n",
		  (unsigned long long)now(CLOCK_MONOTONIC, 1), r->child.pid,
		  WIFSIGNALED(status) ? "signal" : "status",
		  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return append(r, out_memory(&o));
}

/* --- the summary: at most ten lines ------------------------------------- */

#define INDENT 10

/* At a blank, so that no word and no character is torn. */
static struct str cut(struct arena *arena, struct str s, size_t most)
{
	if (s.len <= most)
		return s;
	while (most && s.at[most] != ' ')
		most--;
	return arena_print(arena, "%.*s ...", (int)most, s.at);
}

static void tell(struct out *o, enum style style, const char *word,
		 struct str text)
{
	out_clean(o, STR("keytrail: "));
	out_style(o, style);
	out_clean(o, str_of(word));
	out_style(o, PLAIN);
	out_wrap(o, INDENT, cut(o->arena, text, 3 * (o->width - INDENT - 10)));
	out_line(o);
}

static void tell_fault(struct out *o, const struct report *r)
{
	const struct finding *f = &r->findings[0];

	tell(o, RED, "fault ",
	     arena_print(o->arena, "%s: %.*s", f->code, STR_FMT(f->summary)));
	if (r->n_findings > 1)
		tell(o, PLAIN, "",
		     arena_print(o->arena, "and %zu more finding%s",
				 r->n_findings - 1,
				 r->n_findings == 2 ? "" : "s"));
}

static void tell_verdict(struct out *o, const struct report *r)
{
	switch (r->verdict) {
	case FAULTY:
		tell_fault(o, r);
		return;
	case HEALTHY:
		tell(o, GREEN, "healthy: ",
		     STR("whoever was seen to ask for a key got it"));
		return;
	case INCONCLUSIVE:
		tell(o, YELLOW, "inconclusive: ", r->reason);
		return;
	}
}

/* Who asked for stacks and got none shall not look for the reason in vain. */
static void tell_stacks(const struct run *r)
{
	if (r->stacks && !dlopen(KT_UNWINDER, RTLD_LAZY | RTLD_LOCAL))
		complain(r->arena,
			 "no stacks were taken: %s is not here; install "
			 "libunwind (libunwind8 on Debian)",
			 KT_UNWINDER);
}

static void summarize(const struct run *r)
{
	struct out o = to_screen(r->arena, STDERR_FILENO);
	struct trace trace = {0};
	struct str none = {0};
	const char *why;
	bool left_out;

	if (!trace_load(r->arena, &trace, r->dir.path, &why)) {
		complain(r->arena, "cannot read %s: %s", r->dir.name, why);
		return;
	}
	trace_order(r->arena, &trace);
	left_out = run_leave_own(r->arena, &trace, (uint64_t)r->child.pid);
	tell_verdict(&o, judge(r->arena, model_build(r->arena, &trace), none));
	tell_stacks(r);
	out_print(&o, "keytrail: more with: keytrail report ");
	out_clean(&o, str_of(r->dir.name));
	if (left_out)
		out_print(&o, " (which judges the earlier runs in it, too)");
	out_line(&o);
	out_end(&o);
}

/* --- the command -------------------------------------------------------- */

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* NAME=value in the place of a command or a name may be somebody's key. */
static const char *shown(struct arena *arena, const char *word)
{
	size_t n = strcspn(word, "=");

	return word[n] ? arena_print(arena, "%.*s=***", (int)n, word).at : word;
}

static bool check_watch(struct arena *arena, const struct texts *watch)
{
	for (size_t i = 0; i < watch->n; i++)
		if (!*watch->at[i] || strpbrk(watch->at[i], ",=")) {
			complain(arena, "run: -w takes the name of one "
					"variable, without comma or value; "
					"repeat it for more");
			return false;
		}
	return true;
}

static int not_started(const struct run *r)
{
	int error = r->child.exec_error;

	complain(r->arena, "cannot run %s: %s; %s", r->command, strerror(error),
		 error == ENOENT ? "is it installed, and in PATH?"
				 : "check that it is a program you may run");
	return error == ENOENT ? 127 : 126;
}

static int start(struct run *r, const char *library, char **argv, bool quiet)
{
	uint64_t t = now(CLOCK_MONOTONIC, 1);

	if (!append(r, STR("")))
		return complain(r->arena,
				"cannot write into %s: %s; name "
				"another directory with -o DIR",
				r->dir.name, strerror(errno));
	if (!child_start(&r->child, argv, environment(r, library)))
		return complain(r->arena,
				"cannot start another process: %s; "
				"end some and try again",
				strerror(errno));
	write_run(r, t);
	child_wait(&r->child);
	write_ran(r);
	if (r->child.exec_error)
		return not_started(r);
	if (!quiet)
		summarize(r);
	return exit_status(r->child.status);
}

static int run(struct arena *arena, int argc, char **argv)
{
	struct run r = {.arena = arena};
	const char *dir = NULL, *library;
	bool quiet = false;
	const struct opt table[] = {
		{'o', NULL, "DIR",
		 "record into DIR; without it into "
		 "keytrail-DATE-TIME-PID",
		 .text = &dir},
		{'w', NULL, "GLOB",
		 "watch variables of this name too; may be "
		 "repeated",
		 .list = &r.watch},
		{0, "stacks", NULL,
		 "record who called that, too; needs libunwind",
		 .flag = &r.stacks},
		{'q', NULL, NULL, "no summary when it has ended",
		 .flag = &quiet},
		{0},
	};
	struct opts opts = {
		.synopsis = "run [-o DIR] [-w GLOB]... [--stacks] [-q] [--] "
			    "COMMAND [ARG...]",
		.about = "Runs COMMAND and records who holds, passes on and "
			 "asks for credentials in the environment: names and "
			 "fingerprints, never a value. Its streams, signals "
			 "and exit status pass through unchanged.",
		.table = table,
		.stops_early = true};
	int status;

	if (!take_options(arena, &opts, argc, argv, &status))
		return status;
	if (!opts.n_operands)
		return complain(arena, "run: no COMMAND; see keytrail run "
				       "--help");
	child_prepare(&r.child);
	r.command = shown(arena, opts.operands[0]);
	r.target = run_target_of(opts.operands);
	if (!check_watch(arena, &r.watch) || !take_library(arena, &library) ||
	    !run_dir_make(arena, dir, &r.dir))
		return FAILED;
	return start(&r, library, opts.operands, quiet);
}

const struct command command_run = {
	"run", "run a command and record the trail of its keys", run};
