#include "formats/mask_source.h"

#include <ctype.h>
#include <strings.h>

#include "shared/key_prefix.h"

/* Languages in which a literal stands between quotes, by the ending of the
 * file. Any other file is like an env file: a line is a name and a value. */
static const char *const slash_comments =
	"js mjs cjs jsx ts mts cts tsx c cc cpp cxx h hpp rs go java kt scala "
	"swift cs";
static const char *const hash_comments = "py pyw";
/* Words of these are literals without quotes, too: %w(a b), qw(a b), <<END. */
static const char *const many_quotes = "rb pl pm php";

enum language { NO_LANGUAGE, SLASH_COMMENTS, HASH_COMMENTS, MANY_QUOTES };

static enum language language_of(struct str name)
{
	const char *dot = name.len ? memrchr(name.at, '.', name.len) : NULL;
	struct str ending = {NULL, 0};

	if (dot)
		ending = (struct str){dot + 1,
				      name.len - (size_t)(dot + 1 - name.at)};
	if (!ending.len)
		return NO_LANGUAGE;
	if (str_is_listed(ending, slash_comments))
		return SLASH_COMMENTS;
	if (str_is_listed(ending, hash_comments))
		return HASH_COMMENTS;
	return str_is_listed(ending, many_quotes) ? MANY_QUOTES : NO_LANGUAGE;
}

struct masked {
	char *at;
	size_t len;
};

static void put(struct masked *to, struct str s)
{
	memcpy(to->at + to->len, s.at, s.len);
	to->len += s.len;
}

static void put_masked(struct masked *to)
{
	put(to, STR("..."));
}

/* --- literals ------------------------------------------------------------- */

/* The last quote of this kind: a literal may hold code, and the code literals
 * with the same quotes. len of the line: none. */
static size_t find_last(struct str line, size_t from, char quote)
{
	for (size_t i = line.len; i > from; i--)
		if (line.at[i - 1] == quote)
			return i - 1;
	return line.len;
}

static size_t find_end(struct str line, size_t from, char quote)
{
	for (size_t i = from; i < line.len; i++) {
		if (line.at[i] == '\\')
			i++;
		else if (line.at[i] == quote)
			return i;
	}
	return line.len;
}

static bool holds_code(struct str line, size_t at)
{
	char quote = line.at[at];
	char before = at ? line.at[at - 1] : ' ';

	return quote == '`' || before == 'f' || before == 'F' ||
	       memmem(line.at, line.len, "#{", 2) ||
	       memmem(line.at, line.len, "${", 2);
}

static bool begins_comment(enum language language, struct str line, size_t at)
{
	char c = line.at[at], next = at + 1 < line.len ? line.at[at + 1] : ' ';

	if (language == SLASH_COMMENTS)
		return c == '/' && (next == '/' || next == '*');
	return c == '#';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static void mask_literals(struct masked *to, enum language language,
			  struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		size_t end;

		if (begins_comment(language, line, i))
			return;
		put(to, (struct str){line.at + i, 1});
		if (!is_quote(line.at[i]))
			continue;
		end = holds_code(line, i) ? find_last(line, i + 1, line.at[i])
					  : find_end(line, i + 1, line.at[i]);
		if (end > i + 1)
			put_masked(to);
		if (end >= line.len)
			return;
		put(to, (struct str){line.at + end, 1});
		i = end;
	}
}

/* Literals without quotes cannot be told from code: such a line is not shown.
 */
static bool has_other_literals(struct str line)
{
	static const char *const starts[] = {
		"<<", "%w", "%W", "%q", "%Q", "%i", "%I", "%x", "%s", "%(",
		"%[", "%{", "qw", "qq", "qx", "q(", "q{", "q[", "q/", "?>"};

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (memmem(line.at, line.len, starts[i], 2))
			return true;
	return false;
}

/* --- names and values ----------------------------------------------------- */

static bool is_blank(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] != ' ' && s.at[i] != '\t')
			return false;
	return true;
}

static void mask_behind_sign(struct masked *to, struct str line)
{
	size_t n = 0;

	while (n < line.len && !is_quote(line.at[n]) && line.at[n] != '=' &&
	       line.at[n] != ':' && line.at[n] != '#')
		n++;
	if (n < line.len && line.at[n] != '#')
		n++;
	put(to, (struct str){line.at, n});
	if (n < line.len && line.at[n] != '#' &&
	    !is_blank((struct str){line.at + n, line.len - n}))
		put_masked(to);
}

/* --- set NAME VALUE of fish and csh ---------------------------------------
 */

static size_t end_of_word(struct str line, size_t at)
{
	while (at < line.len && line.at[at] != ' ' && line.at[at] != '\t')
		at++;
	return at;
}

static size_t end_of_name(struct str line, size_t at)
{
	while (at < line.len &&
	       (isalnum((unsigned char)line.at[at]) || line.at[at] == '_'))
		at++;
	return at;
}

/* Where the name ends that the line sets; 0: it is another command. */
static size_t end_of_set(struct str line)
{
	size_t at = end_of_word(line, 0);

	if (!str_is_listed((struct str){line.at, at}, "set setenv"))
		return 0;
	for (;;) {
		size_t next = at;

		while (next < line.len && isspace((unsigned char)line.at[next]))
			next++;
		if (next == line.len || line.at[next] != '-')
			return end_of_name(line, next);
		at = end_of_word(line, next);
	}
}

static void mask_values(struct masked *to, struct str line)
{
	size_t n = end_of_set(line);

	if (!n) {
		mask_behind_sign(to, line);
		return;
	}
	put(to, (struct str){line.at, n});
	if (n < line.len)
		put(to, STR(" ..."));
}

static bool has_part(struct str word, const char *part)
{
	size_t len = strlen(part);

	for (size_t at = 0; at + len <= word.len; at++)
		if (!strncasecmp(word.at + at, part, len))
			return true;
	return false;
}

/* An option that gives a secret, in the next word or in its own: --token abc,
 * -phunter2. */
static bool gives_secret(struct str word)
{
	static const char *const parts[] = {"pass", "token", "secret", "key",
					    "auth", "cred",  "pwd"};

	if (str_eq(word, STR("login")))
		return true;
	if (word.len < 2 || word.at[0] != '-')
		return false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (has_part(word, parts[i]))
			return true;
	return word.at[1] == 'p';
}

/* What follows such a word in a command is left out. */
static struct str before_secret(struct str line)
{
	size_t at = 0;

	while (at < line.len) {
		size_t end = at;

		while (end < line.len && line.at[end] != ' ')
			end++;
		if (at && gives_secret((struct str){line.at + at, end - at}))
			return (struct str){line.at, at};
		at = end + 1;
	}
	return line;
}

/* --- words ---------------------------------------------------------------- */

static bool is_in_word(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '+';
}

/* As long as a key, and mixed as a key. */
static bool looks_like_secret(struct str word)
{
	enum { SHORTEST = 16 };
	size_t digits = 0, letters = 0;

	for (size_t i = 0; i < word.len; i++) {
		digits += isdigit((unsigned char)word.at[i]) != 0;
		letters += isalpha((unsigned char)word.at[i]) != 0;
	}
	return word.len >= SHORTEST && digits && letters;
}

static void mask_words(struct masked *to, struct str line)
{
	size_t at = 0;

	while (at < line.len) {
		size_t end = at;

		while (end < line.len && is_in_word(line.at[end]))
			end++;
		if (looks_like_secret((struct str){line.at + at, end - at}))
			put_masked(to);
		else
			put(to, (struct str){line.at + at, end - at});
		if (end < line.len)
			put(to, (struct str){line.at + end, 1});
		at = end + 1;
	}
}

/* --- the line ------------------------------------------------------------- */

static struct str trimmed(struct str s)
{
	while (s.len && isspace((unsigned char)*s.at))
		s = (struct str){s.at + 1, s.len - 1};
	while (s.len && isspace((unsigned char)s.at[s.len - 1]))
		s.len--;
	return s;
}

/* Twice as long at most: a literal grows by "...". */
static struct masked room_for(struct arena *a, struct str line)
{
	return (struct masked){TAKE(a, char, 4 * line.len + 8), 0};
}

struct str mask_source(struct arena *a, struct str name, struct str line)
{
	enum language language = language_of(name);
	struct masked masked, words;
	struct str text;

	line = trimmed(line);
	if (!line.len || memchr(line.at, '\0', line.len) ||
	    (language == MANY_QUOTES && has_other_literals(line)))
		return (struct str){NULL, 0};
	masked = room_for(a, line);
	if (language == NO_LANGUAGE)
		mask_values(&masked, line);
	else
		mask_literals(&masked, language, line);
	text = trimmed((struct str){masked.at, masked.len});
	if (language == NO_LANGUAGE)
		text = before_secret(text);
	words = room_for(a, text);
	mask_words(&words, text);
	text = trimmed((struct str){words.at, words.len});
	return holds_key(text.at, text.len) ? (struct str){NULL, 0} : text;
}
