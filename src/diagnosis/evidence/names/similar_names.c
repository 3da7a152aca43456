#include "diagnosis/evidence/names/similar_names.h"

#include <stdint.h>
#include <strings.h>

#include "shared/key_prefix.h"

static const struct {
	struct str name;
	const char *family;
} known[] = {
#define CREDENTIAL(name, family) {{name, sizeof name - 1}, family},
#include "keytrail/credentials.def"
};

const char *credential_family(struct str name)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eq(known[i].name, name))
			return known[i].family;
	return NULL;
}

bool has_known_form(struct str name)
{
	const char *family = credential_family(name), *provider;

	for (uint8_t i = 1; family && *(provider = provider_name(i)); i++)
		if (!strcmp(provider, family))
			return true;
	return false;
}

/* --- relatives ------------------------------------------------------------ */

/* Endings of names of keys; longer endings before their own endings. A secret
 * or a public key of the same provider is no key. */
static const struct {
	const char *text;
	bool is_key;
} endings[] = {
	{"_API_KEYS", true},	{"_API_KEY", true},
	{"_APIKEY", true},	{"_API_TOKEN", true},
	{"_AUTH_TOKEN", true},	{"_ACCESS_TOKEN", true},
	{"_AD_TOKEN", true},	{"_SECRET_KEY", false},
	{"_PUBLIC_KEY", false}, {"_PRIVATE_KEY", false},
	{"_KEY", true},		{"_TOKEN", true},
	{"_PAT", true},
};

/* The owner of a key: the name without its ending. len 0: the name is no key,
 * or the key of no provider. */
static struct str owner_of(struct str name)
{
	const char *family = credential_family(name);

	if (family && !strncmp(family, "generic-", strlen("generic-")))
		return (struct str){NULL, 0};
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t len = strlen(endings[i].text);

		if (name.len > len && !strncasecmp(name.at + name.len - len,
						   endings[i].text, len))
			return (struct str){name.at, endings[i].is_key
							     ? name.len - len
							     : 0};
	}
	return (struct str){NULL, 0};
}

/* Compares whole words: AZURE_OPENAI ends with OPENAI, MYOPENAI does not. A
 * word behind the owner, as in OPENAI_ORG, names something else. */
static bool ends_with(struct str text, struct str words)
{
	size_t before = text.len - words.len;

	return text.len >= words.len &&
	       !strncasecmp(text.at + before, words.at, words.len) &&
	       (!before || text.at[before - 1] == '_');
}

/* The provider's service is sold under another roof, too: azure-openai,
 * openai. */
static bool are_of_one_service(const char *family, const char *other)
{
	size_t len = strlen(family), other_len = strlen(other);

	if (len < other_len)
		return are_of_one_service(other, family);
	return !strcmp(family + len - other_len, other) &&
	       (len == other_len || family[len - other_len - 1] == '-');
}

bool is_substitute(struct str a, struct str b)
{
	const char *family = credential_family(a),
		   *other = credential_family(b);
	struct str owner, other_owner;

	if (str_eq(a, b))
		return false;
	if (family && other && are_of_one_service(family, other))
		return true;
	owner = owner_of(a);
	other_owner = owner_of(b);
	return owner.len && other_owner.len &&
	       (ends_with(owner, other_owner) || ends_with(other_owner, owner));
}

/* --- near names ----------------------------------------------------------- */

enum { LONGEST = 64 };

/* A name in capitals, without underscores. */
struct normalized {
	char at[LONGEST];
	size_t len, stem; /* stem: the length less the word for "key" */
};

static size_t stem_of(const struct normalized *p)
{
	static const char *const words[] = {"APIKEY",	   "APITOKEN",
					    "ACCESSTOKEN", "AUTHTOKEN",
					    "KEY",	   "TOKEN"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t len = strlen(words[i]);

		if (p->len > len &&
		    !memcmp(p->at + p->len - len, words[i], len))
			return p->len - len;
	}
	return p->len;
}

static struct normalized normalize(struct str name)
{
	struct normalized p = {.len = 0};

	for (size_t i = 0; i < name.len && p.len < LONGEST; i++) {
		char c = name.at[i];

		if (c == '_' || c == '-' || c == '.')
			continue;
		p.at[p.len++] =
			c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	p.stem = stem_of(&p);
	return p;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t min2 = a < b ? a : b;

	return min2 < c ? min2 : c;
}

/* How many letters were mistaken, left out, added or swapped. */
static size_t edit_distance(const struct normalized *a,
			    const struct normalized *b)
{
	size_t rows[3][LONGEST + 1];

	for (size_t j = 0; j <= b->len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a->len; i++) {
		size_t *now = rows[i % 3], *last = rows[(i + 2) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b->len; j++) {
			bool same = a->at[i - 1] == b->at[j - 1];

			now[j] = min3(last[j] + 1, now[j - 1] + 1,
				      last[j - 1] + !same);
			if (i > 1 && j > 1 && a->at[i - 1] == b->at[j - 2] &&
			    a->at[i - 2] == b->at[j - 1])
				now[j] = min3(now[j], SIZE_MAX,
					      rows[(i + 1) % 3][j - 2] + 1);
		}
	}
	return rows[a->len % 3][b->len];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* KEY_1 and KEY_2 are two keys: neither is a misspelling. */
static bool differ_in_digits(const struct normalized *a,
			     const struct normalized *b)
{
	size_t i = 0, j = 0;

	while (i < a->len || j < b->len) {
		while (i < a->len && is_digit(a->at[i]))
			i++;
		while (j < b->len && is_digit(b->at[j]))
			j++;
		if (i == a->len || j == b->len)
			break;
		if (a->at[i++] != b->at[j++])
			return false;
	}
	return i == a->len && j == b->len;
}

/* Short names lie close together by nature. */
static size_t max_distance(size_t stem, bool one_is_known)
{
	if (stem >= 9)
		return 2;
	return stem >= 5 || (stem == 4 && one_is_known);
}

bool has_value_in_name(struct str asked, struct str name)
{
	return asked.len > name.len && asked.at[name.len] == '=' &&
	       !memcmp(asked.at, name.at, name.len);
}

bool is_misspelling(struct str missing, struct str name)
{
	return !(credential_family(missing) && credential_family(name)) &&
	       is_near_spelling(missing, name);
}

bool is_near_spelling(struct str missing, struct str name)
{
	bool is_known = credential_family(missing) || credential_family(name);
	struct normalized a, b;
	size_t stem, allowed;

	if (str_eq(missing, name))
		return false;
	if (has_value_in_name(missing, name) ||
	    has_value_in_name(name, missing))
		return true;
	a = normalize(missing);
	b = normalize(name);
	stem = a.stem < b.stem ? a.stem : b.stem;
	if (a.len == b.len && !memcmp(a.at, b.at, a.len))
		return true;
	if (differ_in_digits(&a, &b))
		return false;
	if (a.stem == b.stem && stem >= 3 && a.stem < a.len && b.stem < b.len &&
	    !memcmp(a.at, b.at, stem))
		return true;
	allowed = max_distance(stem, is_known);
	if ((a.len > b.len ? a.len - b.len : b.len - a.len) > allowed)
		return false;
	return edit_distance(&a, &b) <= allowed;
}
