/* The line of the program that a request of HTTP comes from. */
#ifndef RECORDER_HTTP_PLACE_H
#define RECORDER_HTTP_PLACE_H

#include "recorder/http/request_event.h"

/* Of this thread: asked of Ruby and PHP, or noted before by Python
 * and Node. False: not
 * known. */
bool http_find_place(const struct http_head *, struct http_place *ret);

#endif
