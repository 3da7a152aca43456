#include "catalogue/build_tools.h"

static const struct {
	struct str program;
	const char *words;
} builds[] = {
#define BUILDS(program, words) {{program, sizeof program - 1}, words},
#include "catalogue/build_tools.def"
};

static bool has_word(const struct str *words, size_t n, const char *wanted)
{
	for (size_t i = 0; i < n; i++)
		if (str_is_listed(words[i], wanted))
			return true;
	return !*wanted;
}

bool is_build(struct str program, const struct str *words, size_t n_words)
{
	for (size_t i = 0; i < sizeof builds / sizeof *builds; i++)
		if (str_eq(builds[i].program, program) &&
		    has_word(words, n_words, builds[i].words))
			return true;
	return false;
}
