/* The line of the Python program that sends a request.
 *
 * Python gives its lock away before it sends, and must not be asked without.
 * Two audit events come just before, with the lock held: http.client's, and the
 * connect of a socket for any other library. */
#ifndef RECORDER_PYTHON_REQUEST_H
#define RECORDER_PYTHON_REQUEST_H

#include <stdbool.h>

#include "recorder/http/request_event.h"

/* For http=1. */
bool python_is_request(const char *event);
void python_note_request(void);

/* The noted place of this thread, once. */
bool python_take_request_place(struct http_place *ret);

#endif
