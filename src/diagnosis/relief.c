#include "diagnosis/evaluation.h"
#include "diagnosis/evidence/credential_names.h"
#include "shared/credential_name.h"

bool is_nothing(const struct reading *r)
{
	return r->outcome == READ_MISSED || (r->value->is & KT_IS_EMPTY);
}

/* True when a process which asked for both names can use `other` in place of
 * `r`. Of two values, the process used the last. */
static bool serves_instead(const struct reading *other, const struct reading *r)
{
	if (is_nothing(other) || !is_substitute(other->name, r->name))
		return false;
	return is_nothing(r) ||
	       (!model_is_malformed(other->value) && other->event > r->event);
}

bool found_substitute(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_FOUND && serves_instead(o, r))
			return true;
	return false;
}

bool was_removed_after_read(const struct reading *r)
{
	if (r->outcome != READ_FOUND || !is_nothing(r))
		return false;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_MISSED && str_eq(o->name, r->name) &&
		    o->event > r->event)
			return true;
	return false;
}

static bool is_below(const struct image *image, const struct image *ancestor)
{
	for (size_t climbs = 64; image && climbs; climbs--) {
		if (image == ancestor)
			return true;
		image = image->parent;
	}
	return false;
}

/* True when a descendant, or the process itself, found the value set by the
 * process. Only the first 256 readings are looked at. */
static bool found_below(const struct reading *r)
{
	const struct variable *v = r->variable;

	for (size_t i = 0; i < v->n_readings && i < 256; i++) {
		const struct reading *o = v->readings[i];

		if (o->outcome == READ_FOUND && o->event >= r->later_set &&
		    is_below(o->image, r->image))
			return true;
	}
	return false;
}

bool set_default(const struct reading *r, bool named_by_user)
{
	return r->later_set && !failed_after(r) &&
	       (found_below(r) ||
		(!named_by_user &&
		 !is_credential_name(r->name.at, r->name.len)));
}

/* The candidates' explanation of an image's failure. */
struct failure_explained {
	bool explained; /* has a fault which does not rest on the failure alone
			 */
	size_t guesses; /* number of names merely missing at the failure */
};

static bool is_fault(const struct candidate *c)
{
	return c->finding.severity == FAULT;
}

/* A failure has one cause. Where an image has an explained fault, the image's
 * guesses are no faults. Where any image has an explained fault, several
 * guesses of an image are no faults either. */
void demote_guesses(struct evaluation *e)
{
	struct failure_explained *images = TAKE(
		e->arena, struct failure_explained, e->model->n_images + 1);
	bool *any_explained =
		TAKE(e->arena, bool, e->model->trace->n_owners + 1);

	for (struct candidate *c = e->first; c; c = c->next) {
		struct failure_explained *i = &images[c->reading->image->index];

		if (!is_fault(c))
			continue;
		i->explained |= !c->only_because_it_failed;
		i->guesses += c->only_because_it_failed;
		any_explained[c->reading->image->owner] |=
			!c->only_because_it_failed;
	}
	for (struct candidate *c = e->first; c; c = c->next) {
		const struct failure_explained *i =
			&images[c->reading->image->index];

		if (is_fault(c) && c->only_because_it_failed &&
		    (i->explained ||
		     (i->guesses > 1 &&
		      (any_explained[0] ||
		       any_explained[c->reading->image->owner]))))
			c->finding.severity = c->finding.severity_if_no_failure;
	}
}
