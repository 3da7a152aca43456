#include "diagnosis/evaluation.h"

#include <stdlib.h>

/* By severity, evidence before mere failure, rank, confidence, count. */
static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = *(struct candidate *const *)a;
	const struct candidate *y = *(struct candidate *const *)b;
	const struct finding *f = &x->finding, *g = &y->finding;

	if (f->severity != g->severity)
		return f->severity > g->severity ? -1 : 1;
	if (f->severity == FAULT &&
	    x->only_because_it_failed != y->only_because_it_failed)
		return y->only_because_it_failed ? -1 : 1;
	if (x->rule->rank != y->rule->rank)
		return x->rule->rank < y->rule->rank ? -1 : 1;
	if (f->confidence != g->confidence)
		return f->confidence > g->confidence ? -1 : 1;
	if (f->count != g->count)
		return f->count > g->count ? -1 : 1;
	return x->reading < y->reading ? -1 : x->reading > y->reading;
}

void sort_groups(struct groups *all)
{
	if (all->n)
		qsort(all->at, all->n, sizeof *all->at, compare_candidates);
}
