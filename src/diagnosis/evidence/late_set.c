#include "diagnosis/evidence/late_set.h"

#include "diagnosis/evidence/culprit.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

void set_late_culprit(const struct reading *r, struct finding *ret)
{
	const struct image *started = r->late_set.started;
	const struct event *by = started->handover ? started->handover
				 : started->forked ? started->forked
						   : started->birth;

	set_culprit(ret, r->late_set.setter, by, started);
}

void describe_late_set(const struct model *m, const struct reading *r,
		       struct finding *f, struct str started)
{
	struct str site = str_base(event_site(r->late_set.set));

	f->summary =
		arena_print(m->arena, "%.*s %.*s before it set %.*s%s%.*s",
			    STR_FMT(process_in_sentence(m->arena, f->culprit)),
			    STR_FMT(started), STR_FMT(r->name),
			    site.len ? " at " : "", STR_FMT(site));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_LATE, r->name);
}
