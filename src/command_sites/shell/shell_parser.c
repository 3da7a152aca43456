#include "command_sites/shell/shell_parser.h"

#include <ctype.h>

#include "base/array.h"
#include "command_sites/partial_text.h"
#include "command_sites/shell/shell_assigned.h"
#include "command_sites/shell/shell_grammar.h"
#include "command_sites/shell/shell_source_cd.h"

enum { DEEPEST = 16 };

struct parser {
	struct command_list *list;
	struct cursor in;
	unsigned depth;
	struct heredocs heredocs; /* whose lines follow this one */
	struct scope scope;
};

/* The command that is being read. */
struct command {
	struct buffer words, word;
	unsigned long line;
	const char *begin;   /* of the word in the text */
	struct str argument; /* the first that is no option, as written */
	struct str program;  /* the first word, as written */
	bool has_word;
	bool is_program; /* and no builtin: of `exec`, or a pattern of `case` */
	bool is_quoted;	 /* the word begins with a quote */
	bool is_open;	 /* the word becomes other words */
	bool skips_word; /* the target of a redirection */
	bool takes_options; /* `exec` or the like stands before */
	unsigned open;	    /* brackets around, of subshells */
	size_t n_assigned;  /* before the command, in the list */
};

static void parse_commands(struct parser *, char close);

static void put(struct parser *p, struct buffer *b, char c)
{
	buffer_put(p->list->arena, b, c);
}

/* The word that is being read, as written. */
static struct str written_word(const struct parser *p, const struct command *c)
{
	return (struct str){c->begin, (size_t)(p->in.at - c->begin)};
}

static struct written_assignment place_of(struct parser *p,
					  const struct command *c)
{
	return (struct written_assignment){
		.line = c->line, .function = scope_function(&p->scope)};
}

static void add_assignment(struct parser *p, const struct command *c,
			   struct str word)
{
	struct arena *a = p->list->arena;

	if (!p->depth && !c->open && !assigns_nothing(a, written_word(p, c)))
		add_assigned(p->list, place_of(p, c), assigned_name(a, word));
}

/* --- the end of a word, of a command -------------------------------------- */

static void append_word(struct parser *p, struct command *c, struct str word)
{
	bool is_option = word.len && *word.at == '-';

	if (c->words.n && !c->argument.len && !is_option)
		c->argument = written_word(p, c);
	if (!c->words.n)
		c->program = written_word(p, c);
	if (c->words.n)
		put(p, &c->words, BETWEEN);
	for (size_t i = 0; i < word.len; i++)
		put(p, &c->words, word.at[i]);
}

static void end_word(struct parser *p, struct command *c)
{
	static const char any[] = {ANY};
	struct str word =
		c->is_open ? (struct str){any, 1} : buffer_text(&c->word);
	bool begins = !c->words.n && !c->is_quoted;

	if (!c->has_word)
		return;
	c->is_program |= begins && c->is_open && strchr("*?[", *c->begin);
	c->has_word = c->is_quoted = c->is_open = false;
	c->word.n = 0;
	if (c->skips_word)
		c->skips_word = false;
	else if (begins && is_prefix(word))
		c->takes_options = true,
		c->is_program |= str_eq(word, STR("exec"));
	else if (c->takes_options && begins && word.len && *word.at == '-')
		c->skips_word = str_eq(word, STR("-a"));
	else if (begins && is_assignment(word))
		add_assignment(p, c, word);
	else if (!begins || !is_keyword(word))
		append_word(p, c, word);
	else
		scope_keyword(&p->scope, word),
			p->list->is_unordered |=
			str_is_listed(word, "while until");
}

static void parse_inside(struct parser *p, struct str text, unsigned long line)
{
	struct parser inner = {.list = p->list,
			       .in = {text.at, text.at + text.len, line},
			       .depth = p->depth + 1};

	if (inner.depth > DEEPEST)
		p->list->has_more = true;
	else if (text.len)
		parse_commands(&inner, '\0');
}

/* A trap runs at any time. */
static void parse_trap(struct parser *p, struct str text, unsigned long line)
{
	size_t before = p->list->n_steps;

	parse_inside(p, text, line);
	p->list->is_unordered |= p->list->n_steps > before;
}

/* eval joins its words by blanks. */
static void parse_eval(struct parser *p, struct str words, unsigned long line)
{
	struct str rest = {words.at + 5, words.len - 5};
	char *text = TAKE(p->list->arena, char, rest.len + 1);

	for (size_t i = 0; i < rest.len; i++) {
		text[i] = rest.at[i] == BETWEEN ? ' ' : rest.at[i];
		p->list->has_more |= rest.at[i] == ANY;
	}
	parse_inside(p, (struct str){text, rest.len}, line);
}

static void end_command(struct parser *p, struct command *c)
{
	struct command_list *t = p->list;
	struct str words, first;

	end_word(p, c);
	words = buffer_text(&c->words);
	first = nth_word(words, 0);
	if (words.len)
		*ARRAY_ADD(t->arena, t->at, t->n,
			   t->room) = (struct written_command){
			.words = partial_words(t->arena, words),
			.shell_words =
				arena_print(t->arena, "%.*s", STR_FMT(words)),
			.argument = c->argument,
			.line = c->line,
			.function = scope_function(&p->scope),
			.is_inner = p->depth > 0,
			.is_arguments =
				words.len == 1 && is_all_arguments(c->program)};
	if (words.len) /* assignments before it are for the command alone */
		t->n_assigned = c->n_assigned;
	if (!p->depth && !c->open)
		add_assigned_by_command(t, place_of(p, c), words, c->argument);
	scope_command(&p->scope, words);
	if (!c->is_program)
		add_steps(t, words, c->argument);
	t->is_unordered |= str_is_listed(first, "for select function");
	if (str_eq(first, STR("trap")))
		parse_trap(p, nth_word(words, 1), c->line);
	else if (str_eq(first, STR("eval")) && words.len > 5)
		parse_eval(p, words, c->line);
	else if (str_is_listed(first, "alias coproc") ||
		 (p->depth && str_eq(first, STR("case"))))
		t->has_more = true; /* in $(case x in y) ...) is a bracket that
				       closes nothing */
	c->words.n = c->argument.len = 0;
	c->n_assigned = t->n_assigned;
	c->skips_word = c->takes_options = c->is_program = false;
}

/* --- expansions ----------------------------------------------------------- */

static void parse_substitution(struct parser *p, char close)
{
	if (++p->depth > DEEPEST)
		p->list->has_more = true, p->in.at = p->in.end;
	else
		parse_commands(p, close);
	p->depth--;
}

/* Behind "${" or "$((": up to the end, with the commands inside. */
static void skip_expansion(struct parser *p, char open, char close,
			   unsigned depth)
{
	while (p->in.at < p->in.end && depth) {
		if (is_at(&p->in, "$(") && !is_at(&p->in, "$((")) {
			p->in.at += 2;
			parse_substitution(p, ')');
			continue;
		}
		if (*p->in.at == '\\' && p->in.at + 1 < p->in.end)
			take(&p->in);
		else if (*p->in.at == open)
			depth++;
		else if (*p->in.at == close)
			depth--;
		else if (*p->in.at == '`')
			p->list->has_more = true;
		take(&p->in);
	}
}

/* True where `$` begins an expansion, which is consumed. */
static bool take_expansion(struct parser *p)
{
	if (p->in.at + 1 == p->in.end ||
	    !(isalnum((unsigned char)p->in.at[1]) ||
	      strchr("_@*#?$!-({", p->in.at[1])))
		return false;
	p->in.at++;
	if (is_at(&p->in, "((")) {
		p->in.at++;
		take(&p->in);
		skip_expansion(p, '(', ')', 2);
	} else if (*p->in.at == '(') {
		p->in.at++;
		parse_substitution(p, ')');
	} else if (*p->in.at == '{') {
		p->in.at++;
		skip_expansion(p, '{', '}', 1);
	} else {
		skip_parameter(&p->in);
	}
	return true;
}

static void take_backquoted(struct parser *p)
{
	const char *from = ++p->in.at;
	unsigned long line = p->in.line;

	while (p->in.at < p->in.end && *p->in.at != '`') {
		if (*p->in.at == '\\' && p->in.at + 1 < p->in.end)
			take(&p->in);
		take(&p->in);
	}
	parse_inside(p, (struct str){from, (size_t)(p->in.at - from)}, line);
	p->in.at += p->in.at < p->in.end;
}

/* True where a `$` or a backquote begins a substitution, which is consumed. */
static bool take_substitution(struct parser *p)
{
	if (*p->in.at == '$')
		return take_expansion(p);
	if (*p->in.at != '`')
		return false;
	take_backquoted(p);
	return true;
}

/* --- words ---------------------------------------------------------------- */

static void take_single_quoted(struct parser *p, struct command *c)
{
	for (p->in.at++; p->in.at < p->in.end && *p->in.at != '\'';)
		put(p, &c->word, take(&p->in));
	p->in.at += p->in.at < p->in.end;
}

static void take_double_quoted(struct parser *p, struct command *c)
{
	for (p->in.at++; p->in.at < p->in.end && *p->in.at != '"';) {
		if (*p->in.at == '\\' && p->in.at + 1 < p->in.end &&
		    strchr("$`\"\\\n", p->in.at[1])) {
			take(&p->in);
			if (*p->in.at == '\n')
				take(&p->in);
			else
				put(p, &c->word, take(&p->in));
		} else if (take_substitution(p)) {
			put(p, &c->word, ANY);
		} else {
			put(p, &c->word, take(&p->in));
		}
	}
	p->in.at += p->in.at < p->in.end;
}

/* [ and [[ at the beginning are commands. */
static bool is_test(const struct command *c)
{
	return !c->words.n &&
	       (!c->word.n || (c->word.n == 1 && *c->word.at == '['));
}

static void take_word_part(struct parser *p, struct command *c)
{
	if (!c->has_word)
		c->begin = p->in.at;
	if (!c->has_word && !c->words.n)
		c->line = p->in.line;
	if (begins_pattern(&p->in, c->has_word, is_test(c))) {
		c->is_open = true;
		put(p, &c->word, *p->in.at++);
	} else if (*p->in.at == '$' && p->in.at + 1 < p->in.end &&
		   p->in.at[1] == '\'') {
		p->in.at++;
		c->word.n = 0;
		take_single_quoted(p, c);
		p->list->has_more = true; /* its escapes are not undone */
	} else if (take_substitution(p)) {
		put(p, &c->word, ANY);
	} else if (*p->in.at == '\'') {
		c->is_quoted |= !c->has_word;
		take_single_quoted(p, c);
	} else if (*p->in.at == '"') {
		c->is_quoted |= !c->has_word;
		take_double_quoted(p, c);
	} else if (*p->in.at == '\\' && p->in.at + 1 < p->in.end) {
		p->in.at++;
		if (*p->in.at == '\n') {
			take(&p->in);
			return;
		}
		put(p, &c->word, take(&p->in));
	} else {
		put(p, &c->word, take(&p->in));
	}
	c->has_word = true;
}

/* --- redirections --------------------------------------------------------- */

static void take_redirection(struct parser *p, struct command *c)
{
	if (is_number(&c->word) && !c->is_quoted)
		c->has_word = false, c->word.n = 0;
	end_word(p, c);
	if (is_at(&p->in, "<(") || is_at(&p->in, ">(")) {
		p->in.at += 2;
		parse_substitution(p, ')');
		put(p, &c->word, ANY);
		c->has_word = true;
		return;
	}
	if (is_at(&p->in, "<<") && !is_at(&p->in, "<<<")) {
		p->in.at += is_at(&p->in, "<<-") ? 3 : 2;
		p->list->has_more |= !take_heredoc_mark(p->list->arena, &p->in,
							&p->heredocs);
		return;
	}
	while (p->in.at < p->in.end && strchr("<>&|", *p->in.at))
		p->in.at++;
	c->skips_word = true;
}

/* --- commands ------------------------------------------------------------- */

/* A bracket that no bracket opened ends a pattern of `case`. */
static void drop_pattern(struct parser *p, struct command *c)
{
	end_word(p, c);
	c->words.n = 0;
}

/* Behind a character that ends a command. */
static void take_separator(struct parser *p, struct command *c)
{
	char ended = *p->in.at;

	if (is_at(&p->in, "&>")) {
		p->in.at++;
		take_redirection(p, c);
		return;
	}
	if (ended == '(' && (c->has_word || c->words.n))
		p->list->is_unordered = p->scope.begins = true; /* a function */
	if (ended == ')' && !c->open)
		drop_pattern(p, c);
	end_command(p, c);
	take(&p->in);
	if (ended == '\n')
		p->list->has_more |= !skip_heredocs(&p->in, &p->heredocs);
	c->open += ended == '(';
	c->open -= ended == ')' && c->open;
}

/* Up to and with `close`, or to the end. */
static void parse_commands(struct parser *p, char close)
{
	struct command c = {.line = p->in.line,
			    .n_assigned = p->list->n_assigned};

	while (p->in.at < p->in.end) {
		if (close && *p->in.at == close && !c.open) {
			p->in.at++;
			break;
		}
		if (*p->in.at == ' ' || *p->in.at == '\t' || *p->in.at == '\r')
			end_word(p, &c), p->in.at++;
		else if (*p->in.at == '#' && !c.has_word)
			while (p->in.at < p->in.end && *p->in.at != '\n')
				p->in.at++;
		else if (*p->in.at == '<' || *p->in.at == '>')
			take_redirection(p, &c);
		else if (strchr("\n;&|()", *p->in.at))
			take_separator(p, &c);
		else
			take_word_part(p, &c);
	}
	end_command(p, &c);
}

struct command_list parse_shell(struct arena *a, struct str text)
{
	struct command_list list = {.arena = a};
	struct parser p = {.list = &list,
			   .in = {text.at, text.at + text.len, 1}};

	if (text.len)
		parse_commands(&p, '\0');
	return list;
}

struct str parse_command(struct arena *a, struct str text)
{
	struct command_list list = parse_shell(a, text);

	return list.n == 1 && !list.has_more ? list.at[0].words
					     : (struct str){NULL, 0};
}
