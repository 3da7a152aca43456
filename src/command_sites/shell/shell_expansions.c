#include "command_sites/shell/shell_expansions.h"

#include "base/array.h"
#include "shared/credential_name.h"

struct scan {
	struct arena *arena;
	struct str text;
	struct hashmap *wanted; /* names; null: all like a credential */
	struct hashmap *own;	/* names of the text itself, or null */
	struct expansions found;
	size_t i;
	unsigned long line;
	char quote; /* ' or ", or 0 */
};

static char byte_at(const struct scan *s, size_t i)
{
	return i < s->text.len ? s->text.at[i] : '\0';
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static bool is_blank(char c)
{
	return !c || strchr(" \t\n;&|()", c);
}

static struct str name_at(const struct scan *s, size_t i)
{
	size_t end = i;

	while (is_name_byte(byte_at(s, end)))
		end++;
	return (struct str){s->text.at + i, end - i};
}

static bool is_wanted(const struct scan *s, struct str name)
{
	return name.len &&
	       (s->wanted ? hashmap_find(s->wanted, NULL, name) != NULL
			  : is_credential_name(name.at, name.len));
}

/* `other` of ${NAME:-other} and ${NAME-other}. */
static struct str default_at(const struct scan *s, size_t end)
{
	size_t i = end + (byte_at(s, end) == ':'), first = i + 1;
	unsigned depth = 1;

	if (byte_at(s, i) != '-')
		return (struct str){NULL, 0};
	while (byte_at(s, ++i)) {
		depth += byte_at(s, i) == '{';
		depth -= byte_at(s, i) == '}';
		if (!depth)
			break;
	}
	return (struct str){s->text.at + first, i - first};
}

/* '+' of ${NAME:+other}: expanded where the name has a value; '=' of
 * ${NAME:=other}, which assigns. */
static char operator_at(const struct scan *s, size_t end)
{
	return byte_at(s, end + (byte_at(s, end) == ':'));
}

static void note_own(struct scan *s, struct str name)
{
	if (s->own && is_wanted(s, name))
		*hashmap_slot(s->own, NULL, name) = s->own;
}

static struct expansion *expansion_of(const struct scan *s, struct str name)
{
	for (size_t i = 0; i < s->found.n; i++)
		if (str_eq(s->found.at[i].name, name))
			return &s->found.at[i];
	return NULL;
}

static void add_expansion(struct scan *s, struct expansion e)
{
	struct expansion *known = expansion_of(s, e.name);

	if (!known) {
		*ARRAY_ADD(s->arena, s->found.at, s->found.n, s->found.room) =
			e;
		return;
	}
	e.is_condition |= known->is_condition;
	if (known->instead.len && !e.instead.len)
		*known = e;
	known->is_condition = e.is_condition;
}

static void take_expansion(struct scan *s)
{
	bool braced = byte_at(s, s->i + 1) == '{';
	size_t begin = s->i + 1 + braced;
	struct expansion e = {.name = name_at(s, begin), .line = s->line};
	char sign = braced ? operator_at(s, begin + e.name.len) : 0;

	if (!is_wanted(s, e.name))
		return;
	if (sign == '=')
		note_own(s, e.name);
	e.is_condition = sign == '+';
	if (sign == '-')
		e.instead = default_at(s, begin + e.name.len);
	add_expansion(s, e);
}

static bool is_at_end_of(const struct scan *s, size_t end, const char *word)
{
	size_t n = strlen(word);

	return end >= n && !memcmp(s->text.at + end - n, word, n) &&
	       (end == n || is_blank(byte_at(s, end - n - 1)));
}

/* True where a command may begin: not for `.` in `ls .`. */
static bool begins_command(const struct scan *s)
{
	static const char *const words[] = {"then", "do", "else", "{", "!"};
	size_t end = s->i;

	while (end && strchr(" \t", byte_at(s, end - 1)))
		end--;
	if (!end || is_blank(byte_at(s, end - 1)))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (is_at_end_of(s, end, words[i]))
			return true;
	return false;
}

/* `declare "$name=$value"`, from behind the first word on. */
static bool is_of_unknown_name(const struct scan *s, size_t i)
{
	while (strchr(" \t-", byte_at(s, i)) && byte_at(s, i)) {
		while (byte_at(s, i) == '-' || is_name_byte(byte_at(s, i)))
			i++;
		i += byte_at(s, i) == ' ' || byte_at(s, i) == '\t';
	}
	return byte_at(s, i + (byte_at(s, i) == '"')) == '$';
}

/* Commands that may set any name: of another file, of a text. */
static bool may_set_more(const struct scan *s, struct str word)
{
	if (!begins_command(s))
		return false;
	if (byte_at(s, s->i) == '.')
		return is_blank(byte_at(s, s->i + 1));
	if (str_is_listed(word, "declare typeset readonly read printf"))
		return is_of_unknown_name(s, s->i + word.len);
	return str_is_listed(word, "source eval");
}

/* NAME=value, `read NAME`, `for NAME`, `. FILE`. */
static void take_word(struct scan *s)
{
	struct str name = name_at(s, s->i);

	s->found.n_includes += may_set_more(s, name);
	note_own(s, name);
}

static void skip_comment(struct scan *s)
{
	while (byte_at(s, s->i + 1) && byte_at(s, s->i + 1) != '\n')
		s->i++;
}

static void take_quote(struct scan *s, char c)
{
	if (!s->quote)
		s->quote = c;
	else if (s->quote == c)
		s->quote = 0;
}

static void take_byte(struct scan *s)
{
	char c = byte_at(s, s->i);
	bool begins_word =
		!s->quote && (!s->i || is_blank(byte_at(s, s->i - 1)));

	s->line += c == '\n';
	if (c == '\\' && s->quote != '\'') {
		s->i++;
		s->line += byte_at(s, s->i) == '\n';
	} else if (c == '\'' || c == '"') {
		take_quote(s, c);
	} else if (c == '#' && begins_word) {
		skip_comment(s);
	} else if (c == '$' && s->quote != '\'') {
		take_expansion(s);
	} else if (begins_word) {
		take_word(s);
	}
}

struct expansions find_expansions(struct arena *a, struct str text,
				  struct hashmap *wanted, struct hashmap *own)
{
	struct scan s = {.arena = a,
			 .text = text,
			 .wanted = wanted,
			 .own = own,
			 .line = 1};

	for (; s.i < text.len; s.i++)
		take_byte(&s);
	return s.found;
}
