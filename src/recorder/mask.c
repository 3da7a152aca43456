#include "recorder/mask.h"

#include "recorder/recorder.h"
#include "recorder/text.h"
#include "recorder/watch.h"

enum { KNOWN = 24 };

/* How the arguments of one command are to be read. */
struct reading {
	struct secret known[KNOWN]; /* values of watched variables */
	size_t known_count;
	const char *program; /* shown as it is, or NULL */
	bool takes_code; /* an interpreter: python -c CODE */
	bool is_mysql;	 /* -pPASSWORD in one word */
	bool mask_next;	 /* the word before announced a secret */
};

static const char stars[] = "***";

static void put_stars(struct line *l)
{
	line_part(l, stars, sizeof stars - 1);
}

static bool is_interpreter(const char *program)
{
	static const char names[][8] = {"python", "node", "perl", "ruby",
					"php",	  "deno", "bun",  "lua",
					"tcl",	  "R",	  "jshell"};

	for (size_t i = 0; i < LENGTH(names); i++)
		if (text_begins(program, names[i]))
			return true;
	return false;
}

static bool is_mysql(const char *program)
{
	return text_begins(program, "mysql") || text_begins(program, "maria");
}

static bool has_any(const char *s, size_t n, const char *chars)
{
	for (size_t i = 0; i < n; i++)
		if (text_find(chars, s[i]))
			return true;
	return false;
}

static int kind_of(char c)
{
	if (is_digit(c))
		return 1;
	if (!is_letter(c))
		return 0;
	return c == lower(c) ? 2 : 3;
}

/* Letters and digits that change kind as often as a key does: names of files
 * and options are spelt in longer stretches. */
static bool is_random_run(const char *s, size_t n)
{
	size_t changes = 0, digits = 0;

	for (size_t i = 0; i < n; i++) {
		digits += is_digit(s[i]);
		changes += i && kind_of(s[i]) != kind_of(s[i - 1]);
	}
	if (n >= 12 && digits == n)
		return true;
	return n >= 8 && changes * 3 >= n;
}

static bool looks_random(const char *s, size_t n)
{
	size_t run = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && kind_of(s[i])) {
			run++;
			continue;
		}
		if (is_random_run(s + i - run, run))
			return true;
		run = 0;
	}
	return n >= 24 && !has_any(s, n, "/.-_:");
}

static void learn_secrets(struct reading *r, char *const *envp)
{
	for (; envp && *envp && r->known_count < KNOWN; envp++) {
		const char *equals = text_find(*envp, '=');

		if (equals && watch_entry(*envp, (size_t)(equals - *envp)))
			r->known[r->known_count++] = secret_of(equals + 1);
	}
}

static bool holds_known_secret(const struct reading *r, const char *s, size_t n)
{
	for (size_t i = 0; i < r->known_count; i++)
		if (secret_is_in(r->known[i], s, n))
			return true;
	return false;
}

static bool is_harmless(const struct reading *r, const char *s, size_t n)
{
	return !has_any(s, n, " \t\r\n'\"`") && !secret_is_key_shaped(secret_of(s)) &&
	       !looks_random(s, n) && !holds_known_secret(r, s, n);
}

/* https://user:password@host/path?query: neither user part nor query. */
static bool put_url(struct line *l, const struct reading *r, const char *s,
		    size_t n)
{
	size_t scheme = 0, from, to, query;

	while (scheme + 3 <= n && !same_bytes(s + scheme, "://", 3))
		scheme++;
	if (scheme + 3 > n)
		return false;
	from = to = scheme + 3;
	for (size_t i = from; i < n && s[i] != '/' && s[i] != '?'; i++)
		if (s[i] == '@')
			to = i;
	for (query = to; query < n && s[query] != '?' && s[query] != '#';)
		query++;
	line_part(l, s, from);
	if (to > from)
		put_stars(l);
	if (is_harmless(r, s + to, query - to))
		line_part(l, s + to, query - to);
	else
		put_stars(l);
	if (query < n) {
		line_part(l, s + query, 1);
		put_stars(l);
	}
	return true;
}

/* A path that begins where paths begin: only such parts of it are masked as
 * look random, so that /tmp/tmp.x7Ka9Q2b/worker.js stays readable. */
static bool is_path(const char *s, size_t n)
{
	static const char roots[][8] = {
		"usr", "bin",  "sbin", "lib", "lib64", "opt",  "home",
		"root", "tmp", "var",  "etc", "proc",  "sys",  "dev",
		"nix", "run",  "srv",  "app", "mnt",   "media", "work",
		"data", "snap", "code", "src", ".",    ".."};
	size_t from = n && s[0] == '/', to = from;

	while (to < n && s[to] != '/')
		to++;
	for (size_t i = 0; to < n && i < LENGTH(roots); i++)
		if (text_length(roots[i]) == to - from &&
		    same_bytes(s + from, roots[i], to - from))
			return from || roots[i][0] == '.';
	return false;
}

static bool put_file_path(struct line *l, const struct reading *r,
			  const char *s, size_t n)
{
	size_t from = 0;

	if (!is_path(s, n))
		return false;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && s[i] != '/')
			continue;
		if (is_harmless(r, s + from, i - from))
			line_part(l, s + from, i - from);
		else
			put_stars(l);
		line_part(l, "/", i < n);
		from = i + 1;
	}
	return true;
}

static void put_plain(struct line *l, const struct reading *r, const char *s,
		      size_t n)
{
	if (put_url(l, r, s, n) || put_file_path(l, r, s, n))
		return;
	if (is_harmless(r, s, n))
		line_part(l, s, n);
	else
		put_stars(l);
}

static size_t dashes(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] == '-')
		i++;
	return i;
}

/* --token, -u, Authorization:, Bearer: what follows is a secret. */
static bool announces_secret(const char *s, size_t n)
{
	size_t from = dashes(s, n);

	if (n == 2 && from == 1)
		return s[1] == 'u' || s[1] == 'U' || s[1] == 'p';
	if (from || (n && s[n - 1] == ':'))
		return speaks_of_secret(s + from, n - from);
	return (n == 6 && text_speaks_of(s, n, "bearer")) ||
	       (n == 5 && text_speaks_of(s, n, "basic"));
}

/* NAME=value or --option=value; false when the word is neither. */
static bool put_assignment(struct line *l, const struct reading *r,
			   const char *s, size_t n)
{
	size_t equals = 0, from = dashes(s, n);

	while (equals < n && s[equals] != '=')
		equals++;
	if (equals == n || equals == from)
		return false;
	put_plain(l, r, s, equals);
	line_part(l, "=", 1);
	if (equals + 1 == n)
		return true;
	if (watch_name(s + from, equals - from) ||
	    speaks_of_secret(s + from, equals - from))
		put_stars(l);
	else
		put_plain(l, r, s + equals + 1, n - equals - 1);
	return true;
}

static void put_word(struct line *l, struct reading *r, const char *s, size_t n)
{
	bool mask = r->mask_next;

	r->mask_next = announces_secret(s, n);
	if (mask && !r->mask_next)
		put_stars(l);
	else if (r->is_mysql && n > 2 && same_bytes(s, "-p", 2))
		line_part(l, "-p***", 5);
	else if (!put_assignment(l, r, s, n))
		put_plain(l, r, s, n);
}

/* Length of the word at s: quotes keep blanks inside it. */
static size_t word_length(const char *s, size_t n)
{
	char quote = '\0';
	size_t i;

	for (i = 0; i < n; i++) {
		if (quote)
			quote = s[i] == quote ? '\0' : quote;
		else if (s[i] == '\'' || s[i] == '"')
			quote = s[i];
		else if (text_find(" \t\n;|&()<>", s[i]))
			break;
	}
	return i;
}

/* An argument may be a whole shell line. */
static void put_words(struct line *l, struct reading *r, const char *s,
		      size_t n)
{
	size_t word;

	for (size_t i = 0; i < n; i += word) {
		word = word_length(s + i, n - i);
		if (word)
			put_word(l, r, s + i, word);
		else
			line_part(l, s + i, word = 1);
	}
}

static void put_argument(struct line *l, struct reading *r, const char *s)
{
	size_t n = text_length(s);

	line_item(l);
	r->is_mysql |= is_mysql(last_part(s));
	if (r->program && same_text(s, r->program)) {
		line_part(l, s, n);
	} else if (r->mask_next && !announces_secret(s, n)) {
		r->mask_next = false;
		put_stars(l);
	} else if ((r->takes_code && has_any(s, n, " \t\n'\"`()[]{};")) ||
		   n > MASK_ARG_BYTES || !*s) {
		line_part(l, stars, *s ? sizeof stars - 1 : 0);
	} else if (holds_known_secret(r, s, n) &&
		   has_any(s, n, " \t\r\n'\"")) {
		put_stars(l);
	} else {
		put_words(l, r, s, n);
	}
	line_item_end(l);
}

void mask_args(struct line *l, char *const *argv, char *const *envp,
	       const char *program)
{
	struct reading r;
	size_t count = 0, shown = 0;

	r.takes_code = r.is_mysql = r.mask_next = false;
	r.known_count = 0;
	r.program = program;
	learn_secrets(&r, envp);

	if (argv && argv[0])
		r.takes_code = is_interpreter(last_part(argv[0]));
	line_array(l, "args");
	for (; argv && argv[count]; count++)
		if (shown < MASK_SHOWN && l->length < LINE_BYTES / 2) {
			put_argument(l, &r, argv[count]);
			shown++;
		}
	line_array_end(l);
	line_number(l, "argc", count);
}

void mask_path(struct line *l, const char *key, const char *path)
{
	struct reading r = {.known_count = 0};

	learn_secrets(&r, environ);
	line_string(l, key);
	put_words(l, &r, path, text_length(path));
	line_item_end(l);
}
