#include "formats/words.h"

#include <signal.h>
#include <time.h>

struct str site_in_words(struct str site)
{
	struct str base = str_base(site);

	return base.len ? base : site; /* a function may end in a slash, too */
}

struct str moment_in_words(struct arena *a, uint64_t wall)
{
	time_t seconds = (time_t)(wall / 1000);
	char text[32];
	struct tm tm;

	if (!wall || !gmtime_r(&seconds, &tm) ||
	    !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return STR("a moment that is not known");
	return arena_print(a, "%s", text);
}

struct str signal_in_words(struct arena *a, int64_t n)
{
	static const char *const names[] = {
		[SIGHUP] = "HUP",   [SIGINT] = "INT",	[SIGQUIT] = "QUIT",
		[SIGILL] = "ILL",   [SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",
		[SIGBUS] = "BUS",   [SIGFPE] = "FPE",	[SIGKILL] = "KILL",
		[SIGUSR1] = "USR1", [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
		[SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM",
		[SIGCHLD] = "CHLD", [SIGCONT] = "CONT", [SIGSTOP] = "STOP",
		[SIGTSTP] = "TSTP", [SIGXCPU] = "XCPU", [SIGXFSZ] = "XFSZ",
		[SIGSYS] = "SYS"};

	if (n > 0 && n < (int64_t)(sizeof names / sizeof *names) && names[n])
		return arena_print(a, "SIG%s", names[n]);
	return arena_print(a, "signal %lld", (long long)n);
}

static const char *fold_noun(const struct event *fold)
{
	if (str_eq(fold->of, STR("set")))
		return "set";
	if (str_eq(fold->of, STR("unset")))
		return "removal";
	return fold->found ? "read" : "failed read";
}

struct str folded_in_words(struct arena *a, const struct event *fold)
{
	struct str names = fold->name.len ? fold->name : STR("various names");

	return arena_print(a, "%llu more %s%s of %.*s",
			   (unsigned long long)fold->n, fold_noun(fold),
			   fold->n == 1 ? "" : "s", STR_FMT(names));
}

const char *gap_in_words(const struct coverage_gap *gap)
{
	if (model_bypasses_libc(gap->image))
		return "a Go program: what it reads and starts cannot be seen";
	return gap_prose(gap->gap);
}

const char *verdict_word(enum verdict verdict)
{
	static const char *const words[] = {[INCONCLUSIVE] = "inconclusive",
					    [HEALTHY] = "healthy",
					    [EXONERATED] = "exonerated",
					    [WARNED] = "warning",
					    [FAULTY] = "fault"};

	return words[verdict];
}

struct strs shapes_in_words(struct arena *a, const struct value *v)
{
#define WORD_OF(id, name) STR(name),
	static const struct str words[] = {KT_SHAPES(WORD_OF)};
#undef WORD_OF
	struct strs all = {TAKE(a, struct str, KT_SHAPE_COUNT), 0};

	for (size_t i = 0; i < KT_SHAPE_COUNT; i++)
		if (v->is & 1u << i)
			all.at[all.n++] = words[i];
	return all;
}

struct str join_names_in_words(struct arena *a, const struct strs *names)
{
	struct str text = {NULL, 0};

	for (size_t i = 0; i < names->n; i++)
		text = arena_print(a, "%.*s%s%.*s", STR_FMT(text),
				   i ? ", " : "", STR_FMT(names->at[i]));
	return text;
}
