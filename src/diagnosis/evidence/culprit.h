/* What several rules ask of a cause: who is to blame, what to call them, and
 * where a value came from. */
#ifndef EVIDENCE_CULPRIT_H
#define EVIDENCE_CULPRIT_H

#include "model/finding.h"
#include "runtimes/runtime.h"

/* What a person calls an image in a sentence: "node worker.js (pid 7)". */
struct str process_in_sentence(struct arena *, const struct image *);

/* Fills culprit, operation and site: `by` did `event` on the way to `beyond`.
 * `event` may be null: nobody saw how. For a forked child that only made
 * ready an exec, the image that it was forked from answers; for a helper, the
 * runtime that drives it. */
void set_culprit(struct finding *, const struct image *by,
		 const struct event *event, const struct image *receiver);

bool is_shell(const struct image *);

/* ", the 3rd program that it started,": which of a shell's commands led to
 * `started`. Empty when that is not certain, or there was only one. */
struct str position_in_shell(const struct model *, const struct image *shell,
			     const struct image *started);

/* How much of an environment a handover passed on. */
enum env_diff { ENV_DIFF_NONE, ENV_DIFF_ONE, ENV_DIFF_ALL, ENV_DIFF_SOME };

/* True when this reading was lost at a handover that cut so much: the whole of
 * a rule's `explains`. */
bool explain_by_env_diff(const struct reading *, enum env_diff,
			 struct finding *ret);

/* `how` ends "NAME held NAME and started NAME ...". */
void describe_env_diff(const struct model *, const struct reading *,
		       struct finding *, enum remedy, const char *how);

/* The reading's `late`: who started something without it, and set it then.
 * `started` is that, as in "made a worker thread". */
void set_late_culprit(const struct reading *, struct finding *ret);
void describe_late_set(const struct model *, const struct reading *,
		       struct finding *, struct str started);

/* Was it handed to a program that nobody could look into, and was missing on
 * its other side? Then the reading's loss names both. */
bool is_lost_in_unobserved(const struct reading *);

/* Was what it started out of everybody's sight, for good? */
bool is_external_launch(const struct reading *);

/* Does one of its arguments name the variable, or begin with one of `words`? */
bool arguments_mention(const struct image *, struct str name);
bool has_argument(const struct image *, const char *words);

/* Does this program start others with other rights than its own caller's? */
bool changes_rights(const struct image *);

/* Is the way to it known from a stranger's word alone, through a program that
 * nobody would expect to change its user? */
bool is_mere_claim(const struct image *);

/* Where the value that a reading found (or that an image held) appeared. */
struct origin {
	const struct image *image; /* who brought it in */
	const struct image *next; /* the image after it on the way, or itself */
	const struct event *event;  /* set, swap, exec, spawn; null: unseen, or
				       the root was born with it */
	const struct value *before; /* what stood there until then, or null */
};
struct origin find_origin(const struct reading *);

/* Has this reading's value one of these shapes (KT_IS_...), and none of these?
 * Then *ret blames who brought it in: the whole of a rule's `explains`. */
bool explain_by_shape(const struct reading *, uint32_t shapes, uint32_t less,
		      struct finding *ret);

/* `what` is the verb of "NAME ...". */
void describe_shape(const struct model *, const struct reading *,
		    struct finding *, const char *what, const char *fix);

#endif
