#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "shared/source_owner.h"

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

/* A static program may be written in any language: most are in Go. */
static struct str fix_for(struct arena *a, const struct finding *f,
			  struct str name)
{
	const struct image *culprit = f->culprit;
	struct str program = str_base(culprit->exe);

	if (f->is_line_of_go)
		return runtime_remedy_in(a, RUNTIME_GO, REMEDY_REPLACED, name);
	if (runtime_of(culprit)->id != RUNTIME_OTHER || !program.len)
		return runtime_remedy(a, culprit, REMEDY_FILTERED, name);
	if (find_source_owner(culprit->exe.at, culprit->exe.len).owner ==
	    SOURCE_OWN)
		return arena_print(
			a,
			"in the source of %.*s, leave the child's environment "
			"as it is, or add %.*s to it: in Go `cmd.Env = "
			"append(os.Environ(), ...)`",
			STR_FMT(program), STR_FMT(name));
	return arena_print(a,
			   "look for a setting of %.*s that lists the names "
			   "which it passes on, and add %.*s",
			   STR_FMT(program), STR_FMT(name));
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
	f->fix = fix_for(m->arena, f, r->name);
}

const struct rule rule_kt205 = {
	"KT205", "lost-in-unobserved", LOSS_SEEN, 210, explains, describe};
