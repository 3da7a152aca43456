#include "diagnosis/evidence/requests/given_credential.h"

#include "catalogue/hosts.h"
#include "diagnosis/evidence/requests/default_credential.h"
#include "diagnosis/evidence/requests/requests.h"

static bool stays_refused(const struct request *q)
{
	return !q->event->incoming && is_refused(q) && !q->host_accepts_later &&
	       !q->path_accepts_later;
}

static bool is_of_variable(const struct model *m, const struct request *q)
{
	for (size_t v = 0; v < m->n_variables; v++)
		for (size_t i = 0; i < m->variables[v].n_values; i++)
			if (request_carries(q, m->variables[v].values[i].value))
				return true;
	return false;
}

static bool is_accepted_given(const struct model *m, const struct request *q)
{
	return !q->event->incoming && request_is_accepted(q) &&
	       request_has_credential(q) && !model_failed(q->image) &&
	       (provider_of_host(q->event->host) || is_for_models(q)) &&
	       !is_of_variable(m, q);
}

const struct request *find_accepted_given(const struct model *m)
{
	const struct request *found = NULL;

	for (size_t i = 0; i < m->n_images; i++)
		for (size_t k = 0; k < m->images[i]->n_requests; k++) {
			const struct request *q = &m->images[i]->requests[k];

			if (stays_refused(q))
				return NULL;
			if (!found && is_accepted_given(m, q))
				found = q;
		}
	return found;
}
