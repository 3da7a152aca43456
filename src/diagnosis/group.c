#include "diagnosis/evaluation.h"

#include <stdlib.h>

#include "base/array.h"

/* worker-1 and worker-17 are equal: runs of digits count as one. */
static struct str less_digits(struct arena *a, struct str s)
{
	char *to = TAKE(a, char, s.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.at[i] >= '0' && s.at[i] <= '9';

		if (digit && len && to[len - 1] == '#')
			continue;
		to[len++] = digit ? '#' : s.at[i];
	}
	return (struct str){to, len};
}

static const struct image *nobody(void)
{
	static const struct image none;

	return &none;
}

/* The texts one after the other, each ended by a line feed. */
static struct str join_texts(struct arena *a, const struct str *texts, size_t n)
{
	size_t room = n, len = 0;
	char *to;

	for (size_t i = 0; i < n; i++)
		room += texts[i].len;
	to = TAKE(a, char, room);
	for (size_t i = 0; i < n; i++) {
		if (texts[i].len)
			memcpy(to + len, texts[i].at, texts[i].len);
		len += texts[i].len;
		to[len++] = '\n';
	}
	return (struct str){to, len};
}

/* A stranger's process, however like, stands for nobody else's. */
static struct str whose(struct arena *a, const struct image *image)
{
	return image->owner ? arena_print(a, "%u", image->owner) : STR("");
}

static struct str cause_key(struct arena *a, const struct finding *f)
{
	const struct image *culprit = f->culprit ? f->culprit : nobody();
	const struct str texts[] = {str_of(f->code), f->variable,
				    culprit->exe,    culprit->command,
				    f->operation,    f->culprit_site,
				    whose(a, culprit)};

	return join_texts(a, texts, sizeof texts / sizeof *texts);
}

static struct str full_key(struct arena *a, const struct finding *f,
			   struct str cause)
{
	const struct image *victim = f->victim ? f->victim : nobody();
	const struct str texts[] = {cause, victim->exe,
				    less_digits(a, victim->command),
				    whose(a, victim)};

	return join_texts(a, texts, sizeof texts / sizeof *texts);
}

/* The gravest speaks for all; of equally grave ones the one with the better
 * evidence, then the first. */
static void join(struct candidate *standing, const struct candidate *c)
{
	uint64_t count = standing->finding.count + 1;

	if (c->finding.severity > standing->finding.severity ||
	    (c->finding.severity == standing->finding.severity &&
	     standing->only_because_it_failed && !c->only_because_it_failed))
		*standing = *c;
	standing->finding.count = count;
}

/* A cause that made a reader fail needs no word about those on the way that
 * never asked: readers come first. */
void add_to_group(struct groups *d, struct candidate *c)
{
	struct str cause = cause_key(d->arena, &c->finding);
	void **known = hashmap_slot(d->causes, NULL, cause);
	struct candidate *first = *known, *equal;
	void **slot;

	if (first && c->reading->outcome == READ_NONE &&
	    first->reading->outcome != READ_NONE)
		return;
	if (!first)
		*known = c;
	slot = hashmap_slot(d->equals, NULL,
			    full_key(d->arena, &c->finding, cause));
	equal = *slot;
	if (equal) {
		join(equal, c);
		return;
	}
	c->finding.count = 1;
	*slot = c;
	*ARRAY_ADD(d->arena, d->at, d->n, d->room) = c;
}

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

void sort_groups(struct groups *d)
{
	if (d->n)
		qsort(d->at, d->n, sizeof *d->at, compare_candidates);
}
