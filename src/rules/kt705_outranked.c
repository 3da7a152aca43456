#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "catalogue/orders.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
#include "model/process_name.h"
#include "trace/caller.h"

/* --- the client that chooses -----------------------------------------------
 */

static bool asks_for_client(const struct event *read, const char *clients)
{
	for (size_t i = 0; i < count_frames(read); i++)
		if (is_among_clients(place_library(nth_frame(read, i).site),
				     clients))
			return true;
	return false;
}

/* --- the value that was passed over ----------------------------------------
 */

/* The value of the loser in the environment of the reader, at the read. */
static const struct value *outranked_value(const struct reading *r,
					   const struct event *read,
					   struct str loser)
{
	const struct value *value = NULL;

	if (model_held(r->image, loser, read->t, &value) != PRESENT ||
	    (value->is & KT_IS_EMPTY) || str_eq(value->fp, r->value->fp))
		return NULL;
	return value;
}

/* The order by which the client that asked passed over another value. */
static const struct order *find_order(const struct reading *r)
{
	const struct order *order;

	for (size_t n = 0; (order = nth_order(r->name, n)); n++)
		for (const struct call_site *s = r->call_sites; s; s = s->next)
			if (asks_for_client(s->first, order->clients) &&
			    outranked_value(r, s->first, order->loser))
				return order;
	return NULL;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct order *order = model_found_value(r) ? find_order(r) : NULL;
	struct origin from;

	(void)m;
	if (!order)
		return false;
	from = find_origin(r);
	set_culprit(ret, from.image, from.event, from.next);
	ret->outranked = order->loser;
	ret->confidence = LIKELY;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str loser = f->outranked;

	say_victim(m, f, "takes %.*s, although %.*s has another value",
		   STR_FMT(r->name), STR_FMT(loser));
	f->detail =
		arena_print(m->arena, "%.*s %s %.*s", STR_FMT(r->name),
			    f->culprit_event ? "was set by" : "came in with",
			    STR_FMT(process_in_sentence(m->arena, f->culprit)));
	f->fix = arena_print(
		m->arena,
		"if the value of %.*s is the one that is meant, unset %.*s for "
		"this program, or pass the value to the client in the code",
		STR_FMT(loser), STR_FMT(r->name));
}

const struct rule rule_kt705 = {"KT705", "outranked", LOSS_OTHER_VALUE,
				620,	 explains,    describe};
