/* Words that formats for people share. */
#ifndef FORMATS_WORDS_H
#define FORMATS_WORDS_H

#include "base/arena.h"
#include "model/model.h"

/* What a person calls this process: its command line less the directories of
 * the program. Never empty. */
struct str name_of(struct arena *, const struct image *);

/* The contract's reason word for a gap, in plain words. */
const char *reason_in_words(const char *reason);

#endif
