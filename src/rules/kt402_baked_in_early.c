#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "model/process_name.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (!r->unread)
		return false;
	if (r->build)
		set_culprit(ret, r->build->image, r->build->event,
			    r->build->image);
	else
		set_culprit(ret, r->image, NULL, r->image);
	ret->is_none_unless_given = !r->build;
	ret->loss = LOSS_OUT_OF_SIGHT;
	ret->confidence = POSSIBLE;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str name = r->name;
	struct str program = process_in_sentence(m->arena, r->image);

	f->fix = arena_print(
		m->arena,
		"take %.*s out of the build (`define`, `EnvironmentPlugin`, "
		"`env` of its configuration, a VITE_ or NEXT_PUBLIC_ name), "
		"and "
		"build again: the program then reads it when it runs; or build "
		"where %.*s has the right value",
		STR_FMT(name), STR_FMT(name));
	if (!r->build) {
		f->summary = arena_print(m->arena,
					 "%.*s was started with %.*s and never "
					 "asks for it",
					 STR_FMT(program), STR_FMT(name));
		return;
	}
	f->summary = arena_print(
		m->arena,
		"%.*s puts %.*s into the build%s; %.*s has it "
		"and never asks for it",
		STR_FMT(place_of_culprit(m->arena, f)), STR_FMT(name),
		r->build->outcome == READ_MISSED ? ", where it was not set"
						 : "",
		STR_FMT(program));
	f->detail = arena_print(
		m->arena,
		"%.*s %s, and nothing else did: a build keeps what it "
		"had, whatever the program has",
		STR_FMT(process_in_sentence(m->arena, f->culprit)),
		r->build->outcome == READ_MISSED ? "asked for it" : "read it");
}

const struct rule rule_kt402 = {"KT402", "baked-in-early", LOSS_OUT_OF_SIGHT,
				420,	 explains,	   describe};
