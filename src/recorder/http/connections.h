/* What is followed on each connection. */
#ifndef RECORDER_HTTP_CONNECTIONS_H
#define RECORDER_HTTP_CONNECTIONS_H

#include <stdatomic.h>

#include "recorder/http/error_code.h"
#include "recorder/http/head.h"
#include "recorder/http/request_event.h"
#include "recorder/http/sent_prints.h"

enum { HTTP_CONNECTIONS = 1024, HTTP_READERS = 32, HTTP_PIPELINE = 4 };
enum http_direction { HTTP_SENT, HTTP_RECEIVED, HTTP_DIRECTIONS };

#define HTTP_ENDLESS UINT64_MAX

struct http_connection {
	_Atomic uintptr_t key; /* 0: free */
	_Atomic uint32_t taken;
	_Atomic uint64_t used; /* counts; the least is the oldest */

	struct http_reader *reader[HTTP_DIRECTIONS]; /* of a head cut short */
	uint64_t body[HTTP_DIRECTIONS];		     /* bytes that follow */

	/* requests without an answer, the oldest first */
	struct http_asked asked[HTTP_PIPELINE];
	bool is_head_only[HTTP_PIPELINE]; /* HEAD: the answer has no body */
	uint8_t asked_count;

	/* the last answer */
	struct http_asked answered;
	struct http_answer answer;
	bool is_pending; /* the answer is not recorded yet */
	struct error_code_search search;
};

struct http_state {
	struct http_told told;
	struct sent_prints prints;
	_Atomic uint64_t clock;
	struct http_connection at[HTTP_CONNECTIONS];
	_Atomic uint32_t taken_readers; /* a bit for each */
	struct http_reader readers[HTTP_READERS];
};

void connections_start(struct http_state *);

bool connection_is_known(uintptr_t key);

/* The connection, for this thread alone until connection_leave. NULL: another
 * thread has the connection, or it is not known. */
struct http_connection *connection_enter(uintptr_t key);
void connection_leave(struct http_connection *);

/* The same for a new connection, or anew for one of an equal key. */
struct http_connection *connection_add(uintptr_t key);

/* False: all readers are taken. */
bool connection_read_head(struct http_connection *, enum http_direction);
void connection_end_head(struct http_connection *, enum http_direction);

#endif
