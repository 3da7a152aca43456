/* The steps of a diagnosis (diagnosis.h), and their common data. */
#ifndef DIAGNOSIS_EVALUATION_H
#define DIAGNOSIS_EVALUATION_H

#include "base/hashmap.h"
#include "rules/rule.h"

/* A cause which fits one reading. Equal candidates become one finding. */
struct candidate {
	struct finding finding;
	const struct rule *rule;
	const struct reading *reading;
	bool only_because_it_failed; /* a fault for the reader's failure alone
				      */
	struct candidate *next;
};

struct evaluation {
	struct arena *arena;
	const struct model *model;
	struct str user_variable; /* of --variable; len 0: all */
	struct candidate *first, **end;
};

/* evaluation.c: fills the list of candidates. */
void evaluate_readings(struct evaluation *);

/* external_launch.c: calls `evaluate` for every variable held by an external
 * launcher. The readings exist for this call only, and belong to no image. */
void each_external_launch(struct arena *, const struct model *,
			  void (*evaluate)(void *, const struct reading *),
			  void *context);

/* who_asks.c: true when the site lies in a library, not in the program. */
bool is_library_site(struct str site);

/* need.c */
bool is_named_by_user(const struct model *, struct str user_variable,
		      const struct reading *);

/* True for a name asked for in passing: a switch, or a name read by a library
 * although the program has its key. */
bool is_extra(const struct reading *);

/* end.c: true when the reader failed, or the launcher waiting for the reader.
 */
bool failed_after(const struct reading *);

/* relief.c: true for a reading without a value, or with an empty value. */
bool is_nothing(const struct reading *);

/* True when the process found another name which serves instead. */
bool found_substitute(const struct reading *);

/* True for an empty value, removed by the process after the read. */
bool was_removed_after_read(const struct reading *);

/* True when the process gave the variable its default value. */
bool set_default(const struct reading *, bool named_by_user);

/* Lowers faults that are mere guesses, when the failure has a better
 * explanation. */
void demote_guesses(struct evaluation *);

/* severity.c: the severity and confidence of the main candidate. */
void decide_severity(const struct model *, struct str user_variable,
		     struct candidate *);

/* group.c: findings in the order of arrival. */
struct groups {
	struct arena *arena;
	struct hashmap *equals, *causes;
	struct candidate **at;
	size_t n, room;
};

/* Adds a candidate to an equal one, or as a new finding. */
void add_to_group(struct groups *, struct candidate *);

/* order.c */
void sort_groups(struct groups *);

/* value_path.c: the steps from the root to the victim. */
void build_value_path(struct arena *, struct finding *, const struct reading *);

/* coverage.c: counts images, and lists the unobserved. */
void list_gaps(struct arena *, const struct model *, struct report *);

/* verdict.c: needs the sorted findings. */
void decide_verdict(struct report *, const struct model *,
		    struct str user_variable);

#endif
