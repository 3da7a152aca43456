#include "recorder/secrets/classify_text.h"

#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"
#include "shared/credential_name.h"
#include "shared/key_prefix.h"

size_t length_to(const char *s, size_t n, const char *chars)
{
	size_t i = 0;

	while (i < n && !str_find_char(chars, s[i]))
		i++;
	return i;
}

bool has_any(const char *s, size_t n, const char *chars)
{
	return length_to(s, n, chars) < n;
}

bool is_alphanumeric(const char *s, size_t n, const char *others)
{
	for (size_t i = 0; i < n; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]) &&
		    !str_find_char(others, s[i]))
			return false;
	return true;
}

bool is_quoted(const char *s, size_t n)
{
	return n > 1 && (s[0] == '\'' || s[0] == '"') && s[n - 1] == s[0] &&
	       !str_has_char(s + 1, n - 2, s[0]);
}

static bool begins_any_case(const char *s, size_t n, const char *word,
			    size_t length)
{
	if (n < length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (lower(s[i]) != word[i])
			return false;
	return true;
}

/* The next word of "one|two|three", or NULL after the last word. */
static const char *next_word(const char *list, size_t *length)
{
	if (!*list)
		return NULL;
	for (*length = 0; list[*length] && list[*length] != '|';)
		++*length;
	return list;
}

static const char *past_word(const char *word, size_t length)
{
	return word + length + (word[length] == '|');
}

bool is_one_of(const char *list, const char *s, size_t n)
{
	size_t length;

	while ((list = next_word(list, &length))) {
		if (length == n && begins_any_case(s, n, list, length))
			return true;
		list = past_word(list, length);
	}
	return false;
}

/* ---- disorder ------------------------------------------------------------ */

enum kind { OTHER, DIGIT, LOWER, UPPER, KINDS };

static enum kind kind_of(char c)
{
	if (is_digit(c))
		return DIGIT;
	if (!is_letter(c))
		return OTHER;
	return c == lower(c) ? LOWER : UPPER;
}

struct run {
	size_t length, changes, count[KINDS];
};

/* Letters and digits up to the next other byte. CamelCase counts as no change.
 */
static struct run run_of(const char *s, size_t n)
{
	struct run run = {0};
	enum kind before = OTHER, kind;

	for (; run.length < n && (kind = kind_of(s[run.length]));
	     run.length++) {
		run.changes += before && kind != before &&
			       !(before == UPPER && kind == LOWER);
		run.count[kind]++;
		before = kind;
	}
	return run;
}

static bool has_all_kinds(const struct run *run)
{
	return run->count[DIGIT] && run->count[LOWER] && run->count[UPPER];
}

/* Names of files and options have longer stretches of a single kind of
 * character than keys. A name may be a time: releases/20240131120000. */
static bool is_random_run(const struct run *run, bool is_path)
{
	size_t n = run->length, digits = run->count[DIGIT];

	if (digits == n)
		return n >= (is_path ? 15 : 12);
	if (n >= 20)
		return digits >= 2 || run->changes * 4 >= n;
	return n >= (is_path && !has_all_kinds(run) ? 16 : 8) &&
	       run->changes * 3 >= n;
}

/* base64: a quarter capitals, a quarter small letters, and digits in between.
 */
static bool is_shuffled(const char *s, size_t n, size_t changes)
{
	size_t count[KINDS] = {0};

	for (size_t i = 0; i < n; i++)
		count[kind_of(s[i])]++;
	return n >= 20 && changes * 5 >= n && count[DIGIT] &&
	       count[LOWER] * 4 >= n && count[UPPER] * 4 >= n;
}

static bool is_uuid(const char *s, size_t n)
{
	if (n < 36)
		return false;
	for (size_t i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-'
							    : !is_hex(s[i]))
			return false;
	return true;
}

/* AutomationControlledByUser: long, but made of words. */
static bool is_camel_case(const char *s, size_t n)
{
	struct run run = run_of(s, n);

	return run.length == n && run.count[DIGIT] < 2 &&
	       run.count[UPPER] > 1 && run.count[LOWER];
}

/* Longer than any word of a language. */
static bool is_endless(const char *s, size_t n)
{
	return n >= 24 && !has_any(s, n, "/.-_:,") && !is_camel_case(s, n);
}

bool looks_random(const char *s, size_t n, enum place_of_text place)
{
	size_t changes = 0;

	for (size_t i = 0; i < n; i++) {
		struct run run = run_of(s + i, n - i);

		changes += run.changes;
		if (is_random_run(&run, place == IN_PATH) ||
		    is_uuid(s + i, n - i))
			return true;
		i += run.length;
	}
	return is_shuffled(s, n, changes) ||
	       (place != IN_NAME && is_endless(s, n));
}

/* npm_config_user_agent begins like a key of npm, and is made of words. */
static bool is_words(const char *s, size_t n)
{
	size_t joints = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] != '_' && kind_of(s[i]) != LOWER)
			return false;
		joints += s[i] == '_';
	}
	return joints >= 2;
}

bool is_secret_name(const char *s, size_t n)
{
	return (holds_key(s, n) && !is_words(s, n)) ||
	       looks_random(s, n, IN_NAME);
}

/* ---- names that announce a secret ---------------------------------------- */

/* True when the word before `at` ends at `at`: apikey in apiKeyFile and
 * API_KEYS, but not in keyboard. So author is not auth. */
static bool is_word_end(const char *s, size_t n, size_t at)
{
	if (at < n && lower(s[at]) == 's')
		at++;
	return at >= n || !is_letter(s[at]) ||
	       (kind_of(s[at]) == UPPER && kind_of(s[at - 1]) == LOWER);
}

static bool speaks_anywhere(const char *s, size_t n)
{
	static const char words[] = "secret|passw|passphr|passcode|credential|"
				    "authoriz|bearer|cookie";
	static const char endings[] = "key|token|pass|auth|pwd|dsn|cred";
	const char *word = words;
	size_t length;

	for (; (word = next_word(word, &length));
	     word = past_word(word, length))
		for (size_t i = 0; i + length <= n; i++)
			if (begins_any_case(s + i, n - i, word, length))
				return true;
	for (word = endings; (word = next_word(word, &length));
	     word = past_word(word, length))
		for (size_t i = 0; i + length <= n; i++)
			if (begins_any_case(s + i, n - i, word, length) &&
			    is_word_end(s, n, i + length))
				return true;
	return false;
}

/* The first and the last word of a name: of --no-auth, of tokenFile. */
static size_t first_word(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_letter(s[i]))
		i++;
	return i;
}

static size_t last_word(const char *s, size_t n)
{
	size_t i = n;

	while (i && is_letter(s[i - 1]) &&
	       !(i < n && kind_of(s[i]) == UPPER && kind_of(s[i - 1]) == LOWER))
		i--;
	return n - i;
}

/* The place, name or length of a secret, not the secret. */
static bool is_about_secret(const char *s, size_t n)
{
	size_t last = last_word(s, n);

	return is_one_of("file|path|dir|stdin|fd|type|name|url|uri|endpoint|"
			 "length|size|count|limit|ttl|age|helper|server|store|"
			 "jar|format|mode|method|prompt|env|command|policy|"
			 "timeout|provider|plugin|host|port|user|username|"
			 "alias|algorithm|checking|prefix",
			 s + n - last, last) ||
	       is_one_of("no|max|min|num|disable|skip|without|public", s,
			 first_word(s, n));
}

/* Words too short for a search within other words. */
static bool is_short_word(const char *s, size_t n)
{
	return is_one_of("pw|pat|pin|otp|psk", s + n - last_word(s, n),
			 last_word(s, n));
}

/* Options are spelt in small letters: --no-auth ends like a variable's name. */
static bool is_watched_variable(const char *s, size_t n)
{
	bool is_like_option = false;

	for (size_t i = 0; i < n; i++)
		is_like_option |= s[i] == '-' || kind_of(s[i]) == LOWER;
	return is_watched_name(s, n) &&
	       !(is_like_option && is_credential_name(s, n) &&
		 is_about_secret(s, n));
}

bool names_secret(const char *s, size_t n)
{
	while (n && *s == '-')
		s++, n--;
	if (!n)
		return false;
	return is_watched_variable(s, n) ||
	       ((speaks_anywhere(s, n) || is_short_word(s, n)) &&
		!is_about_secret(s, n));
}

static bool is_header_name(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!kind_of(s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	return true;
}

bool announces_rest(const char *s, size_t n)
{
	return (n && s[n - 1] == ':' && is_header_name(s, n - 1) &&
		speaks_anywhere(s, n - 1)) ||
	       is_one_of("bearer|basic", s, n);
}

/* ---- texts without a secret ---------------------------------------------- */

bool is_number(const char *s, size_t n)
{
	size_t digits = 0, run = 0;

	for (size_t i = 0; i < n; i++) {
		run = is_digit(s[i]) ? run + 1 : 0;
		digits += is_digit(s[i]);
		if (run > 5 || (!run && !str_find_char(".:,-/", s[i])))
			return false;
	}
	return digits;
}

/* Three small letters, and no character found only in base64. */
static bool is_directory_name(const char *s, size_t n)
{
	size_t letters = 0;

	while (letters < n && kind_of(s[letters]) == LOWER)
		letters++;
	for (size_t i = letters; i < n; i++)
		if (kind_of(s[i]) == UPPER || str_find_char("+=", s[i]))
			return false;
	return letters >= 3;
}

bool is_file_name(const char *s, size_t n)
{
	size_t letters = 0;

	while (letters < n && kind_of(s[n - 1 - letters]) == LOWER)
		letters++;
	return letters && letters <= 5 && letters + 1 < n &&
	       s[n - 1 - letters] == '.' && !has_any(s, n, "+=");
}

bool is_path(const char *s, size_t n)
{
	size_t first = length_to(s, n, "/");

	if (first == n)
		return false;
	if (!first)
		return is_directory_name(s + 1, length_to(s + 1, n - 1, "/"));
	return is_one_of(".|..|~", s, first) || is_reference(s, first) ||
	       is_file_name(s, n);
}

bool is_reference(const char *s, size_t n)
{
	size_t from = 1, to = n;

	if (n > 3 && s[1] == '{' && s[n - 1] == '}')
		from++, to--;
	if (to <= from || s[0] != '$')
		return false;
	if (to - from == 1 && str_find_char("@*#?!-0123456789", s[from]))
		return true;
	for (size_t i = from; i < to; i++)
		if (!kind_of(s[i]) && s[i] != '_')
			return false;
	return !is_digit(s[from]);
}
