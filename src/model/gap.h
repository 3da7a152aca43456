/* Gaps: why the trace tells nothing, or too little, of an image.
 *
 * To add a gap: a row in gap.def, and docs/gaps/WORD.md for `keytrail explain`.
 */
#ifndef MODEL_GAP_H
#define MODEL_GAP_H

enum gap {
	GAP_NONE,
#define GAP(id, word, prose, fix) GAP_##id,
#include "model/gap.def"
};

/* The report's word for a gap, as in "other-libc"; null for GAP_NONE. */
const char *gap_word(enum gap);

/* The same in plain English, to follow the name of the program; null for
 * GAP_NONE. */
const char *gap_prose(enum gap);

/* What to do about the gap, as a command to the reader; null for GAP_NONE. */
const char *gap_fix(enum gap);

#endif
