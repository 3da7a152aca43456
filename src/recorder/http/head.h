/* The head of a message of HTTP/1.x, read in pieces of any size.
 *
 * Bounded: a line above HTTP_LINE bytes is cut, and a head above HTTP_HEAD
 * bytes refused. A reader holds a header's value until the end of its line, so
 * readers lie in memory that no core dump includes, and the value becomes a
 * fingerprint at once. No part of a body is read. */
#ifndef RECORDER_HTTP_HEAD_H
#define RECORDER_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/secrets/secret.h"

enum {
	HTTP_LINE = 4096,
	HTTP_HEAD = 1 << 20,
	HTTP_PATH = 160,
	HTTP_HOST = 128,
	HTTP_CREDENTIALS = 4,
};

struct http_credential {
	char header[40];    /* in small letters; "query:NAME" */
	const char *scheme; /* "Bearer", or NULL */
	struct fingerprint print;
};

struct http_head {
	bool is_response;
	bool has_length, is_chunked; /* of the body */
	uint64_t length;

	/* of a request */
	char method[8];
	char host[HTTP_HOST];
	uint32_t port; /* 0: not said */
	bool is_tls;   /* said by the target: https://... */
	char path[HTTP_PATH];
	struct http_credential credentials[HTTP_CREDENTIALS];
	uint8_t credential_count;

	/* of a response */
	uint32_t status;
	const char *scheme; /* of WWW-Authenticate, or NULL */
	bool is_json, is_encoded;
};

struct http_reader {
	struct http_head head;
	bool has_start; /* the first line is read */
	bool is_cut;	/* the line is longer than `line` */
	uint32_t read;	/* bytes */
	uint32_t length;
	char line[HTTP_LINE + 1];
};

void http_reader_begin(struct http_reader *);

/* Reads on. *ret_used: the bytes that belong to the head. After HTTP_DONE the
 * head is whole; after HTTP_REFUSED the bytes are no head. The line is wiped
 * after both. */
enum http_progress { HTTP_MORE, HTTP_DONE, HTTP_REFUSED };
enum http_progress http_read(struct http_reader *, const char *bytes, size_t n,
			     size_t *ret_used);

#endif
