#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct str line;

	(void)m;
	if (!is_lost_in_unobserved(r) || changes_rights(r->loss->image))
		return false;
	set_culprit(ret, r->loss->image, NULL, r->loss->receiver);
	line = line_of_change(ret->culprit->handover, STR("*"));
	if (line.len)
		ret->culprit_site = line;
	ret->confidence = LIKELY;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	say_culprit(m, r, f, "starts %.*s without %.*s",
		    STR_FMT(started_in_words(m->arena, f, r->loss->receiver)),
		    STR_FMT(names_of(m->arena, f)));
	f->detail = arena_print(
		m->arena,
		"%.*s was given it, and cannot be observed itself (%s)",
		STR_FMT(str_base(f->culprit->exe)),
		gap_word(r->loss->image->gap));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_FILTERED, r->name);
}

const struct rule rule_kt205 = {
	"KT205", "lost-in-unobserved", LOSS_SEEN, 210, explains, describe};
