/* How the judge weighs and tells; evaluation.c is the way through. */
#ifndef DIAGNOSIS_EVALUATION_H
#define DIAGNOSIS_EVALUATION_H

#include "base/hashmap.h"
#include "rules/rule.h"

/* One cause of one reading, before equal ones are told as one. */
struct candidate {
	struct finding finding;
	const struct rule *rule;
	const struct reading *reading;
	bool only_because_it_failed; /* nothing but the reader's failure makes
					it a fault */
	struct candidate *next;
};

/* external_launch.c: what was held by those who took a program out of sight. */
void each_external_launch(struct arena *, const struct model *,
			  void (*evaluate_reading)(void *,
						   const struct reading *),
			  void *evaluation);

/* severity.c: how much it weighs. */
void decide_severity(const struct model *, struct str asked_for,
		     struct candidate *);

/* group.c: adds a charge to `findings`, or to one equal to it there. */
struct groups {
	struct arena *arena;
	struct hashmap *equals, *causes;
	struct candidate **at; /* different ones, in order of arrival */
	size_t n, room;
};
void add_to_group(struct groups *, struct candidate *);
void sort_groups(struct groups *);

/* value_path.c: the steps from the root to the victim. */
void build_value_path(struct arena *, struct finding *, const struct reading *);

/* verdict.c: what it all comes to. */
void decide_verdict(struct report *, const struct model *,
		    struct str asked_for);

#endif
