#include "model/gap.h"

#include <stddef.h>

static const struct {
	const char *word, *prose;
} gaps[] = {
	[GAP_NONE] = {NULL, NULL},
#define GAP(id, word, prose) [GAP_##id] = {word, prose},
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
