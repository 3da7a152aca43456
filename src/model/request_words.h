/* Requests in sentences. */
#ifndef MODEL_REQUEST_WORDS_H
#define MODEL_REQUEST_WORDS_H

#include "model/model.h"

/* "api.openai.com", "127.0.0.1:8080". */
struct str host_in_words(struct arena *, const struct request *);

/* "401 invalid_api_key"; len 0: no answer was seen. */
struct str answer_in_words(struct arena *, const struct request *);

/* "POST https://api.openai.com/v1/responses: 401 invalid_api_key" */
struct str request_in_words(struct arena *, const struct request *);

/* The number of requests that the event stands for. */
uint64_t request_count(const struct request *);

/* False for a parameter of the query, "query:NAME". */
bool is_header(struct str credential);

/* "X-Api-Key" for x-api-key. */
struct str header_in_words(struct arena *, struct str header);

#endif
