#include "commands/doctor/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/safe_open.h"
#include "host/recorder_path.h"
#include "commands/run/run_target.h"
#include "shared/settings_text.h"
#include "trace/trace.h"

/* --- a trial: a program that does nothing, with the recorder in it -------- */

struct trial {
	struct arena *arena;
	const char *dir; /* made for the trial, and removed */
};

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

/* Can files be made here without a stranger exchanging their names? */
static bool is_safe(const char *path)
{
	struct resolved_path at;
	const char *why;

	if (!setting_can_hold(path) || !resolve_path(path, true, &at, &why))
		return false;
	resolved_close(&at);
	return at.is_there && !directory_flaw(&at.st) && !access(path, W_OK);
}

static bool begin(struct trial *t)
{
	const char *told = getenv("TMPDIR");
	const char *tmp = told && *told && is_safe(told) ? told : "/tmp";
	char *dir = (char *)(uintptr_t)arena_print(
			    t->arena, "%s/keytrail-doctor-XXXXXX", tmp)
			    .at;

	errno = EPERM;
	t->dir = is_safe(tmp) ? mkdtemp(dir) : NULL;
	return t->dir;
}

static const char *in_dir(const struct trial *t, const char *name)
{
	return arena_print(t->arena, "%s/%s", t->dir, name).at;
}

static bool run(const struct trial *t, char **argv, char **envp)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status, error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, in_dir(t, "said"),
					 O_WRONLY | O_CREAT, 0600);
	error = posix_spawn(&pid, argv[0], &actions, NULL, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return errno = error, false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return true;
}

static char *text(const struct trial *t, const char *name, const char *value)
{
	return (char *)(uintptr_t)arena_print(t->arena, "%s%s", name, value).at;
}

static bool run_with(const struct trial *t, const char *library)
{
	char *const command[] = {(char *)(uintptr_t) "/bin/true", NULL};
	bool is_true_fit = run_target_of(command).kind == KT_TARGET_DYNAMIC;
	char *argv[] = {
		text(t, is_true_fit ? "/bin/true" : "/proc/self/exe", ""),
		text(t, "--version", ""), NULL};
	char *envp[] = {text(t, "LD_PRELOAD=", library),
			text(t, "KEYTRAIL=dir=", in_dir(t, "trace")), NULL};

	return run(t, argv, envp);
}

static size_t births(const struct trial *t)
{
	struct trace trace = {0};
	const char *why;
	size_t n = 0;

	if (!trace_load(t->arena, &trace, in_dir(t, "trace"), &why))
		return 0;
	for (size_t i = 0; i < trace.n; i++)
		n += trace.events[i].kind == KT_BIRTH;
	return n;
}

/* The first line of the loader's complaint, or "". */
static struct str said(const struct trial *t)
{
	char *line = TAKE(t->arena, char, 512);
	int fd = open(in_dir(t, "said"), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, 511);

	if (fd >= 0)
		close(fd);
	return (struct str){line, n > 0 ? strcspn(line, "\n") : 0};
}

static void report_trial(struct checkup *c, const struct trial *t,
			 const char *library)
{
	struct str words;

	if (!run_with(t, library)) {
		checkup_give_up(c,
				arena_print(c->arena,
					    "no program can be started: %s",
					    strerror(errno)),
				"look at the limits of this user: ulimit -a");
		return;
	}
	words = said(t);
	if (births(t))
		checkup_add(c, ANSWER_OK,
			    STR("a program was run with it, and recorded"),
			    NULL);
	else
		checkup_give_up(
			c,
			words.len ? words
				  : STR("a program was run with it, and left "
					"no trace"),
			"build it on this host, or for its C library: make");
}

static void try(struct checkup *c, const char *library)
{
	struct trial t = {.arena = c->arena};

	if (!begin(&t)) {
		checkup_add(c, ANSWER_PART,
			    arena_print(c->arena,
					"the recorder was not tried: nothing "
					"can be written to /tmp: %s",
					strerror(errno)),
			    "set TMPDIR to a directory of yours");
		return;
	}
	report_trial(c, &t, library);
	nftw(t.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* --- the file --------------------------------------------------------------
 */

void check_library(struct checkup *c)
{
	const char *expected = recorder_path(c->arena, false), *library;
	char *path = realpath(expected, NULL);

	if (!path) {
		checkup_give_up(
			c,
			arena_print(c->arena, "no recorder at %s: %s", expected,
				    strerror(errno)),
			"say where libkeytrail.so is with KEYTRAIL_LIB");
		return;
	}
	library = arena_print(c->arena, "%s", path).at;
	free(path);
	if (!recorder_path_can_be_named(library)) {
		checkup_give_up(c,
				arena_print(c->arena,
					    "the loader takes no library from "
					    "%s: a blank or colon is in its "
					    "path",
					    library),
				"move it to a path without");
		return;
	}
	checkup_add(c, ANSWER_OK,
		    arena_print(c->arena, "the recorder is %s", library), NULL);
	try(c, library);
}
