#include "model/request_words.h"

#include <ctype.h>

struct str host_in_words(struct arena *a, const struct request *q)
{
	const struct event *e = q->event;

	if (!e->port || e->port == (e->tls ? 443 : 80))
		return e->host;
	return arena_print(a, "%.*s:%llu", STR_FMT(e->host),
			   (unsigned long long)e->port);
}

struct str answer_in_words(struct arena *a, const struct request *q)
{
	const struct event *answer = q->response;

	if (!answer)
		return (struct str){NULL, 0};
	return arena_print(a, "%lld%s%.*s", (long long)answer->status,
			   q->code.len ? " " : "", STR_FMT(q->code));
}

struct str request_in_words(struct arena *a, const struct request *q)
{
	const struct event *e = q->event;
	struct str answer = answer_in_words(a, q);

	return arena_print(
		a, "%.*s %s%.*s%.*s: %.*s", STR_FMT(e->method),
		e->tls ? "https://" : "http://", STR_FMT(host_in_words(a, q)),
		STR_FMT(e->path),
		STR_FMT(answer.len ? answer : STR("no answer was seen")));
}

/* Equal requests share a number, whatever their answers. */
static bool has_other_answers(const struct request *q)
{
	enum { MOST_LOOKS = 4096 };
	const struct image *image = q->image;

	for (size_t i = 0; i < image->n_requests && i < MOST_LOOKS; i++) {
		const struct request *o = &image->requests[i];

		if (o->event->number == q->event->number && o->response &&
		    o->response->status != q->response->status)
			return true;
	}
	return false;
}

/* Requests and answers are counted apart: an answer whose code came late is
 * told as another. */
uint64_t request_count(const struct request *q)
{
	uint64_t answers = q->response ? q->response->n : 0;

	if (answers && has_other_answers(q))
		return answers;
	return answers > q->event->n ? answers : q->event->n;
}

bool is_header(struct str credential)
{
	for (size_t i = 0; i < credential.len; i++)
		if (!isalnum((unsigned char)credential.at[i]) &&
		    credential.at[i] != '-' && credential.at[i] != '_')
			return false;
	return credential.len;
}

struct str header_in_words(struct arena *a, struct str header)
{
	char *to = TAKE(a, char, header.len + 1);

	for (size_t i = 0; i < header.len; i++)
		to[i] = !i || header.at[i - 1] == '-'
				? (char)toupper((unsigned char)header.at[i])
				: header.at[i];
	return (struct str){to, header.len};
}
