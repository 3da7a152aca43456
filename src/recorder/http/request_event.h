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
	bool (*find_place)(const struct http_head *,
			   struct http_place *ret); /* or NULL */
};

/* A request, for its answer. Equal requests share a number. */
struct http_asked {
	uint64_t tag, number;
};

/* A hash of method, host, path and credentials. Not 0. */
uint64_t http_head_tag(const struct http_head *);

/* A request that was met. `fd`: the socket, or -1. */
struct http_sent_request {
	const struct http_head *head;
	const struct http_call *call;
	int fd;
	bool is_incoming;
	uint64_t count; /* equal requests, with this one; 0: not to be told */
	struct http_asked asked;
};

/* Counts the request. `pos`: where the program asked for it, or NULL: requests
 * of all places are equal. */
void count_request(struct http_sent_request *, const struct source_pos *pos);

/* Records a request that is to be told. */
void record_counted_request(const struct http_sent_request *,
			    const struct http_place *);

/* Both, with the place that `call` finds. */
void record_request(struct http_sent_request *);

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
