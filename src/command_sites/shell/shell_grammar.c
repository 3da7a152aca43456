#include "command_sites/shell/shell_grammar.h"

#include <ctype.h>

#include "base/array.h"
#include "command_sites/partial_text.h"

bool is_at(const struct cursor *c, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(c->end - c->at) >= n && !memcmp(c->at, text, n);
}

char take(struct cursor *c)
{
	c->line += *c->at == '\n';
	return *c->at++;
}

void skip_parameter(struct cursor *c)
{
	if (c->at < c->end && !isalpha((unsigned char)*c->at) && *c->at != '_')
		c->at++;
	else
		while (c->at < c->end &&
		       (isalnum((unsigned char)*c->at) || *c->at == '_'))
			c->at++;
}

bool is_assignment(struct str word)
{
	size_t n = 0;

	while (n < word.len &&
	       (isalnum((unsigned char)word.at[n]) || word.at[n] == '_'))
		n++;
	return n && !isdigit((unsigned char)*word.at) && n < word.len &&
	       (word.at[n] == '=' || (word.at[n] == '+' && n + 1 < word.len &&
				      word.at[n + 1] == '='));
}

struct str assigned_name(struct arena *a, struct str word)
{
	size_t n = 0;

	while (n < word.len && word.at[n] != '=' && word.at[n] != '+')
		n++;
	return arena_print(a, "%.*s", (int)n, word.at);
}

bool is_keyword(struct str word)
{
	return str_is_listed(word, "if then else elif while until do ! { } "
				   "fi done esac");
}

bool is_prefix(struct str word)
{
	return str_is_listed(word, "exec command builtin time");
}

bool is_all_arguments(struct str word)
{
	return str_is_listed(word, "\"$@\" $@ \"${@}\" ${@}");
}

struct str nth_word(struct str words, size_t n)
{
	for (;;) {
		const char *end =
			words.len ? memchr(words.at, BETWEEN, words.len) : NULL;
		size_t len = end ? (size_t)(end - words.at) : words.len;

		if (!n)
			return (struct str){words.at, len};
		if (!end)
			return (struct str){NULL, 0};
		words.at += len + 1;
		words.len -= len + 1;
		n--;
	}
}

/* --- words in the making ---------------------------------------------------
 */

void buffer_put(struct arena *a, struct buffer *b, char c)
{
	*ARRAY_ADD(a, b->at, b->n, b->room) = c;
}

struct str buffer_text(const struct buffer *b)
{
	return (struct str){b->at, b->n};
}

bool is_number(const struct buffer *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (!isdigit((unsigned char)b->at[i]))
			return false;
	return b->n;
}

/* --- functions -------------------------------------------------------------
 */

unsigned scope_function(const struct scope *s)
{
	return s->braces ? s->function : 0;
}

static void open_brace(struct scope *s)
{
	s->function += !s->braces++;
}

void scope_keyword(struct scope *s, struct str keyword)
{
	if (str_eq(keyword, STR("{")) && (s->begins || s->braces)) {
		open_brace(s);
		s->begins = false;
	} else if (str_eq(keyword, STR("}"))) {
		s->braces -= s->braces > 0;
	}
}

/* `function name {`, or with the brace in the next line. */
void scope_command(struct scope *s, struct str words)
{
	bool opens = words.len && words.at[words.len - 1] == '{';

	if (!str_eq(nth_word(words, 0), STR("function")))
		return;
	if (opens)
		open_brace(s);
	s->begins = !opens;
}

/* --- here-documents --------------------------------------------------------
 */

bool take_heredoc_mark(struct arena *a, struct cursor *c, struct heredocs *h)
{
	const char *from;
	size_t n = 0;
	char *to;

	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
		c->at++;
	from = c->at;
	while (c->at < c->end && !isspace((unsigned char)*c->at) &&
	       !strchr(";&|<>()", *c->at)) {
		c->at++;
	}
	if (h->n == MOST_HEREDOCS)
		return false;
	to = TAKE(a, char, (size_t)(c->at - from) + 1);
	for (; from < c->at; from++)
		if (!strchr("'\"\\", *from))
			to[n++] = *from;
	h->marks[h->n++] = (struct str){to, n};
	return true;
}

static struct str take_line(struct cursor *c)
{
	const char *end = memchr(c->at, '\n', (size_t)(c->end - c->at));
	struct str line = {c->at, (size_t)((end ? end : c->end) - c->at)};

	c->at += line.len + (end != NULL);
	c->line += end != NULL;
	return line;
}

static bool ends_heredoc(struct str line, struct str mark)
{
	while (line.len && *line.at == '\t')
		line.at++, line.len--;
	return str_eq(line, mark);
}

bool skip_heredocs(struct cursor *c, struct heredocs *h)
{
	bool is_text = true;

	for (size_t i = 0; i < h->n; i++)
		while (c->at < c->end) {
			struct str line = take_line(c);

			if (ends_heredoc(line, h->marks[i]))
				break;
			is_text &= !memmem(line.at, line.len, "$(", 2) &&
				   !memchr(line.at, '`', line.len);
		}
	h->n = 0;
	return is_text;
}

bool begins_pattern(const struct cursor *in, bool has_word, bool is_test)
{
	switch (*in->at) {
	case '*':
	case '?':
		return true;
	case '[':
		return !is_test;
	case '~':
		return !has_word;
	case '{':
		return in->at + 1 < in->end &&
		       !isspace((unsigned char)in->at[1]);
	default:
		return false;
	}
}

struct str without_quotes(struct arena *a, struct str text)
{
	char *to = TAKE(a, char, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != '"')
			to[n++] = text.at[i];
	return (struct str){to, n};
}

bool is_plain_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr("$`'\\*?[{~", text.at[i]))
			return false;
	return true;
}
