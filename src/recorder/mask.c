#include "recorder/mask.h"

#include "recorder/recorder.h"
#include "recorder/text.h"
#include "recorder/watch.h"

enum { KNOWN = 64, BUDGET = 600 };

/* How the arguments of one command are to be read. */
struct reading {
	struct secret known[KNOWN]; /* values of watched variables */
	size_t known_count;
	const char *program; /* shown as it is, or NULL */
	bool takes_code;     /* an interpreter stands before: python -c CODE */
	bool takes_script;   /* a shell: sh -c SCRIPT, word by word */
	bool takes_p;	     /* mysql -pPASSWORD, sshpass -pPASSWORD */
	bool takes_a;	     /* redis-cli -a PASSWORD */
	bool mask_next;	     /* the word before announced a secret */
	bool mask_pair;	     /* ... if it is user:password */
	bool mask_rest;	     /* ... which lasts to the end of the argument */
};

static void put_stars(struct line *l)
{
	line_part(l, "***", 3);
}

/* ---- what is harmless ---------------------------------------------------- */

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
 * and options are spelt in longer stretches, and CamelCase is no change. */
static bool is_random_run(const char *s, size_t n)
{
	size_t changes = 0, digits = 0;

	for (size_t i = 0; i < n; i++) {
		int kind = kind_of(s[i]), before = i ? kind_of(s[i - 1]) : kind;

		digits += kind == 1;
		changes += kind != before && !(before == 3 && kind == 2);
	}
	if (n >= 12 && digits == n)
		return true;
	if (n >= 20)
		return digits >= 2 || changes * 4 >= n;
	return n >= 8 && changes * 3 >= n;
}

/* Half of it capitals, or nearly, and digits between: base64. */
static bool is_shuffled(const char *s, size_t n)
{
	size_t count[4] = {0};

	for (size_t i = 0; i < n; i++)
		count[kind_of(s[i])]++;
	return n >= 20 && count[1] && count[2] * 4 >= n && count[3] * 4 >= n;
}

static bool looks_random(const char *s, size_t n)
{
	size_t run = 0;

	if (is_shuffled(s, n))
		return true;

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
	return !has_any(s, n, " \t\r\n'\"`") &&
	       !secret_is_key_shaped(secret_of(s)) && !looks_random(s, n) &&
	       !holds_known_secret(r, s, n);
}

/* ---- what announces a secret --------------------------------------------- */

static size_t dashes(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] == '-')
		i++;
	return i;
}

static bool is_word(const char *s, size_t n, const char *word)
{
	return n == text_length(word) && text_speaks_of(s, n, word);
}

/* Too short to be looked for within a word. */
static bool speaks_of(const char *s, size_t n)
{
	return speaks_of_secret(s, n) || is_word(s, n, "pw") ||
	       is_word(s, n, "pat") || is_word(s, n, "pin") ||
	       is_word(s, n, "otp");
}

/* --token, aws_secret_access_key: the next word is a secret. */
static bool announces_word(const struct reading *r, const char *s, size_t n)
{
	size_t from = dashes(s, n);

	if (has_any(s, n, "="))
		return false;
	if (n == 2 && from == 1)
		return s[1] == 'a' && r->takes_a;
	if (from)
		return speaks_of(s + from, n - from);
	for (size_t i = 0; i < n; i++)
		if (kind_of(s[i]) == 3 || s[i] == '/' || s[i] == '.')
			return false;
	return has_any(s, n, "_") && speaks_of_secret(s, n);
}

/* -u, --user: the next word is a secret when it is user:password, as for curl;
 * for env(1) it is a name. */
static bool announces_pair(const char *s, size_t n)
{
	return (n == 2 && s[0] == '-' && lower(s[1]) == 'u') ||
	       is_word(s, n, "--user") || is_word(s, n, "--proxy-user");
}

/* Authorization:, Cookie:, Bearer: all that follows is a secret. */
static bool announces_rest(const char *s, size_t n)
{
	return (n && s[n - 1] == ':' && speaks_of_secret(s, n)) ||
	       is_word(s, n, "bearer") || is_word(s, n, "basic");
}

/* Length of the NAME of NAME=value or Name:value, 0 when it is neither. */
static size_t assigned_name(const char *s, size_t n)
{
	size_t i = dashes(s, n), from = i;

	while (i < n && s[i] != '=' &&
	       !(s[i] == ':' && i + 1 < n && s[i + 1] != '/' && s[i + 1] != ' ' &&
		 speaks_of_secret(s + from, i - from)))
		i++;
	return i < n && i > from ? i : 0;
}

static bool names_secret(const char *s, size_t n)
{
	size_t from = dashes(s, n);

	return watch_name(s + from, n - from) || speaks_of(s + from, n - from);
}

/* ---- parts of a word ----------------------------------------------------- */

/* https://user:password@host/path?query: neither user part nor query. */
static bool put_url(struct line *l, const struct reading *r, const char *s,
		    size_t n)
{
	size_t scheme = 0, host, query;

	while (scheme + 3 <= n && !same_bytes(s + scheme, "://", 3))
		scheme++;
	if (scheme + 3 > n || has_any(s, scheme, "="))
		return false;
	host = scheme + 3;
	line_part(l, s, host);
	for (size_t i = n; i > host; i--)
		if (s[i - 1] == '@') {
			put_stars(l);
			host = i - 1;
			break;
		}
	for (query = host; query < n && s[query] != '?' && s[query] != '#';)
		query++;
	if (is_harmless(r, s + host, query - host))
		line_part(l, s + host, query - host);
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
		"usr",	"bin", "sbin", "lib", "lib64", "opt",	"home",
		"root", "tmp", "var",  "etc", "proc",  "sys",	"dev",
		"nix",	"run", "srv",  "app", "mnt",   "media", "work",
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

	if (!is_path(s, n) || holds_known_secret(r, s, n))
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

/* user:password@host, as of a URL without its scheme. An image's
 * registry:5000/name@sha256:... is none. */
static bool put_login(struct line *l, const struct reading *r, const char *s,
		      size_t n)
{
	size_t colon = 0, at = n;

	while (colon < n && s[colon] != ':' && s[colon] != '@')
		colon++;
	while (at > colon && s[at - 1] != '@')
		at--;
	if (at < colon + 3 || s[colon] != ':' ||
	    has_any(s + colon, at - colon, "/"))
		return false;
	put_plain(l, r, s, colon);
	line_part(l, ":", 1);
	put_stars(l);
	line_part(l, "@", 1);
	put_plain(l, r, s + at, n - at);
	return true;
}

/* NAME=value, --option=value, --env=NAME=value, Header:value; false when the
 * word is none of them. */
static bool put_assignment(struct line *l, const struct reading *r,
			   const char *s, size_t n)
{
	size_t name = assigned_name(s, n), value = name + 1;

	if (!name)
		return false;
	put_plain(l, r, s, name);
	line_part(l, s + name, 1);
	if (value == n)
		return true;
	if (names_secret(s, name))
		put_stars(l);
	else if (announces_pair(s, name) && has_any(s + value, n - value, ":"))
		put_stars(l);
	else if (!put_assignment(l, r, s + value, n - value))
		put_plain(l, r, s + value, n - value);
	return true;
}

static bool put_attached(struct line *l, const struct reading *r, const char *s,
			 size_t n)
{
	bool is_attached = n > 2 && s[0] == '-' &&
			   ((s[1] == 'p' && r->takes_p) ||
			    (s[1] == 'u' && has_any(s, n, ":")));

	if (!is_attached)
		return false;
	line_part(l, s, 2);
	put_stars(l);
	return true;
}

static bool is_one_of(const char *program, const char (*names)[8], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_begins(program, names[i]))
			return true;
	return false;
}

/* What takes a password in one word with its option, also inside a shell's
 * line. */
static void learn_client(struct reading *r, const char *program)
{
	static const char with_p[][8] = {"mysql", "maria", "sshpass"};
	static const char with_a[][8] = {"redis", "valkey", "keydb"};

	r->takes_p |= is_one_of(program, with_p, LENGTH(with_p));
	r->takes_a |= is_one_of(program, with_a, LENGTH(with_a));
}

static void put_word(struct line *l, struct reading *r, const char *s, size_t n)
{
	bool mask = r->mask_next || r->mask_rest ||
		    (r->mask_pair && has_any(s, n, ":"));

	r->mask_pair = announces_pair(s, n);
	r->mask_rest |= announces_rest(s, n);
	r->mask_next = announces_word(r, s, n);
	if (mask && !r->mask_next && !announces_rest(s, n))
		put_stars(l);
	else if (!put_attached(l, r, s, n) && !put_url(l, r, s, n) &&
		 !put_assignment(l, r, s, n) && !put_login(l, r, s, n))
		put_plain(l, r, s, n);
	learn_client(r, s);
}

/* ---- arguments ----------------------------------------------------------- */

/* Length of the word at s: quotes keep blanks inside it, and a URL's & is not
 * a shell's. */
static size_t word_length(const char *s, size_t n)
{
	bool is_url = false;
	char quote = '\0';
	size_t i;

	for (i = 0; i < n; i++) {
		is_url |= i > 2 && same_bytes(s + i - 3, "://", 3);
		if (quote)
			quote = s[i] == quote ? '\0' : quote;
		else if (s[i] == '\'' || s[i] == '"')
			quote = s[i];
		else if (text_find(is_url ? " \t\n" : " \t\n;|&()<>", s[i]))
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

/* `-e NAME=a b; c` is one value to its end. */
static bool put_whole_assignment(struct line *l, const char *s, size_t n)
{
	size_t name = assigned_name(s, n);

	if (!name || has_any(s, name, " \t\n;|&()<>'\"/") ||
	    !names_secret(s, name))
		return false;
	line_part(l, s, name + 1);
	if (name + 1 < n)
		put_stars(l);
	return true;
}

static void learn_program(struct reading *r, const char *program)
{
	static const char interpreters[][8] = {
		"python", "node", "perl", "ruby", "php",   "deno",
		"bun",	  "lua",  "tcl",  "R",	  "jshell"};
	static const char shells[][8] = {"sh", "bash", "dash", "zsh", "ksh",
					 "ash"};

	r->takes_code |= is_one_of(program, interpreters, LENGTH(interpreters));
	r->takes_script |= is_one_of(program, shells, LENGTH(shells));
	learn_client(r, program);
}

static bool was_announced(struct reading *r, const char *s, size_t n)
{
	bool mask = (r->mask_next || r->mask_rest ||
		     (r->mask_pair && has_any(s, n, ":"))) &&
		    !announces_word(r, s, n) && !announces_rest(s, n);

	if (mask)
		r->mask_next = r->mask_pair = false;
	r->mask_rest = false;
	return mask;
}

static bool is_masked_whole(const struct reading *r, const char *s, size_t n)
{
	return n > MASK_ARG_BYTES || holds_known_secret(r, s, n) ||
	       (r->takes_code && has_any(s, n, " \t\n'\"`()[]{};"));
}

static void put_argument(struct line *l, struct reading *r, const char *s)
{
	size_t n = text_length(s);

	line_item(l);
	if (r->program && same_text(s, r->program))
		line_part(l, s, n);
	else if (n && was_announced(r, s, n))
		put_stars(l);
	else if (r->takes_script || !put_whole_assignment(l, s, n)) {
		if (is_masked_whole(r, s, n))
			put_stars(l);
		else
			put_words(l, r, s, n);
	}
	learn_program(r, last_part(s));
	line_item_end(l);
}

static void begin(struct reading *r, const char *program)
{
	r->known_count = 0;
	r->program = program;
	r->takes_code = r->takes_script = r->takes_p = r->takes_a = false;
	r->mask_next = r->mask_pair = r->mask_rest = false;
}

static void learn(struct reading *r, char *const *envp)
{
	learn_secrets(r, envp);
	if (envp != environ)
		learn_secrets(r, environ);
}

static bool is_program_alone(char *const *argv, const char *program)
{
	return argv && argv[0] && !argv[1] && program &&
	       same_text(argv[0], program);
}

void mask_args(struct line *l, char *const *argv, char *const *envp,
	       const char *program)
{
	size_t count = 0, from = l->length;
	struct reading r;

	begin(&r, program);
	if (!is_program_alone(argv, program))
		learn(&r, envp);
	line_array(l, "args");
	for (; argv && argv[count]; count++)
		if (count < MASK_SHOWN && l->length < from + BUDGET)
			put_argument(l, &r, argv[count]);
	line_array_end(l);
	line_number(l, "argc", count);
}

void mask_known(struct line *l, const char *key, const char *text)
{
	if (held_value_is_in(text, text_length(text)))
		text = "***";
	line_text(l, key, text);
}

/* worker.js, <string>, [eval]: not made up. */
static bool is_source_name(const char *name, size_t n)
{
	static const char endings[][8] = {".js",  ".mjs", ".cjs", ".ts",
					  ".mts", ".cts", ".tsx", ".jsx",
					  ".py",  ".rb",  ".php", ".pl",
					  ".pm",  ".sh"};

	if (text_find(name, '/') || (name[0] == '<' && name[n - 1] == '>'))
		return true;
	for (size_t i = 0; i < LENGTH(endings); i++) {
		size_t len = text_length(endings[i]);

		if (n > len && same_bytes(name + n - len, endings[i], len))
			return true;
	}
	return false;
}

/* The program may lie in a directory that a watched variable names. */
static void forget_paths(struct reading *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->known_count; i++)
		if (!secret_is_path(r->known[i]))
			r->known[kept++] = r->known[i];
	r->known_count = kept;
}

void mask_source(struct line *l, const char *name)
{
	size_t n = text_length(name);
	struct reading r;

	begin(&r, NULL);
	learn(&r, environ);
	forget_paths(&r);
	if (text_begins(name, "data:")) {
		line_part(l, name, 5);
		put_stars(l);
	} else if (n && (holds_known_secret(&r, name, n) ||
			 secret_is_key_shaped(secret_of(name)))) {
		put_stars(l);
	} else if (n && (text_begins(name, "file://") ||
			 !put_url(l, &r, name, n))) {
		if (is_source_name(name, n) || is_harmless(&r, name, n))
			line_part(l, name, n);
		else
			put_stars(l);
	}
}

bool mask_shows(const char *path)
{
	struct line l;

	line_begin(&l, KT_EXEC_FAILED, 0);
	mask_path(&l, "path", path);
	return !text_speaks_of(l.at, l.length, "***");
}

void mask_path(struct line *l, const char *key, const char *path)
{
	struct reading r;

	begin(&r, NULL);
	learn(&r, environ);
	line_string(l, key);
	put_words(l, &r, path, text_length(path));
	line_item_end(l);
}
