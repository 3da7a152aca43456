#include "rules/cause.h"

/* As root these programs gain no rights, and are seen to do it. */
static bool was_seen(const struct loss *l, struct finding *ret)
{
	if (l->kind != LOST_HANDED && l->kind != LOST_CLEARED &&
	    l->kind != LOST_UNSET)
		return false;
	blame(ret, l->image, l->event, l->beyond);
	ret->confidence = l->event ? CERTAIN : POSSIBLE;
	return runtime_leads(ret->culprit) == LEADS_TO_USER;
}

static bool was_within(const struct reading *r, struct finding *ret)
{
	if (!is_lost_within(r) || !changes_rights(r->loss->image))
		return false;
	blame(ret, r->loss->image, NULL, r->loss->beyond);
	ret->confidence = LIKELY;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (!r->loss || (!was_seen(r->loss, ret) && !was_within(r, ret)))
		return false;
	ret->severity = FAULT;
	ret->existed = true;
	return true;
}

static void tell(const struct model *m, const struct reading *r,
		 struct finding *f)
{
	f->summary = arena_print(
		m->arena, "%.*s was given %.*s, and started %.*s without it",
		STR_FMT(who(m->arena, f->culprit)), STR_FMT(r->name),
		STR_FMT(who(m->arena, r->loss->beyond)));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_BEYOND, r->name);
}

const struct rule rule_kt204 = {"KT204", "privilege-boundary", 200, explains,
				tell};
