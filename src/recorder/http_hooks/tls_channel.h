/* The bytes inside TLS, as a library of TLS hands them on. */
#ifndef RECORDER_TLS_CHANNEL_H
#define RECORDER_TLS_CHANNEL_H

#include "recorder/http/http.h"
#include "recorder/runtimes/http_place.h"

static inline struct http_channel
tls_channel(const void *session, const char *fn, const void *caller)
{
	return (struct http_channel){
		.key = (uintptr_t)session,
		.fd = -1,
		.call = {fn, caller, true, http_find_place}};
}

#endif
