#include "trace/losses.h"

#include "trace/owner_list.h"

struct loss *loss_of(struct arena *arena, struct loss **list, unsigned owner)
{
	return OWNED(arena, *list, owner);
}

void losses_count(struct trace *t, const struct loss *list)
{
	for (const struct loss *l = list; l; l = l->next) {
		uint64_t lost = l->counted > l->told ? l->counted : l->told;

		if (l->owner) {
			t->owners[l->owner].counted = add_to_limit(
				t->owners[l->owner].counted, l->counted);
			continue; /* believe() looks at this */
		}
		t->lost = add_to_limit(t->lost, lost);
		if (t->n_owners)
			t->owners[0].lost =
				add_to_limit(t->owners[0].lost, lost);
	}
}

uint64_t trace_note_missing(struct trace *t)
{
	uint64_t missing = t->n_promised > t->n_found && !t->n_cut
				   ? t->n_promised - t->n_found
				   : 0;

	t->n_cut += missing > 0;
	t->lost = add_to_limit(t->lost, missing);
	if (t->n_owners)
		t->owners[0].lost = add_to_limit(t->owners[0].lost, missing);
	return missing;
}

uint64_t trace_lost(const struct trace *t, unsigned owner)
{
	if (!t->n_owners)
		return t->lost;
	return add_to_limit(t->owners[0].lost,
			    owner ? t->owners[owner].lost : 0);
}
