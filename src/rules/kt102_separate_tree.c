#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/daemon_client.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/sentence.h"
#include "model/process_name.h"

static bool client_holds(const struct reading *r,
			 const struct daemon_start *start)
{
	return holds_value(start->client, r->name);
}

/* The client of the daemon, else a program of another tree. */
static const struct image *find_holder(const struct model *m,
				       const struct reading *r,
				       struct daemon_start *ret)
{
	*ret = find_daemon_start(r, client_holds);
	return ret->client ? ret->client : find_holder_elsewhere(m, r);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;
	const struct image *holder;
	struct daemon_start start;

	if (!l || l->kind != LOST_NEVER_HELD || r->later_set ||
	    r->late_set.set || !model_holders(r->variable, r->image))
		return false;
	holder = find_holder(m, r, &start);
	if (!holder)
		return false;
	set_culprit(ret, start.client ? start.daemon : l->image, NULL,
		    r->image);
	ret->is_meant = start.client;
	/* The user joined the two traces. */
	ret->is_meant_for_client = holder->source != r->image->source;
	ret->confidence = r->image->observed_from_root ? LIKELY : POSSIBLE;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct arena *a = m->arena;
	struct daemon_start start;
	const struct image *holder = find_holder(m, r, &start);
	struct str starter = start.client ? name_of_service(a, f->culprit)
					  : process_in_sentence(a, f->culprit);

	f->asked_at = line_of_client(a, start.client);
	say_victim(m, f, "asks for %.*s; %.*s was started without it",
		   STR_FMT(r->name), STR_FMT(starter));
	f->detail = arena_print(
		a,
		start.client ? "%.*s had it and asked for this program, but a "
			       "program gets its environment from what starts "
			       "it"
			     : "%.*s has it, and did not start this one",
		STR_FMT(process_in_sentence(a, holder)));
	f->fix = arena_print(
		a,
		"set %.*s where %.*s is started (its unit file, compose "
		"service or terminal), and start it again: a program that runs "
		"already gets no variable from another",
		STR_FMT(r->name), STR_FMT(starter));
}

const struct rule rule_kt102 = {"KT102", "separate-tree", LOSS_ELSEWHERE,
				890,	 explains,	  describe};
