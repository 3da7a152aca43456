/* A daemon's program missed a name before and after a client, which held the
 * name, had the daemon start the program again: a single cause (KT102). */
#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/siblings.h"

static bool is_code(const struct candidate *c, const char *code)
{
	return c->rule && !strcmp(c->rule->code, code);
}

/* Both victims are starts of the same program by the same launcher, and asked
 * at the same place. */
static bool are_of_one_program(const struct candidate *a,
			       const struct candidate *b)
{
	const struct image *x = a->finding.victim, *y = b->finding.victim;

	return x && y && starter_of(x) && starter_of(x) == starter_of(y) &&
	       str_eq(x->command, y->command) &&
	       str_eq(a->finding.variable, b->finding.variable) &&
	       str_eq(a->finding.victim_site, b->finding.victim_site);
}

/* The finding of a later start, which tells more; or null. */
static struct candidate *find_later(const struct groups *g,
				    const struct candidate *c)
{
	for (size_t i = 0; i < g->n && is_code(c, "KT101"); i++)
		if (is_code(g->at[i], "KT102") &&
		    g->at[i]->finding.severity >= c->finding.severity &&
		    are_of_one_program(g->at[i], c))
			return g->at[i];
	return NULL;
}

/* The readers of the later finding are among those of the earlier: their names
 * were never set, either. */
static void count_all(struct candidate *later, const struct candidate *c)
{
	if (c->finding.count > later->finding.count)
		later->finding.count = c->finding.count;
}

void join_earlier_readers(struct groups *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		struct candidate *later = find_later(g, g->at[i]);

		if (later)
			count_all(later, g->at[i]);
		else
			g->at[n++] = g->at[i];
	}
	g->n = n;
}
