#include "formats/page_text.h"

enum { CODE_INDENT = 4, MOST_FIRST_COLUMN = 30 };

struct reader {
	struct out *o;
	struct str rest;
	unsigned first_column; /* columns of the table's first cells */
	bool in_fence, in_table;
};

static struct str line_of(struct str text)
{
	const char *end = memchr(text.at, '\n', text.len);

	return (struct str){text.at, end ? (size_t)(end - text.at) : text.len};
}

static struct str take_line(struct reader *r)
{
	struct str line = line_of(r->rest);
	size_t n = line.len + (line.len < r->rest.len);

	r->rest = (struct str){r->rest.at + n, r->rest.len - n};
	return line;
}

static struct str without(struct str s, size_t n)
{
	return (struct str){s.at + n, s.len - n};
}

static struct str trim(struct str s)
{
	while (s.len && s.at[0] == ' ')
		s = without(s, 1);
	while (s.len && s.at[s.len - 1] == ' ')
		s.len--;
	return s;
}

/* True when the next line goes on with the paragraph or the item. */
static bool goes_on(const struct reader *r)
{
	static const char *const others[] = {"#", "- ", "|", "```", "    "};
	struct str next = line_of(r->rest);

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (str_has_prefix(next, str_of(others[i])))
			return false;
	return trim(next).len;
}

/* Appends the words of a link that begins at `s`. Returns the bytes of the
 * link; 0: no link. */
static size_t take_link(struct out *to, struct str s)
{
	const char *words_end = memmem(s.at, s.len, "](", 2), *close;

	if (s.at[0] != '[' || !words_end)
		return 0;
	close = memchr(words_end, ')', s.len - (size_t)(words_end - s.at));
	if (!close)
		return 0;
	out_str(to, (struct str){s.at + 1, (size_t)(words_end - s.at) - 1});
	return (size_t)(close - s.at) + 1;
}

/* [words](address) is the words alone; "\|" is a bar. */
static struct str plain(struct arena *a, struct str s)
{
	struct out text = out_to_memory(a);

	while (s.len) {
		size_t n = take_link(&text, s);

		if (!n && !str_has_prefix(s, STR("\\|")))
			out_str(&text, (struct str){s.at, 1});
		s = without(s, n ? n : 1);
	}
	return out_memory(&text);
}

static void print_heading(struct reader *r, struct str words)
{
	out_style(r->o, STRONG);
	out_wrap(r->o, 0, words);
	out_style(r->o, PLAIN);
	out_line(r->o);
}

static void print_code(struct reader *r, struct str line)
{
	if (line.len)
		out_pad(r->o, CODE_INDENT);
	out_clean(r->o, line);
	out_line(r->o);
}

/* The lines from `first` on which belong together. */
static void print_prose(struct reader *r, unsigned indent, struct str first)
{
	struct out all = out_to_memory(r->o->arena);

	out_str(&all, first);
	while (goes_on(r)) {
		out_str(&all, STR(" "));
		out_str(&all, trim(take_line(r)));
	}
	out_wrap(r->o, indent, plain(r->o->arena, out_memory(&all)));
	out_line(r->o);
}

/* --- tables --------------------------------------------------------------- */

/* Cuts the next cell off a row that begins behind a bar. */
static struct str take_cell(struct str *row)
{
	struct str cell = {row->at, 0};

	while (cell.len < row->len &&
	       (row->at[cell.len] != '|' ||
		(cell.len && row->at[cell.len - 1] == '\\')))
		cell.len++;
	*row = without(*row, cell.len + (cell.len < row->len));
	return trim(cell);
}

static unsigned first_column(const struct reader *r, struct str row)
{
	struct str rest = r->rest;
	unsigned widest = 0;

	while (str_has_prefix(row, STR("|"))) {
		struct str cells = without(row, 1);
		unsigned n = out_columns(plain(r->o->arena, take_cell(&cells)));

		if (n > widest && n <= MOST_FIRST_COLUMN)
			widest = n;
		row = line_of(rest);
		rest = without(rest, row.len + (row.len < rest.len));
	}
	return widest;
}

static void print_row(struct reader *r, struct str row)
{
	struct str cells = without(row, 1);
	struct str first = plain(r->o->arena, take_cell(&cells));
	struct str second = plain(r->o->arena, take_cell(&cells));
	unsigned indent = 2 + r->first_column + 2;

	if (!first.len && !second.len)
		return;
	out_pad(r->o, 2);
	out_clean(r->o, first);
	if (r->o->column + 2 > indent && second.len) {
		out_line(r->o);
		out_pad(r->o, indent);
	}
	out_pad(r->o, second.len ? indent : 0);
	out_wrap(r->o, indent, second);
	out_line(r->o);
}

static void print_table_line(struct reader *r, struct str line)
{
	bool is_head = !r->in_table;

	if (is_head)
		r->first_column = first_column(r, line);
	r->in_table = true;
	if (str_has_prefix(line, STR("|--")))
		return;
	out_style(r->o, is_head ? FAINT : PLAIN);
	print_row(r, line);
	out_style(r->o, PLAIN);
}

/* --- pages ---------------------------------------------------------------- */

static void print_line(struct reader *r, struct str line)
{
	if (str_has_prefix(line, STR("|"))) {
		print_table_line(r, line);
		return;
	}
	r->in_table = false;
	if (str_has_prefix(line, STR("#")))
		print_heading(r, trim(without(line, strspn(line.at, "#"))));
	else if (str_has_prefix(line, STR("    ")))
		print_code(r, without(line, 4));
	else if (str_has_prefix(line, STR("- ")))
		print_prose(r, 2, line);
	else if (line.len)
		print_prose(r, 0, line);
	else
		out_line(r->o);
}

void page_print(struct out *o, const char *page)
{
	struct reader r = {.o = o, .rest = str_of(page)};

	while (r.rest.len) {
		struct str line = take_line(&r);

		if (str_has_prefix(line, STR("```")))
			r.in_fence = !r.in_fence;
		else if (r.in_fence)
			print_code(&r, line);
		else
			print_line(&r, line);
	}
}
