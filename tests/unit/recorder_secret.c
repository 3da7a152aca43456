#include "recorder_host.h"

#include <ucontext.h>

#include "keytrail/trace.h"
#include "recorder/secrets/secret.h"
#include "recorder/lib/str.h"
#include "shared/key_prefix.h"

static const uint8_t key[16] = "0123456789abcde";

static struct fingerprint print_of(const char *value)
{
	struct fingerprint p;

	memset(&p, 0x5a, sizeof p);
	secret_fingerprint(secret_of(value), key, &p);
	return p;
}

static bool is_same_value(const char *a, const char *b)
{
	struct fingerprint p = print_of(a), q = print_of(b);

	return !memcmp(p.fp, q.fp, sizeof p.fp);
}

/* ---- shapes */

#define SHAPE(id, name) KT_SHAPE_##id = 1u << KT_SHAPE_BIT_##id,
enum { KT_SHAPES(SHAPE) };
#undef SHAPE

#define KEY   "sk-proj-0A1b2C3d4E5f6G7h8J"
#define HEX32 "0123456789abcdefABCDEF0123456789"

static const struct {
	const char *value;
	unsigned is;
} shapes[] = {
	{"", KT_SHAPE_EMPTY},
	{"hunter2", 0},

	{" hunter2", KT_SHAPE_BLANK},
	{"hunter2\t", KT_SHAPE_BLANK},
	{" ", KT_SHAPE_BLANK},
	{"hunter 2", 0},

	{"hunter2\n", KT_SHAPE_LF},
	{"hun\nter2", KT_SHAPE_LF | KT_SHAPE_INNER_LF},
	{"hun\r\nter2\r\n", KT_SHAPE_CR | KT_SHAPE_LF | KT_SHAPE_INNER_LF},
	{"\n\nhunter2\n\n", KT_SHAPE_LF},
	{"hun\\nter2", 0},
	{"hunter2\r", KT_SHAPE_CR},
	{"hunter2\r\n", KT_SHAPE_CR | KT_SHAPE_LF},
	{"hunter2 \n", KT_SHAPE_LF},

	{"\"hunter2\"", KT_SHAPE_QUOTED},
	{"'hunter2'", KT_SHAPE_QUOTED},
	{"`hunter2`", KT_SHAPE_QUOTED},
	{"\"\"", KT_SHAPE_QUOTED},
	{"\"", 0},
	{"\"hunter2'", 0},
	{"\"hunter2", KT_SHAPE_OPEN_QUOTE},
	{"hunter2'", KT_SHAPE_OPEN_QUOTE},
	{"b'hunter2'", KT_SHAPE_OPEN_QUOTE | KT_SHAPE_BYTES_TEXT},
	{"b\"hunter2\"", KT_SHAPE_OPEN_QUOTE | KT_SHAPE_BYTES_TEXT},
	{"b'hunter2", 0},
	{"**********", KT_SHAPE_MASKED | KT_SHAPE_PLACEHOLDER},
	{"hunter2***", 0},
	{"b'hunter2\"", KT_SHAPE_OPEN_QUOTE},
	{" hunter2` ", KT_SHAPE_OPEN_QUOTE | KT_SHAPE_BLANK},
	{"it's", 0},
	{"\xe2\x80\x9chunter2\xe2\x80\x9d",
	 KT_SHAPE_QUOTED | KT_SHAPE_UNPRINTABLE},
	{"\xe2\x80\x98hunter2\xe2\x80\x99",
	 KT_SHAPE_QUOTED | KT_SHAPE_UNPRINTABLE},
	{"\xe2\x80\x9dhunter2\xe2\x80\x9d",
	 KT_SHAPE_QUOTED | KT_SHAPE_UNPRINTABLE},
	{"\xe2\x80\x9chunter2", KT_SHAPE_OPEN_QUOTE | KT_SHAPE_UNPRINTABLE},
	{"\xe2\x80\x9chunter2\"", KT_SHAPE_UNPRINTABLE},
	{"hunter2\xe2\x80\xa6", KT_SHAPE_UNPRINTABLE},
	{"\xe2\x80\x9c", KT_SHAPE_UNPRINTABLE},
	{"hun\"ter\"2", 0},

	{"your-api-key", KT_SHAPE_PLACEHOLDER},
	{"YOUR_API_KEY", KT_SHAPE_PLACEHOLDER},
	{"changeme", KT_SHAPE_PLACEHOLDER},
	{"ChangeMe!", KT_SHAPE_PLACEHOLDER},
	{"xxx", KT_SHAPE_PLACEHOLDER},
	{"sk-xxxxxxxxxxxxxxxx", KT_SHAPE_PLACEHOLDER},
	{"...", KT_SHAPE_PLACEHOLDER},
	{"<key>", KT_SHAPE_PLACEHOLDER},
	{"replace_me", KT_SHAPE_PLACEHOLDER},
	{"todo", KT_SHAPE_PLACEHOLDER},
	{"****", KT_SHAPE_MASKED | KT_SHAPE_PLACEHOLDER},
	{"REDACTED", KT_SHAPE_PLACEHOLDER},
	{"[REDACTED]", KT_SHAPE_PLACEHOLDER},
	{"redacted-by-me", 0},
	{"<>", 0},
	{"xx", 0},
	{"mastodon", 0},
	{"a value that is longer than any example: it merely says changeme.",
	 0},

	{"${OPENAI_API_KEY}", KT_SHAPE_UNEXPANDED},
	{"$OPENAI_API_KEY", KT_SHAPE_UNEXPANDED},
	{"$_a1", KT_SHAPE_UNEXPANDED},
	{"$(cat key)", KT_SHAPE_UNEXPANDED},
	{"{{ key }}", KT_SHAPE_UNEXPANDED},
	{"{{ .Values.key }}", KT_SHAPE_UNEXPANDED},
	{"%OPENAI_API_KEY%", KT_SHAPE_UNEXPANDED},
	{"$1a", 0},
	{"$A-B", 0},
	{"$", 0},
	{"%%", 0},
	{"price$", 0},

	{"undefined", KT_SHAPE_LITERAL},
	{"null", KT_SHAPE_LITERAL},
	{"None", KT_SHAPE_LITERAL},
	{"NaN", KT_SHAPE_LITERAL},
	{"[object Object]", KT_SHAPE_LITERAL},
	{"[object Promise]", KT_SHAPE_LITERAL},
	{"NULL", KT_SHAPE_LITERAL},
	{"nil", KT_SHAPE_LITERAL},
	{"nullable", 0},
	{"Null", 0},
	{"[object Window]", 0},
	{"true", KT_SHAPE_BOOLEAN},
	{"TRUE", 0},
	{"truest", 0},

	{"op://vault/item/key", KT_SHAPE_REFERENCE},
	{"encrypted:BDq6hX", KT_SHAPE_REFERENCE},
	{"ENC[AES256_GCM,data:x]", KT_SHAPE_REFERENCE},
	{"arn:aws:secretsmanager:eu-west-1:1:secret:x", KT_SHAPE_REFERENCE},
	{"secretref:key", KT_SHAPE_REFERENCE},
	{"vault:secret/data/x#key", KT_SHAPE_REFERENCE},
	{"ref+vault://x", KT_SHAPE_REFERENCE},
	{"projects/p/secrets/s/versions/latest", KT_SHAPE_REFERENCE},
	{"file:///run/secrets/key", KT_SHAPE_REFERENCE},
	{"op://", 0},
	{"vault", 0},
	{"arn:aws:iam::1:role/x", 0},
	{"projects/p/topics/t", 0},
	{"file:///etc/key", 0},
	{"an op://reference", 0},

	{"OPENAI_API_KEY=hunter2", KT_SHAPE_ASSIGNMENT},
	{"export OPENAI_API_KEY=hunter2", KT_SHAPE_ASSIGNMENT},
	{"export LLM=hunter2", KT_SHAPE_ASSIGNMENT},
	{"LLM=sk-0123456789abcdef", KT_SHAPE_ASSIGNMENT},
	{"LLM=hunter2", 0},
	{"OPENAI_API_KEY=", 0},
	{"QUJDREVGR0g=", 0},
	{"MY_TOKEN==", 0},
	{"Server=db;Password=x", 0},
	{"=hunter2", 0},
	{"9A_TOKEN=hunter2", 0},

	{"Bearer hunter2", KT_SHAPE_HEADER},
	{"bearer hunter2", KT_SHAPE_HEADER},
	{"Basic aHVudGVyMg", KT_SHAPE_HEADER},
	{"Authorization: Bearer hunter2", KT_SHAPE_HEADER},
	{"x-api-key: hunter2", KT_SHAPE_HEADER},
	{"Bearer", 0},
	{"bearertoken", 0},

	{KEY, 0},
	{KEY " # team account", KT_SHAPE_COMMENT},
	{KEY "\t#", KT_SHAPE_COMMENT},
	{"\"" KEY "\" # team account", KT_SHAPE_COMMENT | KT_SHAPE_OPEN_QUOTE},
	{"\"" KEY " # team account\"", KT_SHAPE_COMMENT | KT_SHAPE_QUOTED},
	{KEY ",", KT_SHAPE_KEY_AND_MORE},
	{KEY ";", KT_SHAPE_KEY_AND_MORE},
	{KEY "%0A", KT_SHAPE_KEY_AND_MORE},
	{KEY "\\n", KT_SHAPE_KEY_AND_MORE},
	{KEY "#team", KT_SHAPE_KEY_AND_MORE},
	{KEY "," KEY, KT_SHAPE_KEY_AND_MORE},
	{KEY " " KEY, KT_SHAPE_KEY_AND_MORE},
	{KEY KEY, KT_SHAPE_KEY_AND_MORE},
	{KEY "}", KT_SHAPE_KEY_AND_MORE},
	{"[" KEY "]", KT_SHAPE_KEY_AND_MORE},
	{"(" KEY ")", KT_SHAPE_KEY_AND_MORE},
	{"'" KEY "','" KEY "'", KT_SHAPE_KEY_AND_MORE | KT_SHAPE_QUOTED},
	{"\"" KEY "\"", KT_SHAPE_QUOTED},
	{KEY "'", KT_SHAPE_OPEN_QUOTE},
	{KEY "\n", KT_SHAPE_LF},
	{KEY " ", KT_SHAPE_BLANK},
	{KEY "\r\nMORE=1", KT_SHAPE_CR | KT_SHAPE_LF | KT_SHAPE_INNER_LF},
	{KEY "\xe2\x80\x8b", KT_SHAPE_UNPRINTABLE},
	{"https://" KEY "@host/?a,b", 0},
	{"hf_ my words, of old", 0},
	{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw/+==", 0},
	{"ABSKQmVkcm9ja0FQSUtleS0xMjM0+/Zm9v=", 0},
	{"ya29.a0AfB_byC-0123456789/abcdef", 0},
	{"SG.0123456789abcdef.0123456789-_abcdef", 0},
	{"eyJuYW1lIjoiYSIsImIiOnsiYyI6W3eyJuYW1lIjoi", 0},
	{"c2stcHJvai0wMTIzNDU2Nzg5YWJjZGVm", KT_SHAPE_BASE64_KEY},
	{"Z2hwXzAxMjM0NTY3ODlhYmNkZWZnaGlqMDEyMzQ1Njc4OQ==",
	 KT_SHAPE_BASE64_KEY},
	{"c2stcHJvai0wMTIz", 0},
	{"c2stcHJvai0wMTIzNDU2Nzg5YWJj,GVm", 0},
	{"aHVudGVyMi1odW50ZXIyLWh1bnRlcjI=", 0},

	{"\xef\xbb\xbfhunter2", KT_SHAPE_BOM | KT_SHAPE_UNPRINTABLE},
	{"hunter2\xef\xbb\xbf", KT_SHAPE_UNPRINTABLE},
	{"hunt\x01r", KT_SHAPE_UNPRINTABLE},
	{"hunter\x7f", KT_SHAPE_UNPRINTABLE},
	{"h\xc3\xbcnter", KT_SHAPE_UNPRINTABLE},
	{"hun\tter", 0},

	{"{\"type\":\"service_account\"}", KT_SHAPE_JSON},
	{"[\"a\",\"b\"]", KT_SHAPE_JSON},
	{"{\"a\":1", 0},
	{"{]", 0},
	{"[a]", 0},
	{"\"json\": {}", KT_SHAPE_OPEN_QUOTE},

	{"-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE "
	 "KEY-----\n",
	 KT_SHAPE_PEM | KT_SHAPE_LF | KT_SHAPE_INNER_LF},
	{"-----BEGIN RSA PRIVATE KEY-----\nMII\n",
	 KT_SHAPE_PEM | KT_SHAPE_LF | KT_SHAPE_INNER_LF | KT_SHAPE_PEM_CUT},
	{"-----BEGIN RSA PRIVATE KEY-----", KT_SHAPE_PEM | KT_SHAPE_PEM_CUT},
	{"\"-----BEGIN RSA PRIVATE KEY-----",
	 KT_SHAPE_OPEN_QUOTE | KT_SHAPE_PEM_CUT},
	{"-----BEGIN KEY-----\\nMII\\n-----END KEY-----\\n",
	 KT_SHAPE_PEM | KT_SHAPE_ESCAPED_LF},
	{"{\"private_key\":\"-----BEGIN KEY-----\\nMII\\n\"}", KT_SHAPE_JSON},
	{"-----begin rsa", 0},

	{HEX32, KT_SHAPE_HEX},
	{HEX32 "0", KT_SHAPE_HEX},
	{"0123456789abcdefABCDEF012345678", 0},
	{"0123456789abcdefABCDEF012345678g", 0},
};

static void every_shape_is_told_and_no_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++)
		if (print_of(shapes[i].value).is != shapes[i].is)
			fail_msg("%s: %x, not %x", shapes[i].value,
				 print_of(shapes[i].value).is, shapes[i].is);
}

static void the_table_above_shows_every_shape(void **state)
{
	unsigned shown = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++)
		shown |= shapes[i].is;
	assert_int_equal(shown, (1u << KT_SHAPE_COUNT) - 1);
}

/* ---- fingerprints */

static void equal_values_have_equal_fingerprints(void **state)
{
	struct fingerprint a = print_of("hunter2"), b;

	(void)state;
	assert_true(is_same_value("hunter2", "hunter2"));
	assert_false(is_same_value("hunter2", "hunter3"));
	assert_false(is_same_value("hunter2", "hunter2 "));
	assert_int_equal(a.length, 7);
	secret_fingerprint(secret_of("hunter2"),
			   (const uint8_t *)"another key.....", &b);
	assert_memory_not_equal(a.fp, b.fp, sizeof a.fp);
}

static void the_fingerprint_is_that_of_the_format(void **state)
{
	static const uint8_t counted[16] = {0, 1, 2,  3,  4,  5,  6,  7,
					    8, 9, 10, 11, 12, 13, 14, 15};
	static const char digits[] = "a3817f04ba25a8e66df67214c7550293";
	uint8_t expected[16];
	struct fingerprint p;

	(void)state;
	assert_true(str_unhex(expected, 16, digits));
	secret_fingerprint(secret_of(""), counted, &p);
	assert_memory_equal(p.fp, expected, 16);
}

static void the_bare_value_lacks_blanks_and_one_pair_of_quotes(void **state)
{
	static const char *const dressed[] = {
		" hunter2",  "hunter2\n", "hunter2\r\n",  "\"hunter2\"",
		"'hunter2'", "`hunter2`", "\thunter2 \t", " \"hunter2\"\r\n",
	};
	struct fingerprint plain = print_of("hunter2"), p;

	(void)state;
	assert_false(plain.has_bare);
	for (size_t i = 0; i < ARRAY_LENGTH(dressed); i++) {
		p = print_of(dressed[i]);
		assert_true(p.has_bare);
		assert_memory_equal(p.bare, plain.fp, sizeof p.bare);
		assert_int_equal(p.length, strlen(dressed[i]));
	}
	p = print_of("''hunter2''");
	assert_memory_equal(p.bare, print_of("'hunter2'").fp, sizeof p.bare);
	p = print_of(" \n");
	assert_memory_equal(p.bare, print_of("").fp, sizeof p.bare);
	assert_false(print_of("hun ter2").has_bare);
	assert_false(print_of("\"hunter2'").has_bare);
	assert_false(print_of("\"").has_bare);
	assert_false(print_of("").has_bare);
}

/* ---- providers */

static bool is_from(const char *value, const char *provider)
{
	return !strcmp(provider_name(print_of(value).provider), provider);
}

static bool is_cut(const char *part, const char *whole)
{
	return secret_is_cut(secret_of(part), secret_of(whole));
}

static void a_value_is_cut_at_a_mark_and_not_at_a_comment(void **state)
{
	(void)state;
	assert_true(is_cut("abc", "abc#def"));
	assert_true(is_cut("abc", "abc$def"));
	assert_true(is_cut("abc", "abc def"));
	assert_true(is_cut("abc", "abc\ndef"));
	assert_true(is_cut("abc", "abc#"));
	assert_true(is_cut("sk-proj-ab", "sk-proj-abcdef"));
	assert_true(is_cut("sk-ant-ab", "sk-ant-ab-cdef"));
	assert_false(is_cut("sk-proj-ab", "sk-proj-ab,sk-proj-cd"));
	assert_false(is_cut("sk-proj-ab", "sk-proj-ab"));
	assert_false(is_cut("sk-proj-ab", "sk-proj-ab # def"));
	assert_false(is_cut("http://a", "http://a/v1"));
	assert_false(is_cut("abc", "abc # def"));
	assert_false(is_cut("abc", "abc\t# def"));
	assert_false(is_cut("abc", "abcdef"));
	assert_false(is_cut("abc", "abc"));
	assert_false(is_cut("abd", "abc#def"));
	assert_false(is_cut("", "#abc"));
	assert_false(is_cut("abc#def", "abc"));
}

static void every_public_prefix_names_its_provider(void **state)
{
	static const struct {
		const char *text, *provider;
	} prefixes[] = {
#define PREFIX(text, family) {text, family},
#include "keytrail/credentials.def"
	};
	char value[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++) {
		snprintf(value, sizeof value, "%s0", prefixes[i].text);
		assert_true(is_from(value, prefixes[i].provider));
		snprintf(value, sizeof value, "_%s0", prefixes[i].text);
		assert_true(is_from(value, ""));
	}
}

static void the_longest_prefix_wins(void **state)
{
	(void)state;
	assert_true(is_from("sk-0123", "openai"));
	assert_true(is_from("sk-ant-0123", "anthropic"));
	assert_true(is_from("sk-or-v1-0123", "openrouter"));
	assert_true(is_from("sk-proj-0123", "openai"));
	assert_true(is_from("sk-an", "openai"));
	assert_true(is_from("sk", ""));
	assert_true(is_from("", ""));
	assert_true(is_from("\xff\xfe", ""));
}

static void a_dressed_key_is_still_its_providers(void **state)
{
	(void)state;
	assert_true(is_from("\"sk-ant-0123\"", "anthropic"));
	assert_true(is_from(" sk-ant-0123\n", "anthropic"));
	assert_true(is_from("\n'sk-ant-0123'", "anthropic"));
}

static void an_unknown_provider_has_no_name(void **state)
{
	(void)state;
	assert_string_equal(provider_name(0), "");
	assert_string_equal(provider_name(255), "");
}

static void a_key_has_a_prefix_and_sixteen_bytes(void **state)
{
	(void)state;
	assert_true(secret_is_key_shaped(secret_of("sk-0123456789abc")));
	assert_false(secret_is_key_shaped(secret_of("sk-0123456789ab")));
	assert_false(secret_is_key_shaped(secret_of("ks-0123456789abcdef")));
	assert_false(secret_is_key_shaped(secret_of("")));
	assert_false(secret_is_key_shaped(secret_of("\xff 0123456789abcdef")));
}

/* ---- tags */

static void tags_are_equal_wherever_the_value_lies(void **state)
{
	char *page = host_map(3 * 4096), value[41] = "";

	(void)state;
	mprotect(page + 8192, 4096, PROT_NONE);
	for (size_t n = 0; n < sizeof value - 1; n++) {
		uint64_t tag;

		memset(page, 0, 8192);
		strcpy(page, value);
		tag = secret_tag(secret_of(page), 9);
		for (size_t at = 1; at < 16; at++) {
			memcpy(page + at, value, n + 1);
			assert_int_equal(secret_tag(secret_of(page + at), 9),
					 tag);
		}
		for (size_t before = 0; before <= n + 1; before++) {
			char *to = page + 4096 - before;

			memset(page + 4000, '\xff', 200);
			memcpy(to, value, n + 1);
			assert_int_equal(secret_tag(secret_of(to), 9), tag);
		}
		memcpy(page + 8191 - n, value, n + 1);
		assert_int_equal(secret_tag(secret_of(page + 8191 - n), 9),
				 tag);
		value[n] = (char)('a' + n);
	}
	munmap(page, 3 * 4096);
}

static void what_follows_the_end_of_a_value_changes_no_tag(void **state)
{
	char *page = host_map(4096);
	uint64_t tag;

	(void)state;
	strcpy(page, "hunter2 and");
	tag = secret_tag(secret_of(page), 9);
	memset(page + 12, 'x', 32);
	assert_int_equal(secret_tag(secret_of(page), 9), tag);
	munmap(page, 4096);
}

static void different_values_and_seeds_have_different_tags(void **state)
{
	static const char *const values[] = {
		"",	   "a",	       "b",	    "aa",	 "ab",
		"hunter2", "hunter2h", "hunter2hu", "hunter3hu", "h",
		"\x08",	   "\x10",     "\xff",	    "a\x01",	 NULL,
	};
	char **copies = host_env(values);

	(void)state;
	for (size_t i = 0; values[i]; i++)
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(
				secret_tag(secret_of(copies[i]), 1),
				secret_tag(secret_of(copies[k]), 1));
	assert_int_not_equal(secret_tag(secret_of(copies[5]), 1),
			     secret_tag(secret_of(copies[5]), 2));
}

/* ---- found inside a text */

static void a_value_is_found_anywhere_in_a_text(void **state)
{
	struct secret s = secret_of("hunter2");

	(void)state;
	assert_true(secret_is_in(s, "hunter2", 7));
	assert_true(secret_is_in(s, "xxhunter2", 9));
	assert_true(secret_is_in(s, "hunhunter2x", 11));
	assert_false(secret_is_in(s, "hunter2", 6));
	assert_false(secret_is_in(s, "hunter3", 7));
	assert_false(secret_is_in(s, "", 0));
}

static void a_value_of_three_bytes_is_found_nowhere(void **state)
{
	(void)state;
	assert_false(secret_is_in(secret_of(""), "abc", 3));
	assert_false(secret_is_in(secret_of("abc"), "abc", 3));
	assert_true(secret_is_in(secret_of("abcd"), "abcd", 4));
	assert_false(secret_is_in(secret_of("undefined"), "x-undefined", 11));
	assert_true(secret_is_in(secret_of("undefined1"), "undefined1", 10));
}

/* ---- what is left behind */

enum { STACK = 256 << 10 };

static const char residue[] = "Quoth-the-raven-nevermore-0123456789-ABCDEF";
static ucontext_t back, there;
static char *value;
static struct fingerprint taken;

static void take_the_print(void)
{
	secret_fingerprint(secret_of(value), key, &taken);
}

static void take_the_tag(void)
{
	taken.tag = secret_tag(secret_of(value), 5);
}

static void copy_it_carelessly(void)
{
	char copy[sizeof residue];

	memcpy(copy, value, sizeof copy);
	__asm__ volatile("" : : "r"(copy) : "memory");
}

/* Any six bytes in a row of the value, on the stack that was used? */
static bool leaves_residue(void (*act)(void))
{
	char *stack = host_map(STACK);
	bool found = false;

	getcontext(&there);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = STACK;
	there.uc_link = &back;
	makecontext(&there, act, 0);
	swapcontext(&back, &there);
	for (size_t i = 0; i + 6 <= sizeof residue - 1; i++)
		found = found || memmem(stack, STACK, residue + i, 6);
	munmap(stack, STACK);
	return found;
}

static void nothing_of_the_value_stays_on_the_stack(void **state)
{
	(void)state;
	if (HOST_HAS_ASAN)
		skip(); /* it keeps frames of its own */
	value = strdup(residue);
	assert_true(leaves_residue(copy_it_carelessly));
	for (size_t n = sizeof residue - 1; n >= 6; n--) {
		value[n] = '\0';
		assert_false(leaves_residue(take_the_print));
		assert_false(leaves_residue(take_the_tag));
	}
	free(value);
}

static void a_print_holds_nothing_of_the_value(void **state)
{
	struct fingerprint p = print_of(residue);

	(void)state;
	for (size_t i = 0; i + 4 <= sizeof residue - 1; i++)
		assert_null(memmem(&p, sizeof p, residue + i, 4));
}

static void a_very_long_value_is_printed_too(void **state)
{
	size_t n = 3 << 20;
	char *big = host_map(n + 1);

	(void)state;
	memset(big, 'a', n);
	assert_int_equal(print_of(big).length, n);
	assert_int_equal(print_of(big).is, KT_SHAPE_HEX);
	munmap(big, n + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape_is_told_and_no_other),
		cmocka_unit_test(the_table_above_shows_every_shape),
		cmocka_unit_test(equal_values_have_equal_fingerprints),
		cmocka_unit_test(the_fingerprint_is_that_of_the_format),
		cmocka_unit_test(
			the_bare_value_lacks_blanks_and_one_pair_of_quotes),
		cmocka_unit_test(a_value_is_cut_at_a_mark_and_not_at_a_comment),
		cmocka_unit_test(every_public_prefix_names_its_provider),
		cmocka_unit_test(the_longest_prefix_wins),
		cmocka_unit_test(a_dressed_key_is_still_its_providers),
		cmocka_unit_test(an_unknown_provider_has_no_name),
		cmocka_unit_test(a_key_has_a_prefix_and_sixteen_bytes),
		cmocka_unit_test(tags_are_equal_wherever_the_value_lies),
		cmocka_unit_test(
			what_follows_the_end_of_a_value_changes_no_tag),
		cmocka_unit_test(
			different_values_and_seeds_have_different_tags),
		cmocka_unit_test(a_value_is_found_anywhere_in_a_text),
		cmocka_unit_test(a_value_of_three_bytes_is_found_nowhere),
		cmocka_unit_test(nothing_of_the_value_stays_on_the_stack),
		cmocka_unit_test(a_print_holds_nothing_of_the_value),
		cmocka_unit_test(a_very_long_value_is_printed_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
