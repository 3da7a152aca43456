/* A file that a shell reads (. ./.env): assignments that stand alone or behind
 * export. Quotes, backslashes and $NAME are the shell's. A value with a command
 * inside, $(...), is not known here and left out; so is an assignment before a
 * command, which holds for that command only. */
#include "envfiles/env_syntax.h"

#include <string.h>

enum { MOST_WORDS = 32 }; /* assignments of one command */

struct word {
	const char *from, *to; /* as written */
	const char *sign;      /* the '=' of an assignment, or null */
	struct str value;      /* behind the sign */
	bool has_quote, is_dropped;
};

static bool ends_word(char c)
{
	return c && strchr(" \t\n;&|()<>", c);
}

/* ---- a word -------------------------------------------------------------- */

/* Behind a command, $(...) or `...`: a plain count of the parentheses. */
static const char *skip_command(struct env_text *t, const char *at)
{
	int depth = 1;

	t->is_unknown = true; /* no value */
	if (*at == '`') {
		while (++at < t->end && *at != '`')
			;
		return at + (at < t->end);
	}
	for (at += 2; at < t->end && depth; at++)
		depth += (*at == '(') - (*at == ')');
	return at;
}

static struct str name_between(const char *from, const char *to)
{
	return (struct str){from, (size_t)(to - from)};
}

/* ${NAME}, ${NAME:-text} and ${NAME-text}; of other forms no value is known. */
static const char *add_braces(struct env_text *t, const char *at)
{
	const char *from = at + 2, *to = from, *value;
	const char *close = find_brace(at, t->end);
	bool counts_empty;

	t->is_unknown |= !close;
	if (!close)
		return t->end;
	while (to < close && is_name_char(*to))
		to++;
	value = value_of(t, name_between(from, to), false);
	counts_empty = *to == ':';
	to += counts_empty;
	t->is_unknown |= to < close && *to != '-';
	if (to < close && (!value || (counts_empty && !*value)))
		value_add(t, to + 1, (size_t)(close - to - 1));
	else
		value_add_text(t, value);
	return close + 1;
}

static void add_value_of(struct env_text *t, struct str name)
{
	const char *value = value_of(t, name, false);

	t->has_dropped |= !value || !*value;
	value_add_text(t, value);
}

static const char *add_dollar(struct env_text *t, const char *at)
{
	const char *to = at + 1;

	if (to < t->end && *to == '{')
		return add_braces(t, at);
	if (to < t->end && *to == '(')
		return skip_command(t, at);
	if (to < t->end && *to >= '1' && *to <= '9') {
		t->has_dropped = true; /* an argument of the script */
		return to + 1;
	}
	while (to < t->end && is_name_char(*to))
		to++;
	if (to > at + 1)
		add_value_of(t, name_between(at + 1, to));
	else if (to < t->end && strchr("'\"@*#?$!-", *to))
		t->is_unknown = true;
	else
		value_add(t, at, 1);
	return to;
}

static const char *add_double_quoted(struct env_text *t, const char *at)
{
	for (at++; at < t->end && *at != '"';) {
		if (*at == '$') {
			at = add_dollar(t, at);
		} else if (*at == '`') {
			at = skip_command(t, at);
		} else if (*at == '\\' && at + 1 < t->end &&
			   strchr("$`\"\\\n", at[1])) {
			if (at[1] != '\n')
				value_add(t, at + 1, 1);
			at += 2;
		} else {
			value_add(t, at++, 1);
		}
	}
	t->is_unknown |= at == t->end;
	return at + (at < t->end);
}

static const char *add_single_quoted(struct env_text *t, const char *at)
{
	const char *close = memchr(at + 1, '\'', (size_t)(t->end - at - 1));

	t->is_unknown |= !close;
	if (!close)
		return t->end;
	value_add(t, at + 1, (size_t)(close - at - 1));
	return close + 1;
}

static const char *add_piece(struct env_text *t, const char *at, struct word *w)
{
	w->has_quote |= *at == '"' || *at == '\'' || *at == '\\';
	switch (*at) {
	case '"':
		return add_double_quoted(t, at);
	case '\'':
		return add_single_quoted(t, at);
	case '$':
		return add_dollar(t, at);
	case '`':
		return skip_command(t, at);
	case '\\':
		if (at + 1 < t->end && at[1] != '\n')
			value_add(t, at + 1, 1);
		return at + 1 < t->end ? at + 2 : t->end;
	default:
		value_add(t, at, 1);
		return at + 1;
	}
}

/* The '=' behind a name, or null. */
static const char *sign_of(const struct env_text *t, const char *at)
{
	const char *from = at;

	while (at < t->end && is_name_char(*at))
		at++;
	return at < t->end && *at == '=' && at > from &&
			       !(*from >= '0' && *from <= '9')
		       ? at
		       : NULL;
}

static void take_word(struct env_text *t, struct word *w)
{
	const char *at = t->at;

	*w = (struct word){.from = at, .sign = sign_of(t, at)};
	if (w->sign)
		at = w->sign + 1;
	value_start(t);
	while (at < t->end && !ends_word(*at))
		at = add_piece(t, at, w);
	w->value = value_end(t);
	w->is_dropped = t->has_dropped;
	w->to = at;
	t->at = (char *)(uintptr_t)at;
}

/* ---- a command ----------------------------------------------------------- */

static bool is_word(const struct word *w, const char *list)
{
	return str_is_listed((struct str){w->from, (size_t)(w->to - w->from)},
			     list);
}

static void skip_comment(struct env_text *t)
{
	if (t->at < t->end && *t->at == '#')
		t->at = (char *)(uintptr_t)line_end(t, t->at);
}

/* False at the end of the command. */
static bool go_to_word(struct env_text *t)
{
	while (t->at < t->end &&
	       (is_blank(*t->at) ||
		(*t->at == '\\' && t->at + 1 < t->end && t->at[1] == '\n')))
		t->at += 1 + (*t->at == '\\');
	skip_comment(t);
	return t->at < t->end && !strchr("\n;&|()<>", *t->at);
}

/* Where the line goes on behind the word with more words or a comment, its end.
 * Else the end of the word. */
static const char *end_of_rest(const struct env_text *t, const struct word *w)
{
	const char *end = line_end(t, w->to), *rest = w->to;

	while (rest < end && is_blank(*rest))
		rest++;
	return rest == end || rest == w->to || strchr(";&|", *rest) ? w->to
								    : end;
}

static void note_rest(struct env_text *t, struct assignment *a,
		      const struct word *w)
{
	const char *end = end_of_rest(t, w), *rest = w->to;

	while (rest < end && is_blank(*rest))
		rest++;
	if (w->is_dropped)
		note_dropped(t, a, w->sign + 1, w->to);
	else if (!w->has_quote)
		note_whole(t, a, w->sign + 1, end, rest < end && *rest == '#');
}

static void keep(struct env_text *t, const struct word *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct word *w = &words[i];

		note_rest(t,
			  assign(t,
				 (struct str){w->from,
					      (size_t)(w->sign - w->from)},
				 w->value),
			  w);
	}
}

/* A command in the background or in a pipe changes no variable of the shell. */
static bool is_in_subshell(const struct env_text *t)
{
	return t->at < t->end && (*t->at == '&' || *t->at == '|') &&
	       t->at[1] != *t->at;
}

static struct str name_of_word(const struct word *w)
{
	return name_between(w->from, w->sign ? w->sign : w->to);
}

/* NAME = value, and NAME= value of two words: the shell runs the first word
 * without '=' as a command. */
static bool is_spaced_assignment(const struct word *words, size_t n)
{
	struct str name;

	if (n < 2)
		return false;
	name = name_of_word(words);
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_char(name.at[i]))
			return false;
	if (words->sign)
		return n == 2 && words->to == words->sign + 1;
	return name.len && *words[1].from == '=' && words[1].from[1] != '=';
}

/* An earlier assignment holds. */
static void keep_spaced(struct env_text *t, const struct word *words)
{
	struct str name = name_of_word(words);

	if (!assigned(t, name))
		assign(t, name, (struct str){NULL, 0});
}

static void take_command(struct env_text *t)
{
	struct word words[MOST_WORDS], first[2], w;
	bool is_export = false, is_command = false;
	size_t n = 0, n_all = 0;

	while (go_to_word(t)) {
		take_word(t, &w);
		if (is_word(&w, "export readonly declare typeset")) {
			is_export = true;
			continue;
		}
		if (n_all++ < 2)
			first[n_all - 1] = w;
		if (w.sign && !is_command) {
			if (n < MOST_WORDS)
				words[n++] = w;
		} else if (!is_export &&
			   (n || !is_word(&w, "if then else elif do { !"))) {
			is_command = true;
		}
	}
	if (is_spaced_assignment(first, n_all) && !(is_export && n))
		keep_spaced(t, first);
	else if (!is_command && !is_in_subshell(t))
		keep(t, words, n);
}

/* A byte order mark is a part of the first word, which thereby is a command. */
static void take_marked_command(struct env_text *t)
{
	const char *from = t->at;

	skip_byte_order_mark(t);
	if (t->at == from)
		return;
	from = t->at;
	take_command(t);
	t->n = t->n && t->list[0]->name.at == from;
	for (size_t i = 0; i < t->n; i++) {
		t->list[i]->name.at -= from - t->begin;
		t->list[i]->name.len += (size_t)(from - t->begin);
	}
	t->names = hashmap_new(t->arena);
}

void read_shell(struct env_text *t, unsigned flags)
{
	(void)flags;
	take_marked_command(t);
	while (t->at < t->end) {
		take_command(t);
		t->at += t->at < t->end;
	}
}
