/* dotenv of npm, and dotenv of Ruby, which began as a copy: one pattern, tried
 * at the start of each line,
 *
 *	^\s*(export\s+)?NAME(\s*=\s*?|:\s+?)('...'|"..."|`...`|[^#\n]+)?\s*(#.*)?$
 *
 * Spaces include line ends, and a quoted value may have many lines. A quote
 * that is not closed is a part of the value. */
#include "envfiles/env_syntax.h"

#include <string.h>

struct line {
	const char *name, *name_end;
	const char *value; /* behind the sign */
	const char *end;   /* of all that the pattern takes */
};

/* A byte order mark and a fixed blank are spaces of JavaScript. */
static const char *skip_all_spaces(const struct env_text *t, const char *at)
{
	for (;;) {
		at = skip_spaces(at, t->end);
		if (t->end - at >= 3 && !memcmp(at, "\xef\xbb\xbf", 3))
			at += 3;
		else if (t->end - at >= 2 && !memcmp(at, "\xc2\xa0", 2))
			at += 2;
		else
			return at;
	}
}

static bool is_key_char(char c, unsigned flags)
{
	return is_name_char(c) || c == '.' || (c == '-' && !(flags & ENV_RUBY));
}

/* NAME, and the sign behind. */
static bool find_sign(const struct env_text *t, const char *at, unsigned flags,
		      struct line *l)
{
	const char *sign;

	l->name = at;
	while (at < t->end && is_key_char(*at, flags))
		at++;
	l->name_end = at;
	if (at == l->name)
		return false;
	sign = skip_all_spaces(t, at);
	if (sign < t->end && *sign == '=')
		l->value = sign + 1;
	else if (t->end - at > 1 && *at == ':' && is_space(at[1]))
		l->value = at + 2;
	else
		return false;
	return true;
}

static bool find_name(const struct env_text *t, const char *at, unsigned flags,
		      struct line *l)
{
	const char *begin = skip_all_spaces(t, at);

	if (t->end - begin > 7 && !memcmp(begin, "export", 6) &&
	    is_space(begin[6]) &&
	    find_sign(t, skip_all_spaces(t, begin + 6), flags, l))
		return true;
	return find_sign(t, begin, flags, l);
}

static bool ends_line(const struct env_text *t, const char *at)
{
	while (at < t->end && is_space(*at) && *at != '\n')
		at++;
	return at == t->end || *at == '\n' || *at == '#';
}

static bool is_quote(char c, unsigned flags)
{
	return c == '"' || c == '\'' || (c == '`' && !(flags & ENV_RUBY));
}

/* The closing quote: the first that no backslash stands before, else the last
 * of the others. The line must end behind the quote. Null: none. */
static const char *find_close(const struct env_text *t, const char *quote)
{
	const char *escaped = NULL;

	for (const char *at = quote + 1; at < t->end; at++)
		if (*at == '\\' && at + 1 < t->end && at[1] == *quote)
			escaped = ends_line(t, ++at + 1) ? at : escaped;
		else if (*at == *quote)
			return ends_line(t, at + 1) ? at : escaped;
	return escaped;
}

/* \n and \r in double quotes; of Ruby any \c, less "\$". */
static void add_escape(struct env_text *t, char c, unsigned flags)
{
	const char pair[2] = {'\\', c};

	if (c == 'n')
		value_add(t, "\n", 1);
	else if (c == 'r')
		value_add(t, "\r", 1);
	else if (flags & ENV_RUBY && c != '$')
		value_add(t, &c, 1);
	else
		value_add(t, pair, 2);
}

static void add_unescaped(struct env_text *t, const char *at, const char *to,
			  unsigned flags)
{
	for (; at < to; at++)
		if (*at == '\\' && at + 1 < to)
			add_escape(t, *++at, flags);
		else
			value_add(t, at, 1);
}

/* Of Ruby: $NAME and ${NAME}; "\$" is a dollar sign. The result stands behind
 * `raw`. A command, $(...), has no value that is known here. */
static struct str expand(struct env_text *t, struct str raw)
{
	const char *at = raw.at, *end = raw.at + raw.len, *name;

	if (!raw.at || !memchr(raw.at, '$', raw.len))
		return raw;
	value_start(t);
	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end && at[1] == '$') {
			value_add(t, ++at, 1);
			continue;
		}
		if (*at != '$') {
			value_add(t, at, 1);
			continue;
		}
		if (at + 1 < end && at[1] == '(') {
			t->is_unknown = true;
			break;
		}
		name = at + 1 + (at + 1 < end && at[1] == '{');
		for (raw.at = name; name < end && is_name_char(*name); name++)
			;
		if (name == raw.at) {
			value_add(t, at, 1);
			continue;
		}
		raw.len = (size_t)(name - raw.at);
		value_add_text(t, value_of(t, raw, false));
		at = name - (name == end || *name != '}');
	}
	return value_end(t);
}

static struct str read_value(struct env_text *t, const char *from,
			     const char *to, unsigned flags)
{
	char quote = from < to ? *from : '\0';
	struct str value;

	if (to - from > 1 && is_quote(quote, flags) && to[-1] == quote)
		from++, to--;
	value_start(t);
	if (quote == '"')
		add_unescaped(t, from, to, flags);
	else
		value_add(t, from, (size_t)(to - from));
	value = value_end(t);
	return flags & ENV_RUBY && quote != '\'' ? expand(t, value) : value;
}

static void take_quoted(struct env_text *t, struct line *l, const char *open,
			const char *close, unsigned flags)
{
	struct str name = {l->name, (size_t)(l->name_end - l->name)};

	assign(t, name, read_value(t, open, close + 1, flags));
	l->end = line_end(t, close + 1);
}

static void take_plain(struct env_text *t, struct line *l, unsigned flags)
{
	struct str name = {l->name, (size_t)(l->name_end - l->name)};
	const char *end = line_end(t, l->value);
	const char *cut = memchr(l->value, '#', (size_t)(end - l->value));
	const char *to = cut ? cut : end, *from;
	struct assignment *a;

	from = skip_all_spaces(t, l->value);
	from = from < to ? from : to;
	a = assign(t, name, read_value(t, from, trim_end(from, to), flags));
	if (cut || flags & ENV_RUBY)
		note_whole(t, a, l->value, end,
			   cut && cut > l->value && is_blank(cut[-1]));
	l->end = end;
}

static bool take_line(struct env_text *t, unsigned flags, const char **ret_end)
{
	const char *open, *close;
	struct line l;

	if (!find_name(t, t->at, flags, &l))
		return false;
	open = skip_all_spaces(t, l.value);
	close = open < t->end && is_quote(*open, flags) ? find_close(t, open)
							: NULL;
	if (close)
		take_quoted(t, &l, open, close, flags);
	else
		take_plain(t, &l, flags);
	*ret_end = l.end;
	return true;
}

void read_dotenv(struct env_text *t, unsigned flags)
{
	const char *end;

	normalize_line_ends(t);
	while (t->at < t->end) {
		if (!take_line(t, flags, &end))
			end = line_end(t, t->at);
		t->at = (char *)(uintptr_t)end + (end < t->end);
	}
}
