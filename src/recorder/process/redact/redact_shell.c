#include "recorder/process/redact/redact_shell.h"

#include "recorder/process/redact/redact_command.h"
#include "recorder/secrets/classify_text.h"
#include "recorder/lib/str.h"

enum { DEEPEST = 3, SHOWN_BYTES = 220 };

static const char separators[] = " \t\n;|&()<>";

/* Quotes, $(...) and ${...} keep blanks inside a word. */
static size_t word_length(const char *s, size_t n)
{
	char quote = '\0';
	size_t depth = 0, i;

	for (i = 0; i < n; i++) {
		if (s[i] == '\\' && quote != '\'')
			i++;
		else if (quote)
			quote = s[i] == quote ? '\0' : quote;
		else if (s[i] == '\'' || s[i] == '"' || s[i] == '`')
			quote = s[i];
		else if (s[i] == '(' && (depth || (i && s[i - 1] == '$')))
			depth++;
		else if (s[i] == ')' && depth)
			depth--;
		else if (!depth && str_find_char(separators, s[i]))
			break;
	}
	return i < n ? i : n;
}

static void put_shell_word(struct reading *r, struct command *c, const char *s,
			   size_t n)
{
	if (n > REDACT_ARG_BYTES) {
		put_stars(r);
		c->next = 0;
		return;
	}
	if (!is_quoted(s, n)) {
		command_word(r, c, s, n);
		return;
	}
	show(r, s, 1);
	command_word(r, c, s + 1, n - 2);
	show(r, s + n - 1, 1);
}

/* echo S | chpasswd, echo S >token: the output of the command is read by
 * another program as a secret. */
static bool is_fed_on(const char *s, size_t n)
{
	size_t word;

	for (size_t i = 0; i < n; i += word) {
		word = word_length(s + i, n - i);
		if (word)
			continue;
		word = 1;
		if (s[i] == '|')
			return i + 1 < n && s[i + 1] != '|';
		if (s[i] == '>' && (names_secret(s + i, n - i) ||
				    str_mentions(s + i, n - i, ".env")))
			return true;
		if (str_find_char(";&\n()", s[i]))
			return false;
	}
	return false;
}

/* Shows the text between words. Returns the length of the text; of a
 * here-document, the length of the rest. */
static size_t put_between(struct reading *r, struct command *c, const char *s,
			  size_t n)
{
	size_t length = 1;

	while (length < n && length < 3 && s[0] == '<' && s[length] == '<')
		length++;
	if (length < n && s[0] == '>' && str_find_char(">&|", s[length]))
		length++;
	show(r, s, length);
	if (length == 2 && s[0] == '<') {
		put_stars(r);
		return n;
	}
	if (s[0] == '<' || s[0] == '>')
		c->next = length == 3 ? '*' : '.';
	else if (!str_find_char(" \t", s[0]) &&
		 !(s[0] == '&' && n > 1 && s[1] == '>'))
		*c = (struct command){0};
	return length;
}

static size_t put_token(struct reading *r, struct command *c, const char *s,
			size_t n)
{
	size_t word = word_length(s, n);
	const char *row = c->program.row;

	if (!word)
		return put_between(r, c, s, n);
	put_shell_word(r, c, s, word);
	if (c->program.row != row && program_flag(&c->program, '|'))
		c->has_rest = is_fed_on(s + word, n - word);
	return word;
}

void put_script(struct reading *r, const char *s, size_t n)
{
	struct command c = {.is_begun = false};
	size_t end = r->line->length + SHOWN_BYTES;
	bool was_script = r->is_script;

	if (r->depth == DEEPEST) {
		put_stars(r);
		return;
	}
	r->depth++;
	r->is_script = true;
	for (size_t i = 0; i < n;) {
		if (r->line->length > end) {
			put_stars(r);
			break;
		}
		i += put_token(r, &c, s + i, n - i);
	}
	r->depth--;
	r->is_script = was_script;
}
