#include "diagnosis/evidence/older_value.h"

#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/requests/reader_requests.h"

enum { MOST_CLIMBS = 64, MOST_LOOKS = 4096 };

bool is_newer_value(const struct reading *r, const struct value *newer)
{
	return is_other_value(newer, r->value) &&
	       model_first_seen(r->variable, newer->fp) >
		       model_first_seen(r->variable, r->value->fp);
}

enum confidence confidence_by_requests(const struct reading *r)
{
	const struct variable *v = r->variable;

	if (!find_refusal(r))
		return LIKELY;
	for (size_t i = 0; i < v->n_readings && i < MOST_LOOKS; i++)
		if (v->readings[i]->value &&
		    model_is_evidence(v->readings[i]->image, r->image) &&
		    is_newer_value(r, v->readings[i]->value) &&
		    was_accepted(v->readings[i]))
			return CERTAIN;
	return LIKELY;
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
	const struct image *started = r->image;

	for (const struct image *at = r->image; at->parent && climbs--;
	     at = at->parent) {
		const struct image *up = at->parent;
		const struct event *change = model_last_change(up, r->name, t);

		if (at->pid != started->pid)
			started = at;
		if ((at->pid != up->pid || at->hop == HOP_THREAD) &&
		    !model_changes_folded(up, r->name) &&
		    is_change_after(r, up, model_hop_time(at), change, t))
			return (struct passed_change){up, started, change};
	}
	return (struct passed_change){NULL, NULL, NULL};
}

/* --- a file that was changed since -----------------------------------------
 */

struct loaded_file find_changed_file(const struct model *m,
				     const struct reading *r,
				     uint64_t *ret_changed)
{
	struct origin from = find_origin(r);

	if (!from.event || from.event->kind != KT_SET)
		return (struct loaded_file){.by = NULL};
	for (size_t i = from.image->n_opens; i--;) {
		struct loaded_file f = file_of_open(
			m, from.image, from.image->opens[i], r->name);
		uint64_t changed;

		if (!f.by || f.open->t > from.event->t || !is_env_file(f.file))
			continue;
		changed = model_time_of(from.image, f.file->changed);
		if (changed <= f.open->t ||
		    !is_other_value(&f.variable->value, r->value))
			continue;
		*ret_changed = changed;
		return f;
	}
	return (struct loaded_file){.by = NULL};
}

uint64_t start_of_process(const struct image *image)
{
	while (image->hop == HOP_EXEC && image->parent &&
	       image->parent->pid == image->pid)
		image = image->parent;
	return model_hop_time(image);
}
