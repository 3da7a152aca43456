/* How many processes of a program asked for a variable: of 100 workers, 14 may
 * have missed the variable. */
#include "diagnosis/evaluation.h"

#include "runtimes/runtime.h"

struct readers {
	uint64_t n;
	const struct image *last; /* while counting */
};

static struct str program_key(struct arena *a, const struct image *image)
{
	struct str words = runtime_program_words(a, image);

	return arena_print(a, "%.*s\n%.*s", STR_FMT(image->exe),
			   STR_FMT(words.len ? words : image->command));
}

static void count_reading(struct hashmap *programs, struct arena *a,
			  const struct reading *r)
{
	void **slot =
		hashmap_slot(programs, r->variable, program_key(a, r->image));
	struct readers *readers = *slot;

	if (!readers)
		*slot = readers = TAKE(a, struct readers, 1);
	readers->n += readers->last != r->image;
	readers->last = r->image;
}

static struct hashmap *count_programs(struct arena *a, const struct model *m)
{
	struct hashmap *programs = hashmap_new(a);

	for (size_t i = 0; i < m->n_readings; i++)
		if (m->readings[i].outcome != READ_NONE)
			count_reading(programs, a, &m->readings[i]);
	return programs;
}

void count_program_readers(struct arena *a, const struct model *m,
			   struct groups *g)
{
	struct hashmap *programs = NULL;

	for (size_t i = 0; i < g->n; i++) {
		const struct candidate *c = g->at[i];
		const struct readers *readers;

		if (c->finding.count < 2 || c->reading->outcome == READ_NONE)
			continue;
		if (!programs)
			programs = count_programs(a, m);
		readers = hashmap_find(programs, c->reading->variable,
				       program_key(a, c->reading->image));
		if (readers)
			g->at[i]->finding.readers = readers->n;
	}
}
