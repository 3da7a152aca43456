#include "rules/rule.h"

#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

/* As root, sudo and the like gain no rights: the recorder sees the loss. */
static bool is_observed_loss(const struct loss *l, struct finding *ret)
{
	if (l->kind != LOST_AT_HANDOVER && l->kind != LOST_CLEARED &&
	    l->kind != LOST_UNSET)
		return false;
	set_culprit(ret, l->image, l->event, l->receiver);
	ret->confidence = l->event ? CERTAIN : POSSIBLE;
	return runtime_leads(ret->culprit) == LEADS_TO_USER;
}

static bool is_unobserved_loss(const struct reading *r, struct finding *ret)
{
	if (!is_lost_in_unobserved(r) || !changes_rights(r->loss->image))
		return false;
	set_culprit(ret, r->loss->image, NULL, r->loss->receiver);
	ret->confidence = LIKELY;
	return true;
}

/* The program started with other rights was not seen at all. */
static bool is_possible_loss(const struct reading *r, struct finding *ret)
{
	const struct image *image = r->image;

	if (!is_external_launch(r) || runtime_leads(image) != LEADS_TO_USER ||
	    !runtime_starts_new_environment(image) ||
	    arguments_mention(image, r->name))
		return false;
	set_culprit(ret, image, NULL, image);
	ret->confidence = POSSIBLE;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (!r->loss)
		return false;
	if (is_possible_loss(r, ret))
		return true;
	return is_observed_loss(r->loss, ret) || is_unobserved_loss(r, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str started = STR("its program");

	if (!is_external_launch(r))
		started = process_in_short(m->arena, r->loss->receiver);
	say_culprit(m, r, f,
		    arena_print(m->arena, "starts %.*s without %.*s",
				STR_FMT(started),
				STR_FMT(names_of(m->arena, f))));
	f->detail = arena_print(
		m->arena,
		"%.*s had it; with another user goes another environment%s",
		STR_FMT(process_in_sentence(m->arena, f->culprit)),
		is_external_launch(r) ? ", unless it is told otherwise" : "");
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_BEYOND, r->name);
}

const struct rule rule_kt204 = {
	"KT204", "privilege-boundary", LOSS_SEEN, 200, explains, describe};
