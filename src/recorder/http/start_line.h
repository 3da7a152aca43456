/* The first line of a message: method, host and path of a request, status of a
 * response. */
#ifndef RECORDER_HTTP_START_LINE_H
#define RECORDER_HTTP_START_LINE_H

#include "recorder/http/head.h"

/* Changes the line. False when the line is not of HTTP/1.x. `is_cut`: the end
 * of the line is missing. */
bool http_start_line(struct http_head *, char *line, size_t n, bool is_cut);

/* HOST or HOST:PORT or [ADDRESS]:PORT, with or without USER:PASSWORD@. */
void http_set_host(struct http_head *, const char *s, size_t n);

/* The path of a target, without query; a part that looks like an id becomes a
 * star. */
void http_set_path(struct http_head *, const char *s, size_t n);

#endif
