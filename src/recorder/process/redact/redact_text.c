#include "recorder/process/redact/redact_text.h"

#include "recorder/secrets/classify_text.h"
#include "recorder/lib/str.h"
#include "shared/key_prefix.h"

static const char blanks[] = " \t\r\n";

/* ---- harmless texts --------------------------------------------------------
 */

bool is_harmless(const char *s, size_t n)
{
	return !has_any(s, n, " \t\r\n'\"`") && !holds_key(s, n) &&
	       !looks_random(s, n, IN_TEXT);
}

static bool is_harmless_name(const char *s, size_t n)
{
	return !has_any(s, n, "'\"`") && !holds_key(s, n) &&
	       !looks_random(s, n, IN_PATH);
}

static void show_harmless(struct reading *r, const char *s, size_t n)
{
	if (is_harmless(s, n))
		show(r, s, n);
	else
		put_stars(r);
}

/* JSON, PEM: data, not a list of words. */
static bool is_data(const char *s, size_t n)
{
	return n > 1 &&
	       (((s[0] == '{' || s[0] == '[') && has_any(s, n, "\"'")) ||
		str_mentions(s, n, "-----begin "));
}

/* ---- parts of a word --------------------------------------------------------
 */

static void put_segments(struct reading *r, const char *s, size_t n,
			 bool (*is_shown)(const char *, size_t))
{
	for (size_t from = 0, to; from <= n; from = to + 1) {
		to = from + length_to(s + from, n - from, "/");
		if (is_shown(s + from, to - from))
			show(r, s + from, to - from);
		else
			put_stars(r);
		if (to < n)
			show(r, s + to, 1);
	}
}

void put_file_path(struct reading *r, const char *s, size_t n)
{
	put_segments(r, s, n, is_harmless_name);
}

static bool is_no_key(const char *s, size_t n)
{
	return !holds_key(s, n);
}

void put_existing_path(struct reading *r, const char *s, size_t n)
{
	put_segments(r, s, n, is_no_key);
}

/* Index behind "scheme://", 0 for no scheme. */
static size_t scheme_of(const char *s, size_t n)
{
	for (size_t i = 0; i + 3 <= n && !str_find_char("= \t\n", s[i]); i++)
		if (bytes_equal(s + i, "://", 3))
			return i + 3;
	return 0;
}

/* Where the host begins, behind user and password. These may hold a raw / or
 * ?, but an @ in a query is none of theirs. */
static size_t host_of(const char *s, size_t n)
{
	size_t query = length_to(s, n, "?#");
	size_t at = length_to(s, n, "/") < query ? query : n;

	while (at && s[at - 1] != '@')
		at--;
	return at;
}

/* host or host:port, not a user and the beginning of a password. */
static bool is_host(const char *s, size_t n)
{
	size_t host = length_to(s, n, "/"), colon = length_to(s, host, ":");

	return colon == host || *s == '[' ||
	       is_number(s + colon + 1, host - colon - 1);
}

/* https://user:password@host/path?query: neither user part nor query. */
bool put_url(struct reading *r, const char *s, size_t n)
{
	size_t scheme = scheme_of(s, n), host, query;

	if (!scheme)
		return false;
	show_harmless(r, s, scheme);
	s += scheme;
	n -= scheme;
	host = host_of(s, n);
	if (host) {
		put_stars(r);
		show(r, s + host - 1, 1);
	}
	query = host + length_to(s + host, n - host, "?#");
	if (is_host(s + host, query - host))
		put_segments(r, s + host, query - host, is_harmless);
	else
		put_stars(r);
	if (query < n) {
		show(r, s + query, 1);
		put_stars(r);
	}
	return true;
}

/* PATH=/usr/bin:/bin */
static bool put_paths(struct reading *r, const char *s, size_t n)
{
	if (!n || (!is_path(s, n) && !is_file_name(s, n)))
		return false;
	for (size_t from = 0, to; from <= n; from = to + 1) {
		to = from + length_to(s + from, n - from, ":");
		put_file_path(r, s + from, to - from);
		if (to < n)
			show(r, s + to, 1);
	}
	return true;
}

/* user:password@host: a URL without a scheme. registry:5000/name@sha256:..., as
 * names of container images are written, is not meant. */
static bool put_login(struct reading *r, const char *s, size_t n)
{
	size_t colon = length_to(s, n, ":@"), at = n;

	while (at > colon && s[at - 1] != '@')
		at--;
	if (at < colon + 3 || s[colon] != ':' ||
	    has_any(s + colon, at - colon, "/"))
		return false;
	show_harmless(r, s, colon);
	show(r, s + colon, 1);
	put_stars(r);
	show(r, s + at - 1, 1);
	if (!put_paths(r, s + at, n - at))
		show_harmless(r, s + at, n - at);
	return true;
}

size_t assigned_name(const char *s, size_t n)
{
	size_t from = 0, i;

	while (from < n && s[from] == '-')
		from++;
	for (i = from; i < n && s[i] != '='; i++) {
		if (str_find_char(" \t\r\n'\"`()", s[i]))
			return 0;
		if (s[i] == ':' && i + 1 < n && s[i + 1] != '/' &&
		    s[i + 1] != ' ' && names_secret(s + from, i - from))
			break;
	}
	return i < n && i > from ? i : 0;
}

static bool assigns_secret(const char *s, size_t name)
{
	bool is_directory =
		is_one_of("pwd|oldpwd", s, name) && s[name + 1] == '/';

	return names_secret(s, name) && !is_directory;
}

/* NAME=value, --option=value, --env=NAME=value, a=b&token=value. */
static bool put_assignment(struct reading *r, const char *s, size_t n)
{
	size_t name = scheme_of(s, n) ? 0 : assigned_name(s, n);

	if (!name)
		return false;
	for (; name; name = scheme_of(s, n) ? 0 : assigned_name(s, n)) {
		bool is_secret = assigns_secret(s, name);

		if (is_secret_name(s, name))
			put_stars(r);
		else
			show(r, s, name);
		show(r, s + name, 1);
		s += name + 1;
		n -= name + 1;
		if (is_secret)
			return put_secret(r, s, n), true;
	}
	put_text(r, s, n);
	return true;
}

/* ---- a shell's references ---------------------------------------------------
 */

/* Index of the ) for the ( before s; n when the ) is missing. */
static size_t closing(const char *s, size_t n)
{
	size_t depth = 1;

	for (size_t i = 0; i < n; i++) {
		depth += s[i] == '(';
		depth -= s[i] == ')';
		if (!depth)
			return i;
	}
	return n;
}

/* a$(command)b: the command, which a shell will run, is shown as a script. */
static bool put_substitution(struct reading *r, const char *s, size_t n)
{
	size_t from = 0, to;

	while (from + 2 < n && !bytes_equal(s + from, "$(", 2))
		from++;
	if (!r->is_script || from + 2 >= n)
		return false;
	from += 2;
	to = from + closing(s + from, n - from);
	if (to == n || !is_harmless(s, from - 2) ||
	    !is_harmless(s + to + 1, n - to - 1))
		return false;
	show(r, s, from);
	r->put_script(r, s + from, to - from);
	show(r, s + to, n - to);
	return true;
}

static bool is_substitution(const char *s, size_t n)
{
	return n > 3 && bytes_equal(s, "$(", 2) &&
	       closing(s + 2, n - 2) == n - 3;
}

/* Between single quotes a $ is a character. */
static bool put_reference(struct reading *r, const char *s, size_t n)
{
	size_t from;

	if (!r->is_script || (s > r->argument && s[-1] == '\''))
		return false;
	from = is_quoted(s, n) && s[0] == '"';
	if (!is_reference(s + from, n - 2 * from))
		return is_substitution(s, n) && put_substitution(r, s, n);
	show(r, s, n);
	return true;
}

void put_secret(struct reading *r, const char *s, size_t n)
{
	if (n && !put_reference(r, s, n))
		put_stars(r);
}

/* ---- sentences --------------------------------------------------------------
 */

bool announces_word(const char *s, size_t n)
{
	if (has_any(s, n, "="))
		return false;
	if (n && s[0] == '-')
		return n > 2 && names_secret(s, n);
	return is_one_of("password|passwd|passphrase|pw|secret|token", s, n);
}

/* password is S, password for bob S: the secret is yet to come. */
static bool is_between(const char *s, size_t n)
{
	return is_one_of("is|was|to|for|by|of|with|as|=|:|==", s, n) ||
	       announces_rest(s, n);
}

static void put_sentence(struct reading *r, const char *s, size_t n)
{
	bool is_next = false, is_rest = false;

	for (size_t word; n; s += word, n -= word) {
		word = length_to(s, n, blanks);
		if (!word) {
			show(r, s, word = 1);
			continue;
		}
		if ((is_next || is_rest) && !is_between(s, word)) {
			put_stars(r);
			is_next = false;
			continue;
		}
		put_text(r, s, word);
		is_rest |= announces_rest(s, word);
		is_next |= announces_word(s, word);
	}
}

void put_pattern(struct reading *r, const char *s, size_t n)
{
	size_t name = assigned_name(s, n);

	if (is_path(s, n) || scheme_of(s, n) || names_secret(s, name))
		put_text(r, s, n);
	else if (has_any(s, n, "=:/\"'") && names_secret(s, n))
		put_stars(r);
	else
		for (size_t word; n; s += word, n -= word) {
			word = length_to(s, n, blanks);
			if (!word)
				show(r, s, word = 1);
			else if (holds_key(s, word) ||
				 looks_random(s, word, IN_TEXT))
				put_stars(r);
			else
				show(r, s, word);
		}
}

void put_header(struct reading *r, const char *s, size_t n)
{
	size_t colon = length_to(s, n, ":"), value = colon + 1, scheme;

	if (colon >= n || is_one_of("accept|accept-encoding|accept-language|"
				    "cache-control|content-type|content-length|"
				    "host|user-agent|origin|range|referer",
				    s, colon)) {
		put_text(r, s, n);
		return;
	}
	while (value < n && s[value] == ' ')
		value++;
	show_harmless(r, s, colon);
	show(r, s + colon, value - colon);
	scheme = length_to(s + value, n - value, blanks);
	if (scheme < n - value &&
	    is_one_of("bearer|basic|token", s + value, scheme)) {
		show(r, s + value, scheme + 1);
		value += scheme + 1;
	}
	put_secret(r, s + value, n - value);
}

void put_text(struct reading *r, const char *s, size_t n)
{
	if (r->is_script && is_quoted(s, n)) {
		show(r, s, 1);
		put_text(r, s + 1, n - 2);
		show(r, s + n - 1, 1);
	} else if (is_data(s, n)) {
		put_stars(r);
	} else if (put_assignment(r, s, n)) {
		return;
	} else if (put_url(r, s, n)) {
		return;
	} else if (length_to(s, n, blanks) < n) {
		if (!put_substitution(r, s, n))
			put_sentence(r, s, n);
	} else if (!put_login(r, s, n) && !put_substitution(r, s, n) &&
		   !put_paths(r, s, n)) {
		show_harmless(r, s, n);
	}
}
