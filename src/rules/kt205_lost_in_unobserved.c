#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (!is_lost_in_unobserved(r) || changes_rights(r->loss->image))
		return false;
	set_culprit(ret, r->loss->image, NULL, r->loss->receiver);
	ret->confidence = LIKELY;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	f->summary = arena_print(
		m->arena,
		"%.*s, which cannot be observed (%s), was given %.*s; %.*s "
		"came out of it without",
		STR_FMT(process_in_sentence(m->arena, f->culprit)),
		gap_word(r->loss->image->gap), STR_FMT(r->name),
		STR_FMT(process_in_sentence(m->arena, r->loss->receiver)));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_FILTERED, r->name);
}

const struct rule rule_kt205 = {
	"KT205", "lost-in-unobserved", LOSS_SEEN, 210, explains, describe};
