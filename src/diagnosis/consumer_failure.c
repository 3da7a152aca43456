/* A program that misses a key may hand nothing on in a message, a job or a
 * file: another program, which never asks for the key, fails for want of it. */
#include "diagnosis/end.h"

#include "diagnosis/error_class.h"
#include "diagnosis/evidence/requests/reader_requests.h"

enum { MOST_REQUESTS = 64 };

static bool asks_or_holds(const struct image *image, struct str name)
{
	const struct value *value;

	return model_asked_for(image, name) ||
	       model_held(image, name, UINT64_MAX, &value) == PRESENT;
}

/* A credential of the provider, or one whose provider is not known. */
static bool found_credential(const struct image *image, struct str name)
{
	for (const struct reading *o = image->readings; o; o = o->next)
		if (model_found_value(o) && role_of(o->name) != ROLE_SETTING &&
		    (role_of(o->name) == ROLE_NONE ||
		     are_of_one_provider(o->name, name)))
			return true;
	return false;
}

static bool ended_by_credential(const struct image *image, struct str name,
				uint64_t since)
{
	const struct event *raise = image->raise;

	return raise && raise->t > since && model_failed(image) &&
	       is_error_of_client(raise, name) &&
	       is_about_credential_of(raise, name);
}

static bool was_refused_without_key(const struct image *image, struct str name,
				    uint64_t since)
{
	for (size_t i = 0; i < image->n_requests && i < MOST_REQUESTS; i++)
		if (image->requests[i].event->t > since &&
		    is_refused_without_key(&image->requests[i], name))
			return true;
	return false;
}

const struct image *failed_consumer(const struct model *m,
				    const struct reading *r,
				    const struct ask *ask)
{
	const uint64_t since = ask->event ? ask->event->t : 0;

	if (!ask->event || ask->asker.who != OWN_CODE || !is_nothing(r) ||
	    ask->relieved || role_of(r->name) != ROLE_KEY ||
	    found_credential(r->image, r->name))
		return NULL;
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *other = m->images[i];

		if ((ended_by_credential(other, r->name, since) ||
		     was_refused_without_key(other, r->name, since)) &&
		    model_is_evidence(other, r->image) &&
		    !asks_or_holds(other, r->name) &&
		    !found_credential(other, r->name))
			return other;
	}
	return NULL;
}
