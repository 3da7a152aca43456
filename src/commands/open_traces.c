#include "commands/open_traces.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/shell_word.h"
#include "host/default_trace.h"
#include "trace/newest_trace.h"

/* Where preloaded programs record is named only when they did. */
static const char *preloaded_trace(struct arena *arena, const char *command)
{
	const char *dir = preloaded_trace_directory(arena);
	struct stat st;

	if (stat(dir, &st) || !S_ISDIR(st.st_mode))
		return "or record one with keytrail run COMMAND";
	return arena_print(arena,
			   "or read that of preloaded programs: keytrail "
			   "%s %s",
			   command, shell_path(arena, dir))
		.at;
}

/* The operand of a command without one: printed, since it was not named. */
static bool take_newest(struct arena *arena, const char *command,
			const char **ret)
{
	*ret = newest_trace(arena);
	if (*ret)
		complain(arena, "%s: reading %s", command, *ret);
	else
		complain(arena,
			 "%s: no trace here, in keytrail-*/; name the TRACE, "
			 "%s",
			 command, preloaded_trace(arena, command));
	return *ret;
}

/* KEYTRAIL names a directory from the root on. */
static const char *whole_path(struct arena *arena, const char *path)
{
	char *here = *path == '/' ? NULL : getcwd(NULL, 0);
	const char *whole =
		here ? arena_print(arena, "%s/%s", here, path).at : path;

	free(here);
	return whole;
}

/* A preloaded program that cannot record says nothing. */
static const char *advice_for_none(struct arena *arena, const char *path)
{
	const char *settings =
		arena_print(arena, "dir=%s", whole_path(arena, path)).at;

	return arena_print(arena,
			   "name the directory that keytrail run made; if a "
			   "service was to record there: keytrail doctor -p "
			   "PID or, as its user, KEYTRAIL=%s keytrail doctor",
			   shell_word(arena, settings))
		.at;
}

/* The trace itself, or a file of the trace, is another user's. */
static const char *advice_for(struct arena *arena, const char *path)
{
	const char *below = newest_trace_below(arena, path);
	struct stat st;

	if (!strcmp(path, "-"))
		return "pipe a packed file into it: keytrail report - <FILE";
	if (below)
		return arena_print(arena, "did you mean %s?",
				   shell_path(arena, below))
			.at;
	if (stat(path, &st) && errno == ENOENT)
		return advice_for_none(arena, path);
	if (stat(path, &st) || st.st_uid == geteuid() || !geteuid())
		return "name the directory that keytrail run made, or a packed "
		       "file";
	return arena_print(arena, "read it as its owner, uid %u", st.st_uid).at;
}

static bool load(struct arena *arena, struct trace *t, const char *path)
{
	size_t n_cut = t->n_cut;
	const char *why;

	if (!trace_load(arena, t, path, &why)) {
		complain(arena, "cannot read %s: %s; %s", path, why,
			 advice_for(arena, path));
		return false;
	}
	if (t->n_cut > n_cut)
		complain(arena,
			 "the end of %s is missing: the file is cut; copy it "
			 "again, whole",
			 path);
	return true;
}

/* True for run.jsonl without the files beside it. */
static bool is_part(const struct trace *t, const char *path)
{
	if (t->pack || t->n_files ||
	    strncmp(str_base(str_of(path)).at, "run", 3))
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (!event_is_of_run(&t->events[i]))
			return false;
	return t->n;
}

static void tell_missing(struct arena *arena, struct trace *t)
{
	uint64_t missing = trace_note_missing(t);

	if (missing)
		complain(arena,
			 "%llu line%s of a packed file %s missing; copy it "
			 "again, whole",
			 (unsigned long long)missing, missing == 1 ? "" : "s",
			 missing == 1 ? "is" : "are");
}

bool open_traces(struct arena *arena, const struct opts *opts,
		 const char *command, struct trace *ret)
{
	struct trace t = {0};
	const char *newest;

	if (!opts->n_operands &&
	    (!take_newest(arena, command, &newest) || !load(arena, &t, newest)))
		return false;
	for (int i = 0; i < opts->n_operands; i++)
		if (!load(arena, &t, opts->operands[i]))
			return false;
	tell_missing(arena, &t);
	if (t.unreadable)
		complain(arena,
			 "%zu file%s of the trace may not be read; ask again "
			 "as the user who owns them",
			 t.unreadable, t.unreadable == 1 ? "" : "s");
	if (opts->n_operands == 1 && is_part(&t, opts->operands[0])) {
		complain(arena,
			 "%s: %s is a part of a trace, the lines of keytrail "
			 "run alone; name its directory",
			 command, opts->operands[0]);
		return false;
	}
	*ret = t;
	return true;
}
