/* One header line of a message. */
#ifndef RECORDER_HTTP_HEADER_H
#define RECORDER_HTTP_HEADER_H

#include "recorder/http/head.h"

/* NAME: VALUE, terminated; changes the line. */
void http_header(struct http_head *, char *line, size_t n);

#endif
