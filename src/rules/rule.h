/* Rules: why a program did not get its key.
 *
 * To add one: write src/rules/ktNNN_id.c defining `const struct rule
 * rule_ktNNN`, tests/rules/ktNNN.case (where the rule fires, and a healthy
 * twin where it must not), and docs/findings/KTNNN.md. The build finds all
 * three.
 *
 * A rule says only whether its cause explains one reading, and names the
 * culprit. src/diagnosis decides the severity, which of several causes is the
 * finding, and groups equal findings. What several rules need lies in
 * src/diagnosis/evidence. */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include "model/finding.h"

/* Ranks leave room for rules to come: KT504, KT801, KT802 and KT703
 * are below 10, KT6xx and KT503 below 100, KT204 to
 * KT207 at 200, KT301 at 300, KT302 310, KT203 320, KT201 330, KT202 340,
 * KT401 400, KT501 500, KT7xx at 600, KT303 800, KT104, KT105, KT106, KT103 and
 * KT102 between 810 and 890, KT101 900.
 *
 * From RANK_REFUSED on a rule accuses no program. From RANK_ACQUITS on its
 * finding counts only when no rule that accuses a program explains the reading.
 */
enum { RANK_REFUSED = 980, RANK_ACQUITS = 990 };

struct rule {
	const char *code, *id;
	enum loss_class loss;
	int rank; /* the cause with the lowest rank is the finding */

	/* True when this cause explains `r`. Then *ret has culprit, operation,
	 * site and confidence. `severity` comes as FAULT, the highest, and
	 * `loss` as in the rule: `explains` may change both. r->value is the
	 * value found; r->loss says where the value was lost. */
	bool (*explains)(const struct model *, const struct reading *r,
			 struct finding *ret);

	/* Fills summary and fix of a finding accepted by `explains`, and detail
	 * where one more fact helps. The summary is a headline: words of the
	 * act alone, put between place and effect by evidence/sentence.h.
	 * Called once for all equal findings. */
	void (*describe)(const struct model *, const struct reading *r,
			 struct finding *);
};

extern const struct rule *const rules[]; /* generated, null-terminated */

#endif
