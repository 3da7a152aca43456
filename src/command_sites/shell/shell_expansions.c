#include "command_sites/shell/shell_expansions.h"

#include "base/array.h"

struct scan {
	struct arena *arena;
	struct str text;
	struct hashmap *wanted, *own; /* names; `own`: of the text itself */
	struct expansions found;
	size_t i;
	unsigned long line;
	char quote;    /* ' or ", or 0 */
	bool has_more; /* the text reads another file */
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

/* ${NAME:-other}, ${NAME-other}; not ${NAME:-}. */
static bool has_default(const struct scan *s, size_t end)
{
	size_t i = end + (byte_at(s, end) == ':');

	return byte_at(s, i) == '-' && byte_at(s, i + 1) != '}';
}

static bool is_found(const struct scan *s, struct str name)
{
	for (size_t i = 0; i < s->found.n; i++)
		if (str_eq(s->found.at[i].name, name))
			return true;
	return false;
}

static void take_expansion(struct scan *s)
{
	bool braced = byte_at(s, s->i + 1) == '{';
	size_t begin = s->i + 1 + braced;
	struct str name = name_at(s, begin);

	if (!name.len || !hashmap_find(s->wanted, NULL, name) ||
	    is_found(s, name) || (braced && has_default(s, begin + name.len)))
		return;
	*ARRAY_ADD(s->arena, s->found.at, s->found.n, s->found.room) =
		(struct expansion){name, s->line};
}

/* NAME=value, `read NAME`, `for NAME`, `. FILE`. */
static void take_word(struct scan *s)
{
	struct str name = name_at(s, s->i);
	bool is_dot = byte_at(s, s->i) == '.' && is_blank(byte_at(s, s->i + 1));

	if (is_dot || str_eq(name, STR("source")))
		s->has_more = true;
	if (name.len && hashmap_find(s->wanted, NULL, name))
		*hashmap_slot(s->own, NULL, name) = s;
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

/* A name that the text sets is no name from outside. */
static void drop_own(struct scan *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->found.n; i++)
		if (!s->has_more &&
		    !hashmap_find(s->own, NULL, s->found.at[i].name))
			s->found.at[kept++] = s->found.at[i];
	s->found.n = kept;
}

struct expansions find_expansions(struct arena *a, struct str text,
				  struct hashmap *wanted)
{
	struct scan s = {.arena = a,
			 .text = text,
			 .wanted = wanted,
			 .own = hashmap_new(a),
			 .line = 1};

	for (; s.i < text.len; s.i++)
		take_byte(&s);
	drop_own(&s);
	return s.found;
}
