#include "diagnosis/evaluation.h"

#include <stdlib.h>

/* Lost, malformed, held elsewhere, held nowhere. */
static int order_of_loss(enum loss_class loss)
{
	switch (loss) {
	case LOSS_REQUEST:
	case LOSS_SEEN:
	case LOSS_OUT_OF_SIGHT:
		return 0;
	case LOSS_MALFORMED:
	case LOSS_FOREIGN:
		return 1;
	case LOSS_ELSEWHERE:
	case LOSS_OTHER_VALUE:
	case LOSS_OVERWRITTEN:
		return 2;
	case LOSS_NOWHERE:
	case LOSS_NONE:
		return 3;
	}
	return 3;
}

static bool is_key(const struct candidate *c)
{
	return role_of(c->finding.variable) == ROLE_KEY;
}

/* Rows of one provider begin with the names that its users know best. */
static int compare_rows(const struct candidate *a, const struct candidate *b)
{
	const struct credential *x = find_credential(a->finding.variable);
	const struct credential *y = find_credential(b->finding.variable);

	if (!x || !y || x == y || strcmp(x->provider, y->provider))
		return 0;
	return x < y ? -1 : 1;
}

static uint64_t asked_at(const struct candidate *c)
{
	return c->ask.event ? c->ask.event->t : 0;
}

/* Negative when `a` comes first. */
static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* The order of findings of equal severity, as docs/judgement.md says; what is
 * equal there goes by rank, confidence and count. */
static int compare_equally_severe(const struct candidate *a,
				  const struct candidate *b)
{
	const int differences[] = {
		(b->ask.end == FAILED_BY_IT) - (a->ask.end == FAILED_BY_IT),
		(int)b->ask.need - (int)a->ask.need,
		order_of_loss(a->finding.loss) - order_of_loss(b->finding.loss),
		is_put_back_by_mock(a->reading) -
			is_put_back_by_mock(b->reading),
		(b->ask.asker.who == OWN_CODE) - (a->ask.asker.who == OWN_CODE),
		is_key(b) - is_key(a),
		compare_rows(a, b),
		a->finding.severity == NOTE
			? 0
			: compare_numbers(asked_at(b), asked_at(a)),
		a->rule->rank - b->rule->rank,
		(int)b->finding.confidence - (int)a->finding.confidence,
		compare_numbers(b->finding.count, a->finding.count),
		a->reading < b->reading ? -1 : a->reading > b->reading,
	};

	for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
		if (differences[i])
			return differences[i];
	return 0;
}

int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = *(struct candidate *const *)a;
	const struct candidate *y = *(struct candidate *const *)b;

	if (x->finding.severity != y->finding.severity)
		return x->finding.severity > y->finding.severity ? -1 : 1;
	return compare_equally_severe(x, y);
}

void sort_groups(struct groups *all)
{
	if (all->n)
		qsort(all->at, all->n, sizeof *all->at, compare_candidates);
}
