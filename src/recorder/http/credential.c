#include "recorder/http/credential.h"

#include "recorder/http/credential_encoding.h"
#include "recorder/http/sent_prints.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/classify_text.h"

static const char headers[][26] = {
	"authorization",
	"proxy-authorization",
	"x-api-key",
	"api-key",
	"apikey",
	"x-apikey",
	"x-goog-api-key",
	"xi-api-key",
	"x-auth-token",
	"x-access-token",
	"x-vault-token",
	"private-token",
	"x-gitlab-token",
	"x-github-token",
	"x-functions-key",
	"x-subscription-token",
	"ocp-apim-subscription-key",
	"x-rapidapi-key",
	"dd-api-key",
	"dd-application-key",
	"x-figma-token",
	"x-shopify-access-token",
	"x-api-token",
	"api-token",
	"access-token",
	"circle-token",
	"x-square-access-token",
	"x-honeycomb-team",
	"x-postmark-server-token",
	"x-tenant-key",
	"x-auth-key",
	"x-client-secret",
	"x-newrelic-key",
};

static const char parameters[] =
	"key|api_key|apikey|api-key|access_token|access-token|token|"
	"auth_token|subscription-key|appid|app_key|client_secret|secret|"
	"x-amz-credential|private_token|auth|apitoken|api_token|accesskey|"
	"access_key|app_id";

static const char schemes[] = "Bearer\0"
			      "Basic\0"
			      "Token\0"
			      "ApiKey\0"
			      "Api-Key\0"
			      "Key\0"
			      "Bot\0"
			      "OAuth\0"
			      "GenieKey\0"
			      "Digest\0"
			      "Negotiate\0"
			      "NTLM\0"
			      "AWS4-HMAC-SHA256\0"
			      "DeepL-Auth-Key\0"
			      "SSWS\0"
			      "Client-ID\0"
			      "SharedKey\0"
			      "Splunk\0";

static bool is_same(const char *s, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (!word[i] || lower(s[i]) != lower(word[i]))
			return false;
	return !word[n];
}

const char *http_scheme(const char *s, size_t n)
{
	for (const char *word = schemes; *word; word += str_length(word) + 1)
		if (is_same(s, n, word))
			return word;
	return NULL;
}

/* The answer to a challenge differs each time, and holds no key. */
static bool is_answer(const char *scheme)
{
	return str_equal(scheme, "Digest") || str_equal(scheme, "NTLM") ||
	       str_equal(scheme, "Negotiate") || str_equal(scheme, "SharedKey");
}

/* Of USER:PASSWORD the password, or the user where no password follows. */
static char *of_basic(char *value, size_t n)
{
	size_t length = http_decode_base64(value, n);
	const char *colon = str_find_char(value, ':');

	if (!length || !colon)
		return value;
	if (colon[1])
		return value + (colon - value) + 1;
	value[colon - value] = '\0';
	return value;
}

/* Credential=ID/DATE/REGION/...: the id of the key. */
static char *of_aws(char *value, size_t n)
{
	static const char word[] = "Credential=";
	size_t from = 0, end;

	while (from + sizeof word < n &&
	       !bytes_equal(value + from, word, sizeof word - 1))
		from++;
	if (from + sizeof word >= n)
		return value;
	from += sizeof word - 1;
	end = from + length_to(value + from, n - from, "/,");
	value[end] = '\0';
	return value + from;
}

static void add(struct http_head *h, const char *before, const char *name,
		size_t n, const char *scheme, const char *value)
{
	struct http_credential *c = &h->credentials[h->credential_count];
	size_t at = str_length(before);

	if (h->credential_count == HTTP_CREDENTIALS ||
	    at + n >= sizeof c->header)
		return;
	h->credential_count++;
	__builtin_memcpy(c->header, before, at);
	for (size_t i = 0; i < n; i++)
		c->header[at + i] = lower(name[i]);
	c->header[at + n] = '\0';
	c->scheme = scheme;
	sent_fingerprint(secret_of(value), &c->print);
}

/* SCHEME VALUE; without a known scheme the whole is the credential. */
static void add_authorization(struct http_head *h, const char *name, size_t n,
			      char *value, size_t length)
{
	size_t word = length_to(value, length, " ");
	const char *scheme = http_scheme(value, word);
	char *rest = value + word + (word < length);

	if (!scheme) {
		add(h, "", name, n, NULL, value);
		return;
	}
	if (is_answer(scheme))
		return;
	length -= (size_t)(rest - value);
	if (str_equal(scheme, "Basic"))
		rest = of_basic(rest, length);
	else if (str_equal(scheme, "AWS4-HMAC-SHA256"))
		rest = of_aws(rest, length);
	add(h, "", name, n, scheme, rest);
}

static bool is_of_credential(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		if (*headers[i] == lower(*name) && is_same(name, n, headers[i]))
			return true;
	return false;
}

void http_credential(struct http_head *h, const char *name, size_t n,
		     char *value, size_t length)
{
	if (!is_of_credential(name, n))
		return;
	if (is_one_of("authorization|proxy-authorization", name, n))
		add_authorization(h, name, n, value, length);
	else
		add(h, "", name, n, NULL, value);
}

static void add_parameter(struct http_head *h, char *at, size_t n)
{
	size_t name = length_to(at, n, "=");
	char *value = at + name + 1;

	if (name >= n || !is_one_of(parameters, at, name))
		return;
	http_decode_percent(value, n - name - 1);
	if (is_one_of("x-amz-credential", at, name))
		value[length_to(value, str_length(value), "/")] = '\0';
	add(h, "query:", at, name, NULL, value);
}

void http_query(struct http_head *h, char *query, size_t n)
{
	size_t length;

	for (;; query += length + 1, n -= length + 1) {
		length = length_to(query, n, "&");
		query[length] = '\0'; /* the text ends behind n at the latest */
		add_parameter(h, query, length);
		if (length >= n)
			return;
	}
}
