/* What several rules ask of a cause: who is to blame, what to call them, and
 * where a value came from. */
#ifndef RULES_CAUSE_H
#define RULES_CAUSE_H

#include "rules/rule.h"
#include "runtimes/runtime.h"

/* What a person calls an image in a sentence: "node worker.js (pid 7)". */
struct str who(struct arena *, const struct image *);

/* The image that answers for what `by` did on the way to `beyond`: for a
 * forked child that only made ready an exec, the image it was forked from;
 * for a helper, the runtime that drives it. */
const struct image *answerable(const struct image *by,
			       const struct image *beyond);

/* Fills culprit, operation and site: `by` did `event` on the way to `beyond`.
 * `event` may be null: nobody saw how. */
void blame(struct finding *, const struct image *by, const struct event *event,
	   const struct image *beyond);

/* Fills the fix, in the terms of the culprit. */
void advise(const struct model *, struct finding *, enum remedy,
	    struct str name);

/* How much of an environment was passed on. */
enum cut { CUT_NONE, CUT_ALL_BUT_ONE, CUT_TO_NOTHING, CUT_TO_SOME };

/* How much did the handover that lost this reading's variable leave out?
 * CUT_NONE: it was not lost there. */
enum cut cut_of(const struct reading *);

/* KT201, KT202 and KT203 differ in how much was cut, and in words. `how` ends
 * "NAME started NAME with ...". */
bool blame_cut(const struct model *, const struct reading *, enum cut,
	       enum remedy, const char *how, struct finding *ret);

/* Where the value that a reading found (or that an image held) appeared. */
struct origin {
	const struct image *image; /* who brought it in */
	const struct image *next; /* the image after it on the way, or itself */
	const struct event
		*event; /* set, swap, exec, spawn; null: born with it */
	const struct value *before; /* what stood there until then, or null */
};
struct origin origin_of(const struct reading *);

/* A malformed value: fills all but the summary's verb. `what` ends "the value
 * of NAME ...". */
bool blame_shape(const struct model *, const struct reading *, const char *what,
		 struct str fix, struct finding *ret);

/* Is the value of this reading of one of these shapes (KT_IS_...)? */
bool is_shaped(const struct reading *, uint32_t shapes);

#endif
