#include "command_sites/partial_text.h"

#include <stdlib.h>

enum { MOST_STEPS = 1 << 22 };

static bool is_open(char c)
{
	return c == ANY;
}

static void skip_common_ends(struct str *a, struct str *b)
{
	while (a->len && b->len && *a->at == *b->at && !is_open(*a->at)) {
		a->at++, a->len--;
		b->at++, b->len--;
	}
	while (a->len && b->len && a->at[a->len - 1] == b->at[b->len - 1] &&
	       !is_open(a->at[a->len - 1])) {
		a->len--;
		b->len--;
	}
}

static bool has_any(struct str s)
{
	return s.len && memchr(s.at, ANY, s.len);
}

/* row[j] of i: may the texts from i and from j on be equal? */
static bool step(struct str a, struct str b, size_t i, size_t j,
		 const bool *below, const bool *row)
{
	if (i < a.len && is_open(a.at[i]))
		return below[j] || (j < b.len && row[j + 1]);
	if (j < b.len && is_open(b.at[j]))
		return row[j + 1] || (i < a.len && below[j]);
	if (i == a.len || j == b.len)
		return i == a.len && j == b.len;
	return a.at[i] == b.at[j] && below[j + 1];
}

static bool compare_open(struct str a, struct str b)
{
	bool *rows = calloc(2 * (b.len + 2), sizeof *rows), answer;
	bool *row = rows, *below = rows + b.len + 2;

	if (!rows)
		return true;
	for (size_t i = a.len + 1; i--;) {
		bool *last = row;

		row = below;
		below = last;
		row[b.len + 1] = false;
		for (size_t j = b.len + 1; j--;)
			row[j] = step(a, b, i, j, below, row);
	}
	answer = row[0];
	free(rows);
	return answer;
}

bool may_be_equal(struct str a, struct str b)
{
	skip_common_ends(&a, &b);
	if (!has_any(a) && !has_any(b))
		return !a.len && !b.len;
	if (a.len && b.len && !is_open(*a.at) && !is_open(*b.at))
		return false;
	if (b.len && a.len > MOST_STEPS / b.len)
		return true;
	return compare_open(a, b);
}

/* An unknown part may be several words, or no word at all: it takes the ends
 * of words beside it. */
static void append(char *to, size_t *n, char c)
{
	if (*n && to[*n - 1] == ANY && (c == ANY || c == BETWEEN))
		return;
	if (c == ANY)
		while (*n && to[*n - 1] == BETWEEN)
			--*n;
	to[(*n)++] = c;
}

static void append_masked(char *to, size_t *n, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		bool is_mask =
			text.len - i >= 3 && !memcmp(text.at + i, "***", 3);

		if (!is_mask || !*n || to[*n - 1] != ANY)
			to[(*n)++] = is_mask ? ANY : text.at[i];
		i += is_mask ? 2 : 0;
	}
}

struct str partial_masked(struct arena *a, struct str text)
{
	char *to = TAKE(a, char, text.len + 1);
	size_t n = 0;

	append_masked(to, &n, text);
	return (struct str){to, n};
}

struct str partial_words(struct arena *a, struct str words)
{
	char *to = TAKE(a, char, words.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < words.len; i++)
		append(to, &n, words.at[i]);
	return (struct str){to, n};
}

struct str partial_arguments(struct arena *a, const struct event *launch,
			     size_t i)
{
	const struct strs *args = &launch->args;
	size_t room = 2, n = 0;
	char *to;

	for (size_t k = i; k < args->n; k++)
		room += args->at[k].len + 1;
	to = TAKE(a, char, room);
	for (size_t k = i; k < args->n; k++) {
		if (k > i)
			to[n++] = BETWEEN; /* stays: a mask is no two words */
		append_masked(to, &n, args->at[k]);
	}
	if (launch->argc > args->n)
		append(to, &n, ANY);
	return (struct str){to, n};
}

bool has_unknown_bytes(struct str s)
{
	return s.len &&
	       (memchr(s.at, ANY, s.len) || memchr(s.at, BETWEEN, s.len) ||
		memchr(s.at, '\0', s.len));
}

bool has_known_bytes(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] != ANY && s.at[i] != BETWEEN)
			return true;
	return false;
}
