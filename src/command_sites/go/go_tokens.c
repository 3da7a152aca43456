#include "command_sites/go/go_tokens.h"

#include <ctype.h>

#include "base/array.h"

struct scan {
	struct str text;
	size_t at;
	unsigned long line;
};

static char peek(const struct scan *s, size_t n)
{
	return s->at + n < s->text.len ? s->text.at[s->at + n] : '\0';
}

static void step(struct scan *s, size_t n)
{
	while (n-- && s->at < s->text.len)
		if (s->text.at[s->at++] == '\n')
			s->line++;
}

static void skip_comment(struct scan *s)
{
	bool is_line = peek(s, 1) == '/';

	step(s, 2);
	while (s->at < s->text.len) {
		if (is_line && peek(s, 0) == '\n')
			return;
		if (!is_line && peek(s, 0) == '*' && peek(s, 1) == '/') {
			step(s, 2);
			return;
		}
		step(s, 1);
	}
}

static void skip_blanks(struct scan *s)
{
	while (s->at < s->text.len) {
		char c = peek(s, 0);

		if (isspace((unsigned char)c))
			step(s, 1);
		else if (c == '/' && (peek(s, 1) == '/' || peek(s, 1) == '*'))
			skip_comment(s);
		else
			return;
	}
}

/* An escape may stand for any character: such a string is no known text. */
static struct str take_string(struct scan *s, char quote)
{
	struct str text = {s->text.at + s->at + 1, 0};
	bool is_known = quote != '\'';

	step(s, 1);
	while (s->at < s->text.len && peek(s, 0) != quote) {
		bool is_escape = quote != '`' && peek(s, 0) == '\\';

		is_known &= !is_escape;
		step(s, is_escape ? 2 : 1);
	}
	text.len = (size_t)(s->text.at + s->at - text.at);
	step(s, 1);
	return is_known ? text : (struct str){NULL, 0};
}

static bool is_name_byte(char c)
{
	return c == '_' || isalnum((unsigned char)c) || (c & 0x80);
}

static struct go_token take(struct scan *s)
{
	struct go_token t = {GO_SIGN, {s->text.at + s->at, 1}, s->line};
	char c = peek(s, 0);

	if (c == '"' || c == '`' || c == '\'') {
		t.text = take_string(s, c);
		t.kind = t.text.at ? GO_STRING : GO_SIGN;
		return t;
	}
	if (is_name_byte(c))
		t.kind = GO_NAME;
	else if ((c == ':' || c == '=' || c == '!') && peek(s, 1) == '=')
		t.text.len = 2;
	while (t.kind == GO_NAME && is_name_byte(peek(s, t.text.len)))
		t.text.len++;
	step(s, t.text.len);
	return t;
}

struct go_tokens go_tokens_of(struct arena *a, struct str text)
{
	struct scan s = {.text = text, .line = 1};
	struct go_tokens tokens = {NULL, 0};
	size_t room = 0;

	for (skip_blanks(&s); s.at < text.len; skip_blanks(&s))
		*ARRAY_ADD(a, tokens.at, tokens.n, room) = take(&s);
	return tokens;
}

struct go_token go_token_at(const struct go_tokens *t, size_t i)
{
	return i < t->n ? t->at[i] : (struct go_token){.kind = GO_SIGN};
}

bool go_tokens_are(const struct go_tokens *t, size_t i, const char *words)
{
	while (*words) {
		struct str word = str_next_word(&words);
		struct go_token token = go_token_at(t, i++);

		if (str_eq(word, STR("$")) ? token.kind != GO_NAME
					   : token.kind == GO_STRING ||
						     !str_eq(token.text, word))
			return false;
	}
	return true;
}

size_t go_tokens_behind(const struct go_tokens *t, size_t i)
{
	size_t depth = 0;

	for (; i < t->n; i++) {
		struct go_token token = t->at[i];

		if (token.kind != GO_SIGN || token.text.len != 1)
			continue;
		if (strchr("([{", *token.text.at))
			depth++;
		else if (strchr(")]}", *token.text.at) && depth && !--depth)
			return i + 1;
	}
	return t->n;
}
