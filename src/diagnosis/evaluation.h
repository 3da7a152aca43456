/* How the judge weighs and tells; evaluation.c is the way through. */
#ifndef DIAGNOSIS_EVALUATION_H
#define DIAGNOSIS_EVALUATION_H

#include "base/hashmap.h"
#include "rules/rule.h"

/* One cause of one reading, before equal ones are told as one. */
struct charge {
	struct finding finding;
	const struct rule *rule;
	const struct reading *reading;
	bool by_failure; /* nothing but the reader's failure makes it a fault */
	struct charge *next;
};

/* external_launch.c: what was held by those who took a program out of sight. */
void each_departure(struct arena *, const struct model *,
		    void (*hear)(void *, const struct reading *), void *court);

/* severity.c: how much it weighs. */
void weigh(const struct model *, struct str asked_for, struct charge *);

/* group.c: adds a charge to `findings`, or to one equal to it there. */
struct docket {
	struct arena *arena;
	struct hashmap *equals, *causes;
	struct charge **at; /* different ones, in order of arrival */
	size_t n, room;
};
void merge(struct docket *, struct charge *);
void put_in_order(struct docket *);

/* value_path.c: the steps from the root to the victim. */
void trace_path(struct arena *, struct finding *, const struct reading *);

/* verdict.c: what it all comes to. */
void pronounce(struct report *, const struct model *, struct str asked_for);

#endif
