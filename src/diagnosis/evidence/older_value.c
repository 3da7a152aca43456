#include "diagnosis/evidence/older_value.h"

#include "diagnosis/evidence/holders.h"

enum { MOST_CLIMBS = 64 };

bool is_newer_value(const struct reading *r, const struct value *newer)
{
	return is_other_value(newer, r->value) &&
	       model_first_seen(r->variable, newer->fp) >
		       model_first_seen(r->variable, r->value->fp);
}

static bool is_change_after(const struct reading *r,
			    const struct image *changer, uint64_t started,
			    const struct event *change, uint64_t t)
{
	const struct value *before, *after;

	return change && change->t > started &&
	       model_held(changer, r->name, started, &before) == PRESENT &&
	       str_eq(before->fp, r->value->fp) &&
	       model_held(changer, r->name, t, &after) == PRESENT &&
	       is_newer_value(r, after);
}

struct passed_change find_passed_change(const struct reading *r, uint64_t t)
{
	size_t climbs = MOST_CLIMBS;

	for (const struct image *at = r->image; at->parent && climbs--;
	     at = at->parent) {
		const struct image *up = at->parent;
		const struct event *change = model_last_change(up, r->name, t);

		if ((at->pid != up->pid || at->hop == HOP_THREAD) &&
		    !model_changes_folded(up, r->name) &&
		    is_change_after(r, up, model_hop_time(at), change, t))
			return (struct passed_change){up, at, change};
	}
	return (struct passed_change){NULL, NULL, NULL};
}

uint64_t start_of_process(const struct image *image)
{
	while (image->hop == HOP_EXEC && image->parent &&
	       image->parent->pid == image->pid)
		image = image->parent;
	return model_hop_time(image);
}
