/* Rules: why a reader did not get its key.
 *
 * To add one: write src/rules/ktNNN_id.c defining `const struct rule
 * rule_ktNNN`, tests/rules/ktNNN.case (where it fires and an innocent twin),
 * and docs/findings/KTNNN.md. The build finds all three.
 *
 * A rule says only whether its cause fits one reading, and who did it. What a
 * reader's loss weighs (severity), which of several fitting causes is the
 * finding, and that equal ones are told once, is src/diagnosis's business. */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include "model/finding.h"

/* Ranks leave room for what is to come: KT6xx and KT503 stand below 100, KT204
 * to KT207 at 200, KT301 at 300, KT302 310, KT203 320, KT201 330, KT202 340,
 * KT401 400, KT501 500, KT7xx at 600, KT303 800, KT104, KT105, KT106, KT103 and
 * KT102 between 810 and 890, KT101 900.
 *
 * From this rank on a rule does not accuse: it speaks only where none does. */
enum { RANK_ACQUITS = 990 };

struct rule {
	const char *code, *id;
	int rank; /* place in the contract's order: lower explains more */

	/* True when this cause explains `r`; then *ret has culprit,
	 * operation, site, confidence, and `severity` the most that this rule
	 * wants to say. That is said when the value `existed` where it should
	 * have come from, or the reader failed, or the user named the
	 * variable; else `least`. A rule asks r->value what was found, and
	 * r->loss why nothing was. */
	bool (*explains)(const struct model *, const struct reading *r,
			 struct finding *ret);

	/* Fills summary and fix of what `explains` answered, once for all
	 * equal findings. */
	void (*describe)(const struct model *, const struct reading *r,
			 struct finding *);
};

extern const struct rule *const rules[]; /* generated, null-terminated */

/* The whole verdict on a model. `variable` restricts it to one name and says
 * that the user cares about that name; len 0: all. */
struct report *diagnose(struct arena *, const struct model *,
			struct str variable);

#endif
