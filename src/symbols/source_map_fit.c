#include "symbols/source_map_fit.h"

enum { LINES = 4, BEFORE = 24, BEHIND = 40, OF_LINE = 32 };

_Static_assert(2 * LINES * OF_LINE + BEFORE + BEHIND <= WINDOW_SEGMENTS,
	       "all of them have room");

/* --- the segments --------------------------------------------------------- */

void map_window_begin(struct map_window *w, const struct source_map *map,
		      struct source_map_position wanted)
{
	memset(w, 0, sizeof *w);
	w->map = map;
	w->origin.line = wanted.line - map->wanted.line;
	w->origin.column = wanted.column - map->wanted.column;
}

/* Without a column, the place is what begins its line. */
static void note_ends(struct map_window *w, uint32_t column)
{
	uint32_t wanted = w->map->wanted.column;
	bool is_behind = wanted == SOURCE_MAP_ANY_COLUMN ? w->has_begun
							 : column > wanted;

	if (is_behind && !w->end)
		w->end = column;
	if (!is_behind)
		w->begin = column;
	w->has_begun |= !is_behind;
}

/* Of the place's line, the nearest. */
static bool has_room(struct map_window *w, const struct source_map_segment *s)
{
	bool is_own = s->generated.line == w->map->wanted.line;
	bool is_behind = s->generated.column > w->map->wanted.column;

	if (!w->n || w->at[w->n - 1].generated.line != s->generated.line)
		w->n_of_line = 0, w->own = w->n;
	if (is_own && !is_behind && w->n_of_line == BEFORE) {
		memmove(&w->at[w->own], &w->at[w->own + 1],
			(BEFORE - 1) * sizeof *w->at);
		w->n--;
		w->n_of_line--;
	}
	return w->n_of_line <
	       (size_t)(!is_own ? OF_LINE : BEFORE + (is_behind ? BEHIND : 0));
}

void map_window_add(void *window, const struct source_map_segment *s)
{
	struct map_window *w = window;
	uint32_t line = s->generated.line, wanted = w->map->wanted.line;

	if (line + LINES < wanted || line > wanted + LINES)
		return;
	if (line == wanted)
		note_ends(w, s->generated.column);
	if (!s->has_source || s->source != w->map->source || !has_room(w, s))
		return;
	w->at[w->n++] = *s;
	w->n_of_line++;
}

/* --- in the script -------------------------------------------------------- */

static struct text_spot spot_in_script(const struct map_window *w,
				       const struct text_lines *script,
				       struct source_map_position at)
{
	return spot_at(script, at.line + w->origin.line,
		       at.line ? at.column : at.column + w->origin.column);
}

struct str map_window_text(const struct map_window *w,
			   const struct text_lines *script)
{
	uint32_t line = w->map->wanted.line;
	struct text_spot begin = spot_in_script(
		w, script, (struct source_map_position){line, w->begin});
	struct text_spot end = spot_in_script(
		w, script, (struct source_map_position){line, w->end});
	size_t to = w->end ? end.at : begin.line.len;

	if (begin.is_beyond)
		return (struct str){NULL, 0};
	return (struct str){begin.line.at + begin.at,
			    to > begin.at ? to - begin.at : 0};
}

/* Some compilers give each character a segment. */
static bool continues(const struct map_window *w, size_t i)
{
	const struct source_map_segment *a, *b = &w->at[i];

	if (!i)
		return false;
	a = b - 1;
	return a->generated.line == b->generated.line &&
	       a->generated.column + 1 == b->generated.column &&
	       a->in_source.line == b->in_source.line &&
	       a->in_source.column + 1 == b->in_source.column;
}

/* How many segments of a window begin where no word does. */
struct misfits {
	size_t n;
	bool has_beyond;
};

static void count(struct misfits *m, const struct map_window *w, size_t i,
		  const struct text_spot *spot)
{
	m->has_beyond |= spot->is_beyond;
	m->n += spot->is_inside_word && !continues(w, i);
}

static bool are_few(const struct misfits *m, const struct map_window *w)
{
	return !m->has_beyond && m->n * 10 <= w->n;
}

bool map_fits_script(const struct map_window *w,
		     const struct text_lines *script)
{
	struct misfits m = {.n = 0};

	for (size_t i = 0; i < w->n; i++) {
		struct text_spot spot =
			spot_in_script(w, script, w->at[i].generated);

		count(&m, w, i, &spot);
	}
	return are_few(&m, w);
}

/* --- in the source -------------------------------------------------------- */

/* Words that a compiler puts in place of others: a keyword, a name of its own
 * ("_this", "import_fs", "fs_1"). */
static bool is_of_compiler(struct str word)
{
	size_t n = word.len;

	while (n && word.at[n - 1] >= '0' && word.at[n - 1] <= '9')
		n--;
	return *word.at == '_' ||
	       (word.len > 7 && !memcmp(word.at, "import_", 7)) ||
	       (n < word.len && n && word.at[n - 1] == '_') ||
	       str_is_listed(word,
			     "var let const function return void this exports "
			     "default module require Object async await yield "
			     "new typeof class extends null true false "
			     "undefined constructor import export of in if "
			     "else for while do switch case break throw try "
			     "catch static get set super");
}

/* A bundler may number a name: need2. */
static bool is_same_word(struct str word, struct str source)
{
	while (word.len > source.len && word.at[word.len - 1] >= '0' &&
	       word.at[word.len - 1] <= '9')
		word.len--;
	return str_eq(word, source);
}

/* Short names of minified code tell nothing. */
static void compare_words(struct str word, struct str source, size_t *same,
			  size_t *others)
{
	if (!source.len || (word.len < 2 && source.len < 2))
		return;
	if (is_same_word(word, source))
		++*same;
	else if (word.len > 2 && !is_of_compiler(word))
		++*others;
}

bool map_fits_source(const struct map_window *w,
		     const struct text_lines *script,
		     const struct text_lines *source, bool is_doubtful)
{
	struct misfits m = {.n = 0};
	size_t same = 0, others = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct source_map_segment *s = &w->at[i];
		struct text_spot in_script =
			spot_in_script(w, script, s->generated);
		struct text_spot spot =
			spot_at(source, s->in_source.line, s->in_source.column);

		count(&m, w, i, &spot);
		if (!spot.is_beyond && !in_script.is_beyond)
			compare_words(word_at(&in_script), word_at(&spot),
				      &same, &others);
	}
	if (!are_few(&m, w))
		return false;
	if (same + others < 3)
		return !is_doubtful;
	return others * (is_doubtful ? 4 : 2) <= same + others;
}
