#include "recorder/process/redact/redact_command.h"

#include "recorder/secrets/classify_text.h"
#include "recorder/lib/str.h"

/* Marks that no row of the table has, for suspected secrets. */
enum { IF_NO_OPTION = '?', IF_NO_NUMBER = 'p' };

static void begin(struct command *c, const char *s, size_t n)
{
	const char *skip;

	if (n && *s == '-') /* a login shell */
		s++, n--;
	*c = (struct command){.is_begun = true};
	c->program = program_find(s, n);
	skip = program_flag(&c->program, '>');
	c->is_wrapper = skip;
	c->skip = skip && is_digit(*skip) ? (uint8_t)(*skip - '0') : 0;
	c->may_switch =
		!c->program.row || skip || program_flag(&c->program, '?');
}

static void put_program(struct reading *r, struct command *c, const char *s,
			size_t n)
{
	put_file_path(r, s, n);
	begin(c, s, n);
}

void command_program(struct reading *r, struct command *c, const char *path)
{
	size_t n = str_length(path);

	event_part(r->line, path, n);
	begin(c, path, n);
}

/* ---- words with a known meaning --------------------------------------------
 */

static void put_parted(struct reading *r, const char *s, size_t n, char at)
{
	size_t first = length_to(s, n, (const char[]){at, '\0'});

	if (first == n || !first || *s == '@') {
		put_text(r, s, n);
		return;
	}
	put_text(r, s, first);
	show(r, s + first, 1);
	put_secret(r, s + first + 1, n - first - 1);
}

static void put_suspected(struct reading *r, const char *s, size_t n)
{
	if (is_number(s, n) ||
	    (is_path(s, n) && !has_any(s, n, "!#%&*+,;:<>?[]{}()|^=")))
		put_text(r, s, n);
	else
		put_secret(r, s, n);
}

static void put_marked(struct reading *r, struct command *c, char mark,
		       const char *s, size_t n)
{
	switch (mark) {
	case '~':
		c->has_rest = true;
		put_secret(r, s, n);
		break;
	case IF_NO_NUMBER:
		put_suspected(r, s, n);
		break;
	case ':': /* some URLs have a token in the place of the user */
		if (str_has_char(s, n, ':') && !is_number(s, n))
			put_secret(r, s, n);
		else
			put_text(r, s, n);
		break;
	case ';':
		put_parted(r, s, n, ':');
		break;
	case '%':
	case ',':
	case '/':
	case '=':
		put_parted(r, s, n, mark);
		break;
	case '!':
		put_header(r, s, n);
		break;
	case '$':
		r->put_script(r, s, n);
		break;
	case '.':
		put_text(r, s, n);
		break;
	case '>':
		put_program(r, c, s, n);
		break;
	default:
		put_secret(r, s, n);
	}
}

/* ---- options
 * ------------------------------------------------------------------ */

static char suspected_mark(const char *s, size_t n)
{
	if (n == 2 && lower(s[1]) == 'p')
		return IF_NO_NUMBER;
	return (n == 2 && lower(s[1]) == 'u') ||
			       is_one_of("--user|--proxy-user|--login", s, n)
		       ? ':'
		       : 0;
}

/* -uNAME:S of any program, for curl is often called by another name. */
static bool put_joined_pair(struct reading *r, const char *s, size_t n)
{
	if (s[1] != 'u' || !str_has_char(s, n, ':'))
		return false;
	show(r, s, 2);
	put_secret(r, s + 2, n - 2);
	return true;
}

/* -password S, of programs with the option -pS as well. */
static bool is_long_option(const struct command *c, const char *s, size_t n,
			   size_t name)
{
	return n < 3 || s[1] == '-' || program_flag(&c->program, '-') ||
	       (name > 2 && program_mark(&c->program, s, name)) ||
	       is_one_of("password|passwd|passphrase|pass|token|apikey|secret",
			 s + 1, name - 1);
}

/* -pS, -xvpS, -xvp S: the first letter with a value takes the rest of the word.
 */
static bool put_letters(struct reading *r, struct command *c, const char *s,
			size_t n)
{
	char option[2] = {'-'}, mark = 0;
	size_t i = 1;

	if (!c->program.row)
		return put_joined_pair(r, s, n);
	for (; i < n && is_letter(s[i]) && !mark; i++) {
		option[1] = s[i];
		mark = program_mark(&c->program, option, 2);
	}
	if (!mark)
		return false;
	show(r, s, i);
	if (i < n)
		put_marked(r, c, mark, s + i, n - i);
	else if (mark != '+')
		c->next = mark;
	return true;
}

static char option_mark(const struct command *c, const char *s, size_t n)
{
	char mark = program_mark(&c->program, s, n);

	if (!mark && announces_word(s, n))
		return IF_NO_OPTION;
	if (!mark && !c->program.row)
		return suspected_mark(s, n);
	return mark;
}

static void put_option(struct reading *r, struct command *c, const char *s,
		       size_t n)
{
	size_t name = length_to(s, n, "=");
	char mark;

	if (!is_long_option(c, s, n, name) && put_letters(r, c, s, n))
		return;
	mark = option_mark(c, s, name);
	if (n == 2 && s[1] == '-') {
		c->has_ended_options = !c->is_wrapper;
		c->skip = 0;
	}
	if (mark && name < n) {
		put_text(r, s, name);
		show(r, s + name, 1);
		put_marked(r, c, mark, s + name + 1, n - name - 1);
	} else {
		put_text(r, s, n);
		c->next = mark == '+' ? 0 : mark;
	}
}

/* -x, --verbose, --level=3: not a value of the option before, since such an
 * option may be a switch. */
static bool is_option(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && i < 2 && s[i] == '-')
		i++;
	if (!i || n == i)
		return n == 2 && i == 2;
	for (; i < n && s[i] != '='; i++)
		if (s[i] != '-' && s[i] != lower(s[i]))
			return false;
		else if (s[i] != '-' && !is_letter(s[i]))
			return false;
	return true;
}

static const char blanks[] = " \t\n";

/* ---- operands
 * ----------------------------------------------------------------- */

static bool begins_with_program(const char *s, size_t n)
{
	struct program p = program_find(s, length_to(s, n, blanks));

	return program_takes_secrets(&p);
}

/* The mark of the next operand, by its place. NULL: no mark. */
static const char *place_mark(const struct command *c)
{
	return c->operands < 9 ? program_flag(&c->program,
					      (char)('0' + c->operands + 1))
			       : NULL;
}

/* ssh host 'mysql -pS': the words of another command in one argument. A word
 * marked as a secret by its place is not read as a command, though the word may
 * begin with the name of a program. */
static bool put_inner(struct reading *r, struct command *c, const char *s,
		      size_t n)
{
	bool is_line = has_any(s, n, blanks) && program_flag(&c->program, '$');

	if (!c->is_wrapper && place_mark(c))
		return false;
	if (c->is_wrapper && assigned_name(s, n) && !is_line) {
		put_text(r, s, n);
	} else if (has_any(s, n, blanks)) {
		if (!c->is_wrapper && !begins_with_program(s, n))
			return false;
		r->put_script(r, s, n);
	} else if (c->is_wrapper && c->skip) {
		c->skip--;
		put_text(r, s, n);
	} else if (c->is_wrapper ||
		   (c->may_switch && begins_with_program(s, n))) {
		put_program(r, c, s, n);
		c->may_switch = true; /* the word may have been the name of a
					 container image */
	} else {
		return false;
	}
	return true;
}

/* The mark of a word, or of the NAME of NAME=rest or NAME:rest. */
static bool put_marked_word(struct reading *r, struct command *c, const char *s,
			    size_t n)
{
	size_t name = length_to(s, n, "=:");
	char mark = program_mark(&c->program, s, n);

	if (mark) {
		put_text(r, s, n);
		c->has_rest = mark == '~';
		c->next = c->has_rest ? 0 : mark;
		return true;
	}
	if (name < n)
		mark = program_mark(&c->program, s, name);
	if (!mark)
		return false;
	show(r, s, name + 1);
	put_marked(r, c, mark, s + name + 1, n - name - 1);
	return true;
}

/* #2*, #2~: a mark for the second operand. */
static bool put_placed_word(struct reading *r, struct command *c, const char *s,
			    size_t n)
{
	const char *mark = place_mark(c);

	c->operands += c->operands < 9;
	if (mark)
		put_marked(r, c, *mark, s, n);
	return mark;
}

static bool put_any_assignment(struct reading *r, const char *s, size_t n)
{
	size_t name = assigned_name(s, n);

	if (!name)
		return false;
	put_text(r, s, name);
	show(r, s + name, 1);
	put_secret(r, s + name + 1, n - name - 1);
	return true;
}

/* aws_secret_access_key S, //registry/:_authToken S, Bearer S. The row of a
 * program says where such words count. For an unknown program only some such
 * words count. */
static char announced_by(const struct command *c, const char *s, size_t n)
{
	if (announces_rest(s, n))
		return IF_NO_OPTION;
	if (program_flag(&c->program, '&')) {
		if (str_mentions(s, n, "basic"))
			return '~';
		return !str_has_char(s, n, '=') && names_secret(s, n) ? '*' : 0;
	}
	return !c->program.row && names_secret(s, n) &&
			       (is_one_of("password|passwd", s, n) ||
				(str_has_char(s, n, '_') &&
				 !has_any(s, n, "=/.:")))
		       ? IF_NO_OPTION
		       : 0;
}

static void put_operand(struct reading *r, struct command *c, const char *s,
			size_t n)
{
	if (c->has_rest) {
		put_secret(r, s, n);
	} else if (!c->is_begun) {
		if (assigned_name(s, n))
			put_text(r, s, n);
		else
			put_program(r, c, s, n);
	} else if (put_inner(r, c, s, n) || put_marked_word(r, c, s, n)) {
		return;
	} else if (program_enter(&c->program, s, n)) {
		const char *skip = program_flag(&c->program, '>');

		put_text(r, s, n);
		c->operands = 0;
		c->is_wrapper = c->may_switch = skip;
		c->skip = skip && is_digit(*skip) ? (uint8_t)(*skip - '0') : 0;
	} else if (put_placed_word(r, c, s, n)) {
		return;
	} else if (program_flag(&c->program, '\'')) {
		put_pattern(r, s, n);
	} else if (!program_flag(&c->program, '=') ||
		   !put_any_assignment(r, s, n)) {
		put_text(r, s, n);
		c->next = announced_by(c, s, n);
	}
}

void command_word(struct reading *r, struct command *c, const char *s, size_t n)
{
	char mark = c->next;

	c->next = 0;
	if (!n)
		return;
	if (mark == IF_NO_OPTION || mark == IF_NO_NUMBER)
		mark = is_option(s, n) ? 0 : mark;
	if (mark == IF_NO_OPTION && announces_rest(s, n)) {
		put_text(r, s, n); /* Authorization: Bearer S */
		c->next = mark;
	} else if (mark) {
		put_marked(r, c, mark, s, n);
	} else if (*s == '-' && n > 1 && c->is_begun && !c->has_ended_options &&
		   !(c->has_rest && n > 3)) {
		put_option(r, c, s, n);
	} else {
		put_operand(r, c, s, n);
	}
}
