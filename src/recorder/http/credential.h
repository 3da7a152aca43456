/* Credentials on a request: in a header, or in a parameter of the query.
 *
 * To add a header, a parameter or a scheme: add the word to a list in
 * credential.c. */
#ifndef RECORDER_HTTP_CREDENTIAL_H
#define RECORDER_HTTP_CREDENTIAL_H

#include "recorder/http/head.h"

/* A header of a request; other headers than those of credentials are left. The
 * value is terminated and may be changed. */
void http_credential(struct http_head *, const char *name, size_t n,
		     char *value, size_t length);

/* The query of a target, without the question mark. Changes the text. */
void http_query(struct http_head *, char *query, size_t n);

/* The known scheme of this name, as it is written usually; or NULL. */
const char *http_scheme(const char *s, size_t n);

#endif
