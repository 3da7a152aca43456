/* Encodings of values on a request, undone in place. */
#ifndef RECORDER_HTTP_CREDENTIAL_ENCODING_H
#define RECORDER_HTTP_CREDENTIAL_ENCODING_H

#include <stddef.h>

/* Terminates the result; returns its length. 0, with the text as before, for
 * a text that is no base64. */
size_t http_decode_base64(char *text, size_t n);

/* %41 and + of a query. Terminates the result. */
size_t http_decode_percent(char *text, size_t n);

#endif
