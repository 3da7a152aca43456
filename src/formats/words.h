/* Words that formats for people share. */
#ifndef FORMATS_WORDS_H
#define FORMATS_WORDS_H

#include "base/arena.h"
#include "model/finding.h"
#include "model/model.h"

/* What a person calls this process: its command line less the directories of
 * the program. Never empty. */
struct str name_of(struct arena *, const struct image *);

/* A site as people read it: of module+0xOFFSET the directories say nothing. */
struct str site_in_words(struct str site);

/* "27 more sets of NAME": the events that a `fold` counts. */
struct str folded_in_words(struct arena *, const struct event *fold);

/* A moment, given in ms of CLOCK_REALTIME; 0: not known. */
struct str moment_in_words(struct arena *, uint64_t wall);

/* The contract's reason word for a gap, in plain words. */
const char *gap_in_words(const struct gap *);

#endif
