/* The words of a source file in Go, without comments. */
#ifndef GO_TOKENS_H
#define GO_TOKENS_H

#include "base/arena.h"

enum go_token_kind { GO_NAME, GO_STRING, GO_SIGN };

struct go_token {
	enum go_token_kind kind;
	struct str text; /* of a string, what stands between its quotes */
	unsigned long line;
};

struct go_tokens {
	struct go_token *at;
	size_t n;
};

struct go_tokens go_tokens_of(struct arena *, struct str text);

/* The token, or an empty sign behind the end. */
struct go_token go_token_at(const struct go_tokens *, size_t i);

/* True when the tokens from `i` on are these words, with blanks between:
 * "exec . Command (". `$` stands for any name. */
bool go_tokens_are(const struct go_tokens *, size_t i, const char *words);

/* The place behind the bracket that closes the one at `i`. */
size_t go_tokens_behind(const struct go_tokens *, size_t i);

#endif
