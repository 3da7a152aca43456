#include "diagnosis/evidence/value_shape.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/origin.h"
#include "model/process_name.h"

bool explain_by_shape(const struct reading *r, uint32_t shapes, uint32_t except,
		      struct finding *ret)
{
	struct origin from;

	if (!r->value || !(r->value->is & shapes) || (r->value->is & except))
		return false;
	from = find_origin(r);
	set_culprit(ret, from.image, from.event, from.next);
	ret->severity = r->outcome == READ_FOUND ? FAULT : WARNING;
	ret->confidence = from.image->observed ? CERTAIN : LIKELY;
	return true;
}

void describe_shape(const struct model *m, const struct reading *r,
		    struct finding *f, const char *flaw, const char *fix)
{
	f->summary = arena_print(
		m->arena, "%.*s %s: it came in with %.*s", STR_FMT(r->name),
		flaw, STR_FMT(process_in_sentence(m->arena, f->culprit)));
	f->fix = str_of(fix);
}
