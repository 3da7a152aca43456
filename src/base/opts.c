#include "base/opts.h"

#include "base/nearest.h"

enum { N_COMMON = 3 };

/* The rows of every command, and the row of zeros. */
static void common_rows(struct opts *opts, struct opt ret[N_COMMON])
{
	ret[0] = (struct opt){.name = "color",
			      .takes = "WHEN",
			      .help = "colours: always, never, or auto (on a "
				      "terminal)",
			      .text = &opts->color};
	ret[1] = (struct opt){.letter = 'h',
			      .name = "help",
			      .help = "show this",
			      .flag = &opts->help};
	ret[2] = (struct opt){0};
}

struct walk { /* over argv */
	struct arena *arena;
	struct opts *opts;
	struct opt common[N_COMMON];
	char **argv;
	int at, end;
	const struct opt **given; /* rows that take one text, as they came */
	size_t n_given;
	struct str why;
};

static bool refuse(struct walk *w, struct str why)
{
	w->why = why;
	return false;
}

static const struct opt *find_letter(const struct opt *row, char letter)
{
	while (row->help && row->letter != letter)
		row++;
	return row->help ? row : NULL;
}

static const struct opt *rows_of(const struct opts *opts)
{
	static const struct opt none = {0};

	return opts->table ? opts->table : &none;
}

static const struct opt *by_letter(const struct walk *w, char letter)
{
	const struct opt *row = find_letter(rows_of(w->opts), letter);

	return row ? row : find_letter(w->common, letter);
}

static const struct opt *find_name(const struct opt *row, struct str name)
{
	while (row->help && !(row->name && str_eq(str_of(row->name), name)))
		row++;
	return row->help ? row : NULL;
}

static const struct opt *by_name(const struct walk *w, struct str name)
{
	const struct opt *row = find_name(rows_of(w->opts), name);

	return row ? row : find_name(w->common, name);
}

static void try_names(struct nearest *n, const struct opt *row)
{
	for (; row->help; row++)
		if (row->name)
			nearest_try(n, row->name);
}

static bool refuse_unknown(struct walk *w, struct str name)
{
	struct nearest n = {
		.misspelt = arena_print(w->arena, "%.*s", STR_FMT(name)).at};

	try_names(&n, rows_of(w->opts));
	try_names(&n, w->common);
	return refuse(w, arena_print(w->arena, "unknown option --%.*s%s%s%s",
				     STR_FMT(name),
				     n.word ? " (did you mean --" : "",
				     n.word ? n.word : "", n.word ? "?)" : ""));
}

static void add_to_list(struct walk *w, struct texts *list, const char *text)
{
	if (!list->at) /* no more than there are arguments */
		list->at = TAKE(w->arena, const char *, (size_t)w->end);
	list->at[list->n++] = text;
}

static bool was_given(const struct walk *w, const struct opt *row)
{
	for (size_t i = 0; i < w->n_given; i++)
		if (w->given[i] == row)
			return true;
	return false;
}

static void note_given(struct walk *w, const struct opt *row)
{
	if (!w->given)
		w->given = TAKE(w->arena, const struct opt *, (size_t)w->end);
	w->given[w->n_given++] = row;
}

static bool refuse_second(struct walk *w, const struct opt *row)
{
	static const char twice[] = "given twice, with two values; give one";

	if (row->letter)
		return refuse(w, arena_print(w->arena, "-%c is %s", row->letter,
					     twice));
	return refuse(w, arena_print(w->arena, "--%s is %s", row->name, twice));
}

/* An alias of the shell may choose a colour: of two, the last counts. Of other
 * options nobody knows which value was meant. */
static bool keep(struct walk *w, const struct opt *row, const char *text)
{
	if (row->list)
		add_to_list(w, row->list, text);
	if (!row->text)
		return true;
	if (!was_given(w, row))
		note_given(w, row);
	else if (row->text != &w->opts->color && strcmp(*row->text, text))
		return refuse_second(w, row);
	*row->text = text;
	return true;
}

static bool refuse_without(struct walk *w, const struct opt *row,
			   const char *more)
{
	if (row->letter)
		return refuse(w, arena_print(w->arena, "-%c needs a %s%s",
					     row->letter, row->takes, more));
	return refuse(w, arena_print(w->arena, "--%s needs a %s%s", row->name,
				     row->takes, more));
}

/* `text` is the rest of the word behind the option, or null. */
static bool take_argument(struct walk *w, const struct opt *row,
			  const char *text)
{
	if (!text && w->at < w->end && strcmp(w->argv[w->at], "--"))
		text = w->argv[w->at++];
	if (!text || !*text)
		return refuse_without(
			w, row, text ? ", which is empty: " MAY_BE_UNSET : "");
	return keep(w, row, text);
}

static bool take_long(struct walk *w, const char *word)
{
	const char *equals = strchrnul(word, '=');
	struct str name = {word, (size_t)(equals - word)};
	const struct opt *row = by_name(w, name);

	if (!row)
		return refuse_unknown(w, name);
	if (row->takes && !row->flag)
		return take_argument(w, row, *equals ? equals + 1 : NULL);
	*row->flag = true;
	if (!*equals)
		return true;
	if (row->text)
		return keep(w, row, equals + 1);
	return refuse(w, arena_print(w->arena, "--%.*s takes no value",
				     STR_FMT(name)));
}

/* Letters may be joined, -qv; the last may take an argument, -oDIR. */
static bool take_letters(struct walk *w, const char *letters)
{
	for (; *letters; letters++) {
		const struct opt *row = by_letter(w, *letters);

		if (!row)
			return refuse(w, arena_print(w->arena,
						     "unknown option -%c",
						     *letters));
		else if (row->takes)
			return take_argument(w, row,
					     letters[1] ? letters + 1 : NULL);
		else
			*row->flag = true;
	}
	return true;
}

static bool is_operand(const char *word)
{
	return word[0] != '-' || !word[1];
}

/* A COMMAND may have empty arguments; no trace, code or name is empty. */
static bool keep_operand(struct walk *w, char *word)
{
	struct opts *o = w->opts;

	o->operands[o->n_operands++] = word;
	if (*word || o->stops_early)
		return true;
	return refuse(w, STR("an argument is empty: " MAY_BE_UNSET));
}

static bool take_words(struct walk *w)
{
	while (w->at < w->end) {
		char *word = w->argv[w->at++];
		bool ok = true;

		if (!strcmp(word, "--"))
			return true;
		if (is_operand(word))
			ok = keep_operand(w, word);
		else if (word[1] == '-')
			ok = take_long(w, word + 2);
		else
			ok = take_letters(w, word + 1);
		if (!ok || (is_operand(word) && w->opts->stops_early))
			return ok;
	}
	return true;
}

/* Behind "--", or behind the first operand of a command that stops early. */
static bool take_rest(struct walk *w)
{
	while (w->at < w->end)
		if (!keep_operand(w, w->argv[w->at++]))
			return false;
	return true;
}

bool opts_parse(struct arena *arena, struct opts *opts, int argc, char **argv,
		struct str *ret_why)
{
	struct walk w = {.arena = arena,
			 .opts = opts,
			 .argv = argv,
			 .at = 1,
			 .end = argc};

	common_rows(opts, w.common);

	opts->operands = argv;
	opts->n_operands = 0;
	opts->color = NULL;
	if (!take_words(&w) || !take_rest(&w)) {
		*ret_why = w.why;
		return false;
	}
	argv[opts->n_operands] = NULL;
	return true;
}

/* --- help ----------------------------------------------------------------- */

#define HELP_COLUMN 24

/* "[-o DIR]" stays whole. */
static size_t length_of_part(const char *at)
{
	size_t n = 0;

	for (int open = 0; at[n] && (open || at[n] != ' '); n++)
		open += (at[n] == '[') - (at[n] == ']');
	return n;
}

/* Lines after the first stand behind the name of the command, where that leaves
 * room. */
static void help_usage(struct out *o, const char *synopsis)
{
	static const char begin[] = "usage: keytrail ";
	size_t name = strcspn(synopsis, " ");
	unsigned indent = o->width < 60 ? 4 : (unsigned)(sizeof begin + name);

	out_clean(o, (struct str){begin, sizeof begin - 1});
	out_clean(o, (struct str){synopsis, name});
	for (synopsis += name; *synopsis == ' ';) {
		size_t n = length_of_part(++synopsis);

		if (o->column > indent && o->column + 1 + n > o->width)
			out_line(o);
		out_pad(o, o->column < indent ? indent : o->column + 1);
		out_clean(o, (struct str){synopsis, n});
		synopsis += n;
	}
	out_line(o);
	out_line(o);
}

static void help_row(struct out *o, const struct opt *row)
{
	out_clean(o, STR("  "));
	if (row->letter)
		out_clean(o, arena_print(o->arena, "-%c%s", row->letter,
					 row->name ? ", " : ""));
	if (row->name)
		out_clean(o, arena_print(o->arena, "--%s", row->name));
	if (row->takes)
		out_clean(o, arena_print(o->arena, row->flag ? "[=%s]" : " %s",
					 row->takes));
	out_clean(o, STR("  "));
	out_pad(o, HELP_COLUMN);
	out_wrap(o, HELP_COLUMN, str_of(row->help));
	out_line(o);
}

void opts_help(const struct opts *opts, struct out *o)
{
	struct opts unused;
	struct opt common[N_COMMON];

	common_rows(&unused, common);
	help_usage(o, opts->synopsis);
	out_wrap(o, 0, str_of(opts->about));
	out_print(o, "\n\noptions:\n");
	o->column = 0;
	for (const struct opt *row = rows_of(opts); row->help; row++)
		help_row(o, row);
	for (const struct opt *row = common; row->help; row++)
		help_row(o, row);
}
