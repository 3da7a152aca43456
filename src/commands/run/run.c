#include "base/nearest.h"
#include "base/shell_word.h"
#include "commands/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/recorder_path.h"
#include "commands/run/run_bad_command.h"
#include "commands/run/run_child.h"
#include "commands/run/run_dir.h"
#include "commands/run/run_self_wrapper.h"
#include "commands/run/run_events.h"
#include "commands/run/run_settings.h"
#include "commands/run/run_summary.h"
#include "commands/run/run_target.h"
#include "commands/secret_word.h"
#include "catalogue/catalogue.h"
#include "shared/preload_list.h"
#include "shared/settings_text.h"

enum { COMMAND_NOT_FOUND = 127 }; /* as a shell ends */

struct run {
	struct arena *arena;
	struct run_dir dir;
	struct run_events log;
	struct texts watch;
	bool stacks, http, quiet, no_env_files;
	const char *word;    /* the command */
	const char *command; /* the same, fit to be shown */
	struct run_target target;
	struct child child;
};

/* --- the two variables of the recorder ------------------- */

/* Null after a complaint. */
static const char *find_library(struct arena *arena, bool http)
{
	const char *found = recorder_path(arena, http);
	char *real = realpath(found, NULL);
	const char *path = real ? arena_print(arena, "%s", real).at : found;
	const char *flaw = real ? recorder_path_flaw(path) : strerror(errno);

	free(real);
	if (flaw)
		complain(arena,
			 "no recorder at %s: %s; say where "
			 "libkeytrail.so is with KEYTRAIL_LIB",
			 path, flaw);
	else if (!recorder_path_can_be_named(path))
		complain(arena,
			 "the loader takes no library from %s: a blank "
			 "or colon is in its path; move it",
			 path);
	else
		return path;
	return NULL;
}

static char *settings(const struct run *r, bool of_launcher)
{
	const struct run_settings all = {
		.dir = &r->dir,
		.watch = &r->watch,
		.stacks = r->stacks,
		.http = r->http,
		.of_launcher = of_launcher,
	};

	return run_settings_variable(r->arena, &all);
}

/* LD_PRELOAD=..., as the recorder itself would make the list for the command.
 */
static char *preload(const struct run *r, const char *library)
{
	const struct preload with = {library, r->target.runtime};
	const char *list = getenv("LD_PRELOAD");
	size_t size = preload_size(list, library);
	char *variable = TAKE(r->arena, char, size);

	preload_write(variable, size, list, &with, true);
	return variable;
}

/* Replaces the variable of the same name by `entry`, else appends `entry`. */
static void put(char **envp, char *entry)
{
	size_t n = strcspn(entry, "=") + 1;

	while (*envp && strncmp(*envp, entry, n))
		envp++;
	*envp = entry;
}

static char **own_environment(const struct run *r)
{
	size_t n = 0;
	char **envp;

	while (environ[n])
		n++;
	envp = TAKE(r->arena, char *, n + 3);
	memcpy(envp, environ, n * sizeof *envp);
	return envp;
}

static char **environment(const struct run *r, const char *library)
{
	char **envp = own_environment(r);

	if (r->target.kind == KT_TARGET_OTHER_CLASS || r->target.only_lists)
		return envp; /* the loader would complain of us, or list us */
	put(envp, preload(r, library));
	put(envp, settings(r, false));
	return envp;
}

static void choose_launcher(struct run *r, const char *library, char **command)
{
	if (r->target.only_lists || !exec_wrapper_is_needed(r->target.kind))
		return;
	r->child.launcher = exec_wrapper_words(r->arena, command);
	r->child.launcher_envp = own_environment(r);
	put(r->child.launcher_envp, preload(r, library));
	put(r->child.launcher_envp, settings(r, true));
}

/* --- the command -------------------------------------------------------- */

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static bool is_secret(const char *word)
{
	enum { SHORTEST = 4 };

	return holds_secret(str_of(word), SHORTEST);
}

/* NAME=value in the place of a command or a name may be somebody's key. */
static const char *shown(struct arena *arena, const char *word)
{
	size_t n = strcspn(word, "=");
	struct str name = arena_print(arena, "%.*s", (int)n, word);

	if (is_secret(name.at))
		return word[n] ? "***=***" : "***";
	return word[n] ? arena_print(arena, "%.*s=***", (int)n, word).at : word;
}

/* Null for a role, else the word to say about it. */
static const char *role_advice(struct arena *arena, const char *word)
{
	struct nearest near = {.misspelt = word};

	for (int role = 0; role < ROLE_NONE; role++) {
		if (!strcmp(word, role_word((enum role)role)))
			return NULL;
		nearest_try(&near, role_word((enum role)role));
	}
	return near.word ? arena_print(arena, "did you mean %s?", near.word).at
			 : "a role is key, alternative, optional or setting";
}

static bool check_watch(struct arena *arena, const struct texts *watch)
{
	for (size_t i = 0; i < watch->n; i++) {
		const char *name = watch->at[i], *role = strchr(name, ':');
		bool has_name = *name && name != role;

		if (role && role_advice(arena, role + 1)) {
			complain(arena, "run: -w %s: %s", name,
				 role_advice(arena, role + 1));
			return false;
		}

		if (!has_name || strpbrk(name, "= \t\n$/") ||
		    !setting_can_hold(name) || is_secret(name)) {
			complain(arena,
				 "run: -w takes the name of one "
				 "variable, without comma, blank or value; "
				 "repeat it for more");
			return false;
		}
	}
	return true;
}

static int not_started(const struct run *r, int error)
{
	bool first_word = is_command_line(r->word, error);
	int shown = (int)strcspn(r->command, first_word ? " \t\r\n" : "");

	complain(r->arena, "cannot run %.*s%s: %s; %s", shown, r->command,
		 r->command[shown] ? " ..." : "", strerror(error),
		 run_advice(r->word, error));
	return error == ENOENT ? COMMAND_NOT_FOUND : 126;
}

/* The command runs even when the trace cannot be written. */
static int run_unrecorded(const struct run *r, const char *why, char **argv)
{
	complain(r->arena,
		 "cannot record into %s: %s; %s runs unrecorded; name another "
		 "directory with -o DIR",
		 r->dir.name, why, r->command);
	child_replace_us(&r->child, argv, environ);
	return not_started(r, errno);
}

static bool write_start(const struct run *r, uint64_t t)
{
	const struct run_start start = {
		.t = t,
		.pid = r->child.pid,
		.command = r->command,
		.target = r->target.kind,
		.launcher = r->child.launcher,
		.no_env_files = r->no_env_files,
		.http = r->http,
		.watch = &r->watch,
	};

	return run_events_start(&r->log, r->arena, &start);
}

static int run_in_our_place(struct run *r, char **argv, char **envp)
{
	r->child.pid = getpid();
	complain(r->arena,
		 "cannot start another process: %s; %s runs in our place, "
		 "recorded, and there will be no summary: keytrail report %s",
		 strerror(errno), r->command,
		 shell_path(r->arena, r->dir.name));
	write_start(r, clock_now(CLOCK_MONOTONIC, 1));
	child_replace_us(&r->child, argv, envp);
	return not_started(r, errno);
}

static bool append_line(void *log, struct str line)
{
	return run_events_append(log, line);
}

/* The command began at `from` and ended at `to`. */
static void sum_up(const struct run *r, uint64_t from, uint64_t to)
{
	const struct env_file_lines files = {
		.from = from,
		.t = to,
		.key = r->dir.key,
		.in_environment_of_run = true,
		.take = append_line,
		.context = (void *)(uintptr_t)&r->log,
	};
	const struct run_summary summary = {
		.arena = r->arena,
		.dir = r->dir.fd,
		.name = r->dir.name,
		.pid = (uint64_t)r->child.pid,
		.stacks = r->stacks,
		.quiet = r->quiet,
		.files = r->no_env_files ? NULL : &files,
	};

	if (!r->child.exec_error && !(r->quiet && r->no_env_files))
		run_summary_tell(&summary);
}

static void record_signal(void *run, const siginfo_t *info)
{
	const struct run *r = run;

	run_events_signal(&r->log, r->child.pid, info);
}

static int run_recorded(struct run *r, char **argv, char **envp)
{
	uint64_t t = clock_now(CLOCK_MONOTONIC, 1), end;
	bool written;
	int error;

	if (!child_start(&r->child, argv, envp))
		return run_in_our_place(r, argv, envp);
	written = write_start(r, t);
	r->child.on_signal = record_signal;
	r->child.context = r;
	error = errno;
	child_wait(&r->child, grower_new(r->dir.fd, run_settings_max()));
	end = clock_now(CLOCK_MONOTONIC, 1);
	if (written) {
		written =
			run_events_end(&r->log, r->child.pid, r->child.status);
		error = errno;
	}
	if (written)
		sum_up(r, t, end);
	child_release(&r->child);
	if (!written)
		complain(r->arena,
			 "cannot write into %s: %s; its trace lacks what "
			 "found no room: name another directory with -o DIR",
			 r->dir.name, strerror(error));
	if (r->child.exec_error)
		return not_started(r, r->child.exec_error);
	return exit_status(r->child.status);
}

/* False, with the reason, when the command must run unrecorded. */
static bool begin_trace(struct run *r, const char **ret_why)
{
	if (!run_events_open(r->dir.fd, &r->log)) {
		*ret_why = strerror(errno);
		run_dir_undo(&r->dir);
		return false;
	}
	if (r->dir.key_flaw)
		complain(r->arena,
			 "cannot use the key %s: %s; this run has one of "
			 "its own, so its fingerprints equal those of no "
			 "other run",
			 r->dir.key_name, r->dir.key_flaw);
	return true;
}

static int start(struct run *r, const char *dir, const char *library,
		 char **argv)
{
	const char *why;

	switch (run_dir_make(r->arena, dir, run_settings_keyfile(r->arena),
			     &r->dir, &why)) {
	case RUN_DIR_REFUSED:
		return complain(r->arena,
				"cannot record into %s: %s; name another "
				"directory with -o DIR",
				r->dir.name, why);
	case RUN_DIR_UNUSABLE:
		return run_unrecorded(r, why, argv);
	case RUN_DIR_READY:
		break;
	}
	if (!begin_trace(r, &why))
		return run_unrecorded(r, why, argv);
	choose_launcher(r, library, argv);
	return run_recorded(r, argv, environment(r, library));
}

static int run_command(struct run *r, const char *dir, char **argv)
{
	const char *library;

	child_prepare(&r->child);
	r->word = argv[0];
	r->command = shown(r->arena, r->word);
	r->target = run_target_of(argv);
	if (exec_wrapper_is_us()) {
		child_replace_us(&r->child, argv, environ);
		return not_started(r, errno);
	}
	if (!check_watch(r->arena, &r->watch))
		return FAILED;
	r->http = r->http || run_settings_http();
	library = find_library(r->arena, r->http);
	return library ? start(r, dir, library, argv) : FAILED;
}

/* `run -w make` has the command as the name to watch. */
static int no_command(struct arena *arena, int argc, char **argv)
{
	const char *option = argc > 2 ? argv[argc - 2] : "";

	if (str_is_listed(str_of(option), "-o --output -w --watch"))
		return complain(arena,
				"run: no COMMAND: %s is what %s was given; see "
				"keytrail run --help",
				shown(arena, argv[argc - 1]), option);
	return complain(arena, "run: no COMMAND; see keytrail run --help");
}

static int run(struct arena *arena, int argc, char **argv)
{
	struct run r = {.arena = arena};
	const char *dir = NULL;
	const struct opt table[] = {
		TEXT('o', "output", "DIR", &dir,
		     "record into DIR; without it into keytrail-DATE-TIME-PID"),
		LIST('w', "watch", "GLOB[:ROLE]", &r.watch,
		     "watch variables of this name too, as a key, alternative, "
		     "optional or setting; may be repeated"),
		FLAG(0, "stacks", &r.stacks,
		     "record who called that, too; needs libunwind"),
		FLAG(0, "http", &r.http,
		     "record requests of HTTP, too: "
		     "to whom which credential was sent, "
		     "and the status of the answer"),
		FLAG(0, "no-env-files", &r.no_env_files,
		     "read no env or secret file when it has ended"),
		FLAG('q', "quiet", &r.quiet, "no summary when it has ended"),
		{0},
	};
	struct opts opts = {
		.synopsis =
			"run [-o DIR] [-w GLOB[:ROLE]]... [--stacks] [--http] "
			"[--no-env-files] [-q] [--] COMMAND [ARG...]",
		.about = "Runs COMMAND and records who holds, passes on and "
			 "asks for credentials in the environment: names and "
			 "fingerprints, never a value. Its streams, signals "
			 "and exit status pass through unchanged.",
		.table = table,
		.stops_early = true};

	if (!take_options(arena, &opts, argc, argv))
		return opts.status;
	if (!opts.n_operands)
		return no_command(arena, argc, argv);
	if (!*opts.operands[0])
		return complain(arena,
				"run: the COMMAND is empty: " MAY_BE_UNSET),
		       COMMAND_NOT_FOUND;
	return run_command(&r, dir, opts.operands);
}

const struct command command_run = {
	"run", "run a command and record the trail of its keys", run};
