/* The events "request" and "response". */
#ifndef RECORDER_HTTP_REQUEST_EVENT_H
#define RECORDER_HTTP_REQUEST_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "recorder/http/head.h"
#include "recorder/process/source_pos.h"

/* Where the program asked for the request. */
struct http_place {
	struct source_pos pos;	       /* line 0: not known */
	callers_finder *find_callers;  /* or NULL */
	const struct callers *callers; /* or NULL */
};

struct http_call {
	const char *fn;
	const void *caller; /* or NULL */
	bool is_tls;
	bool (*find_place)(struct http_place *ret); /* or NULL */
};

/* A request, for its answer. Equal requests share a number. */
struct http_asked {
	uint64_t tag, number;
};

/* Records a request, or counts it when an equal request was recorded. `fd`: the
 * socket, or -1. */
struct http_asked record_request(const struct http_head *,
				 const struct http_call *, int fd,
				 bool is_incoming);

struct http_answer {
	uint32_t status;
	const char *scheme, *code; /* or NULL */
};
void record_response(const struct http_asked *, const struct http_answer *);

/* Numbers of told requests, in memory that a fork empties. */
enum { HTTP_TOLD = 512 };
struct http_told {
	_Atomic uint64_t last;
	struct {
		_Atomic uint64_t tag, number;
	} at[HTTP_TOLD];
};
void request_event_start(struct http_told *);

#endif
