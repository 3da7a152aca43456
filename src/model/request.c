/* A request: the answer, and the values of the credentials. */
#include "model/model.h"

bool request_is_accepted(const struct request *q)
{
	return q->response && q->response->status >= 200 &&
	       q->response->status < 300;
}

/* A credential for a proxy on the way is none for the host. */
bool request_has_credential(const struct request *q)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (!str_eq(list->at[i].header, STR("proxy-authorization")))
			return true;
	return false;
}

bool value_is(const struct value *a, const struct value *b)
{
	if (!a || !b || !a->fp.len || !b->fp.len)
		return false;
	return str_eq(a->fp, b->fp) ||
	       (a->bare.len && str_eq(a->bare, b->fp)) ||
	       (b->bare.len && str_eq(b->bare, a->fp));
}

const struct sent_credential *request_carries(const struct request *q,
					      const struct value *value)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (value_is(&list->at[i].value, value))
			return &list->at[i];
	return NULL;
}
