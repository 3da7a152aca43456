#include "recorder/process/redact/redact_programs.h"

#include "recorder/secrets/classify_text.h"
#include "recorder/lib/str.h"

/* Is s[0..n) the name at `name`: the same, with a version, or name* ? */
static bool is_name(const char *name, const char *s, size_t n)
{
	while (n && *name == *s)
		name++, s++, n--;
	if (*name == '*')
		return true;
	while (n && (is_digit(*s) || *s == '.'))
		s++, n--;
	return !n && *name == '|';
}

/* "name|R": R is the number of the row, counted from 1. */
static const char *row_of(const char *name)
{
	return program_words + program_rows[(unsigned char)name[0] - 1];
}

static size_t letter_of(char c)
{
	return c >= 'a' && c <= 'z' ? (size_t)(c - 'a') : 26;
}

struct program program_find(const char *path, size_t n)
{
	struct program none = {NULL, NULL};
	const char *name, *end;
	size_t from = n;

	while (from && path[from - 1] != '/')
		from--;
	if (from == n)
		return none;
	name = program_names + program_letters[letter_of(path[from])];
	end = program_names + program_letters[letter_of(path[from]) + 1];
	while (name < end) {
		const char *number = name;

		while (*number++ != '|')
			;
		if (is_name(name, path + from, n - from))
			return (struct program){row_of(number), NULL};
		name = number + 1;
	}
	return none;
}

/* Words are parted by blanks. A row ends at the end of the line, or where the
 * section of a subcommand begins. A section ends where the next section begins.
 */
static size_t word_length(const char *word)
{
	size_t n = 0;

	while (word[n] != ' ' && word[n] != '\n')
		n++;
	return n;
}

static const char *next_word(const char *word)
{
	word += word_length(word);
	word += *word == ' ';
	return *word == '\n' || *word == '@' ? NULL : word;
}

static const char *first_word(const char *words)
{
	return words && *words != '\n' && *words != '@' ? words : NULL;
}

/* Words are the same in any case (AUTH), options are not (-p, -P). */
static bool is_same_word(const char *a, const char *b, size_t n)
{
	if (*a == '-')
		return bytes_equal(a, b, n);
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

static bool is_harmless_letter(const char *letters, const char *s, size_t n)
{
	return n == 2 && s[0] == '-' && *letters == '.' &&
	       str_has_char(letters, word_length(letters), s[1]);
}

static char mark_in(const char *words, const char *s, size_t n)
{
	const char *word = first_word(words);

	for (; word; word = next_word(word)) {
		if (is_harmless_letter(word, s, n))
			return '.';
		if (word_length(word) == n + 1 && is_same_word(s, word, n) &&
		    *word != '#' && *word != '.')
			return word[n];
	}
	return 0;
}

char program_mark(const struct program *p, const char *word, size_t n)
{
	char mark = mark_in(p->section, word, n);

	return mark ? mark : mark_in(p->row, word, n);
}

static const char *flag_in(const char *words, char flag)
{
	const char *word = first_word(words);

	for (; word; word = next_word(word))
		if (word[0] == '#' && word[1] == flag)
			return word + 2;
	return NULL;
}

const char *program_flag(const struct program *p, char flag)
{
	const char *there = flag_in(p->section, flag);

	return there ? there : flag_in(p->row, flag);
}

bool program_takes_secrets(const struct program *p)
{
	bool is_harmless =
		!p->row || p->row[0] == '\n' ||
		(p->row[0] == '.' && p->row[word_length(p->row)] == '\n');

	return !is_harmless && !bytes_equal(p->row, "#>", 2);
}

/* A section: "@one|two -p* @three ..." */
static bool is_section_of(const char *section, const char *s, size_t n)
{
	size_t length = word_length(section);

	for (size_t from = 0; from < length; from++) {
		size_t to = from;

		while (to < length && section[to] != '|')
			to++;
		if (to - from == n && is_same_word(section + from, s, n))
			return true;
		from = to;
	}
	return false;
}

bool program_enter(struct program *p, const char *s, size_t n)
{
	const char *at = p->section ? NULL : p->row;

	for (; at && *at != '\n'; at++) {
		if (*at != '@' || !is_section_of(at + 1, s, n))
			continue;
		at += 1 + word_length(at + 1);
		p->section = at + (*at == ' ');
		return true;
	}
	return false;
}
