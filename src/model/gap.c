#include "model/gap.h"

#include <stddef.h>

static const struct {
	const char *word, *prose, *fix;
} gaps[] = {
	[GAP_NONE] = {NULL, NULL, NULL},
#define GAP(id, word, prose, fix) [GAP_##id] = {word, prose, fix},
#include "model/gap.def"
};

const char *gap_word(enum gap gap)
{
	return gaps[gap].word;
}

const char *gap_prose(enum gap gap)
{
	return gaps[gap].prose;
}

const char *gap_fix(enum gap gap)
{
	return gaps[gap].fix;
}
