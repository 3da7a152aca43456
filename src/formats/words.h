/* Words that formats for people share. */
#ifndef FORMATS_WORDS_H
#define FORMATS_WORDS_H

#include "model/finding.h"

/* A site for people: of module+0xOFFSET without the directories. */
struct str site_in_words(struct str site);

/* "27 more sets of NAME": the events counted by a `fold` event. */
struct str folded_in_words(struct arena *, const struct event *fold);

/* A time, given in ms of CLOCK_REALTIME; 0: not known. */
struct str moment_in_words(struct arena *, uint64_t wall);

/* "SIGTERM", or "signal 40". */
struct str signal_in_words(struct arena *, int64_t n);

/* The gap in plain English. Never null. */
const char *gap_in_words(const struct coverage_gap *);

/* "healthy", "fault", ... */
const char *verdict_word(enum verdict);

/* "quoted", "cr": the words of the trace for the shapes of a value. */
struct strs shapes_in_words(struct arena *, const struct value *);

/* The names, with commas between. */
struct str join_names_in_words(struct arena *, const struct strs *);

#endif
