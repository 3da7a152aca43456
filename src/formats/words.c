#include "formats/words.h"

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
