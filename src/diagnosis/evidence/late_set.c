#include "diagnosis/evidence/late_set.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
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
	struct str own = own_line_of(r->late_set.set);
	struct str site = own.len ? own : event_site(r->late_set.set);
	struct str by = place_in_words(m->arena, r->late_set.setter, site);

	if (!place_has_line(site))
		by = STR("it");
	say_culprit(m, r, f, "%.*s before %.*s sets %.*s", STR_FMT(started),
		    STR_FMT(by), STR_FMT(names_of(m->arena, f)));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_LATE, r->name);
}
