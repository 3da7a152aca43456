#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "catalogue/hosts.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/value_shape.h"

/* The value went to the host of its own provider: only the name is another's.
 */
static bool is_sent_home(const struct request *q, const struct reading *r)
{
	return request_carries(q, r->value) &&
	       is_host_of(q->event->host, r->value->from);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct origin from;

	(void)m;
	if (r->outcome != READ_FOUND ||
	    !is_foreign_form(r->name, r->value->from) ||
	    find_request(r, is_sent_home))
		return false;
	from = find_origin(r);
	set_culprit_of_value(ret, &from, r->name);
	ret->confidence =
		from.image->observed || find_refusal(r) ? CERTAIN : LIKELY;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	say_value(m, r, f,
		  arena_print(m->arena, "is a key of %.*s, not of %s",
			      STR_FMT(r->value->from),
			      find_credential(r->name)->provider));
	f->fix = fix_value(
		m, r,
		arena_print(m->arena,
			    "put the key of %s into %.*s; the key of %.*s "
			    "belongs under a name of its own",
			    find_credential(r->name)->provider,
			    STR_FMT(r->name), STR_FMT(r->value->from)));
}

const struct rule rule_kt503 = {
	"KT503", "wrong-providers-key", LOSS_FOREIGN, 60, explains, describe};
