/* Did the message of the error that nobody caught speak of the missing name, or
 * a worker's message to the program above? */
#include "diagnosis/end.h"

#include "diagnosis/error_class.h"
#include "diagnosis/evidence/names/held_name.h"

bool is_called_missing(const struct reading *r)
{
	return is_nothing(r) && r->image->raise &&
	       is_listed(&r->image->raise->missing, r->name);
}

/* The process found a credential, about which an error may be as well. */
static bool found_any_credential(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (model_found_value(o) &&
		    (role_of(o->name) <= ROLE_ALTERNATIVE ||
		     role_of(o->name) == ROLE_NONE))
			return true;
	return false;
}

bool is_complaint_of_credential(const struct reading *r, const struct ask *ask)
{
	const struct event *raise = r->image->raise;

	return has_words_of_credential(raise) && is_nothing(r) &&
	       ask->need == NEEDED && is_complaint(raise->type) &&
	       !raise->by.len && !found_any_credential(r);
}

/* --- an error that a pool tells to the program above ------------------------
 */

bool ends_after_message(const struct image *child, const struct image *parent)
{
	if (child->killed)
		return parent->birth &&
		       str_eq(child->killed->image, parent->birth->image);
	return child->has_status && !child->status;
}

/* The text of the worker's stack, which pools of Python (loky, multiprocessing,
 * concurrent.futures) make the cause of the error. */
static bool is_of_worker(const struct event *raise)
{
	return raise && str_is_listed(error_class(raise->cause),
				      "RemoteTraceback _RemoteTraceback");
}

/* The raise of a worker below was seen: the error is of that worker. */
static bool is_seen_below(const struct image *up, const struct event *raise,
			  unsigned depth)
{
	for (const struct image *c = up->first_child; c && depth;
	     c = c->next_sibling)
		if ((c->raise && c->raise->t <= raise->t &&
		     str_eq(c->raise->type, raise->type)) ||
		    is_seen_below(c, raise, depth - 1))
			return true;
	return false;
}

/* A forkserver may be between. */
const struct event *find_told_error(const struct image *image)
{
	const struct image *up = image->waiter ? image->waiter : image->parent;

	for (int i = 0; up && i < 2 && !image->raise; i++, up = up->parent)
		if (is_of_worker(up->raise) && model_failed(up) &&
		    ends_after_message(image, up) &&
		    !is_seen_below(up, up->raise, 2))
			return up->raise;
	return NULL;
}

/* The lines of the worker are not in the event: the class and the message
 * count. */
static bool speaks_of_name(const struct reading *r, const struct event *raise)
{
	enum role role = role_of(r->name);

	if (found_alternative(r))
		return false;
	if (is_nothing(r) && is_listed(&raise->missing, r->name))
		return true;
	return (role == ROLE_KEY || role == ROLE_ALTERNATIVE) &&
	       is_error_of_client(raise, r->name) &&
	       (is_credential_error(raise->type, r->name) ||
		(is_nothing(r) && has_words_of_credential(raise) &&
		 !is_error_of_request(raise->type)));
}

/* The worker looked for the name itself, and complains of something. */
static bool may_be_complaint(const struct reading *r, const struct ask *ask,
			     const struct event *raise)
{
	return is_nothing(r) && ask->asker.who == OWN_CODE &&
	       ask->need == NEEDED && is_complaint(raise->type) &&
	       !is_error_elsewhere(raise->type);
}

enum end end_by_told_error(const struct reading *r, const struct ask *ask,
			   const struct event *raise)
{
	if (!ask->event || raise->t < ask->event->t)
		return WELL;
	if (speaks_of_name(r, raise))
		return FAILED_BY_IT;
	return may_be_complaint(r, ask, raise) ? FAILED : FAILED_OTHERWISE;
}
