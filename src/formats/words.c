#include "formats/words.h"

#include <time.h>

struct str name_of(struct arena *arena, const struct image *i)
{
	struct str program = i->command, rest = {0};
	const char *blank;

	if (!program.len)
		program = i->exe;
	else if ((blank = memchr(program.at, ' ', program.len))) {
		rest = (struct str){blank, program.len};
		program.len = (size_t)(blank - program.at);
		rest.len -= program.len;
	}
	program = str_base(program);
	if (!program.len && !rest.len)
		return STR("a process");
	return arena_print(arena, "%s%.*s%.*s",
			   i->hop == HOP_THREAD ? "thread of " : "",
			   STR_FMT(program), STR_FMT(rest));
}

struct str site_in_words(struct str site)
{
	struct str base = str_base(site);

	return base.len ? base : site; /* a function may end in a slash, too */
}

static const struct {
	const char *reason, *words;
} gap_words[] = {
	{"static", "statically linked, no recorder can enter it"},
	{"setuid", "runs with other rights, the loader refuses the recorder"},
	{"other-libc", "uses another libc"},
	{"other-class", "built for another kind of machine"},
	{"no-library", "the recorder was not within its reach"},
	{"opted-out", "the recorder was turned off or not handed on"},
	{"no-trace", "started with the recorder, and never spoke"},
	{"lost-events", "some of its events were lost"},
	{"thread-env",
	 "what its threads read of an environment of their own cannot be seen"},
};

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

static const char *fold_noun(const struct event *fold)
{
	if (str_eq(fold->of, STR("set")))
		return "set";
	if (str_eq(fold->of, STR("unset")))
		return "removal";
	return fold->found ? "read" : "vain read";
}

struct str folded_in_words(struct arena *a, const struct event *fold)
{
	struct str names = fold->name.len ? fold->name : STR("various names");

	return arena_print(a, "%llu more %s%s of %.*s",
			   (unsigned long long)fold->n, fold_noun(fold),
			   fold->n == 1 ? "" : "s", STR_FMT(names));
}

const char *gap_in_words(const struct gap *gap)
{
	const char *reason = gap->reason;

	if (gap->image->is_go)
		return "a Go program: what it reads and starts cannot be seen";
	for (size_t i = 0; i < sizeof gap_words / sizeof gap_words[0]; i++)
		if (!strcmp(gap_words[i].reason, reason))
			return gap_words[i].words;
	return reason;
}
