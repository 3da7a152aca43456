#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 32 }; /* letters of a word that is compared */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Edits from the first `i` letters of `a` to the first `j` of `b`. */
struct table {
	size_t edits[LONGEST + 1][LONGEST + 1];
};

static size_t cell(const struct table *t, const char *a, const char *b,
		   size_t i, size_t j)
{
	size_t n;

	if (!i || !j)
		return i + j;
	n = t->edits[i - 1][j - 1] + !is_same(a[i - 1], b[j - 1]);
	n = least(n, least(t->edits[i - 1][j], t->edits[i][j - 1]) + 1);
	if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
	    is_same(a[i - 2], b[j - 1]))
		n = least(n, t->edits[i - 2][j - 2] + 1);
	return n;
}

static size_t distance(const char *a, const char *b, size_t n_a, size_t n_b)
{
	struct table t;

	for (size_t i = 0; i <= n_a; i++)
		for (size_t j = 0; j <= n_b; j++)
			t.edits[i][j] = cell(&t, a, b, i, j);
	return t.edits[n_a][n_b];
}

void nearest_try(struct nearest *n, const char *word)
{
	size_t n_a = strlen(n->misspelt), n_b = strlen(word), edits;

	if (n_a > LONGEST || n_b > LONGEST)
		return;
	edits = distance(n->misspelt, word, n_a, n_b);
	if (edits > least(3, n_b < 3 ? 1 : n_b / 3) ||
	    (n->word && edits >= n->edits))
		return;
	n->word = word;
	n->edits = edits;
}
