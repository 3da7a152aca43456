/* Heads of HTTP/1.x: what is read of them, in pieces of any size, and what of
 * other bytes. KEYTRAIL_FUZZ=N tries N random inputs. */
#include "recorder_host.h"

#include "recorder/http/credential.h"
#include "recorder/http/credential_encoding.h"
#include "recorder/http/error_code.h"
#include "recorder/http/head.h"
#include "recorder/http/message_begin.h"

#define KEY "sk-proj-0123456789abcdefghij"

static struct http_reader reader;
#define head (reader.head)

static enum http_progress read_all(const char *bytes, size_t n, size_t piece,
				   size_t *ret_used)
{
	enum http_progress progress = HTTP_MORE;
	size_t used;

	*ret_used = 0;
	http_reader_begin(&reader);
	while (n && progress == HTTP_MORE) {
		/* of its own, so that a sanitizer knows its end */
		size_t part = piece < n ? piece : n;
		char *copy = malloc(part);

		memcpy(copy, bytes, part);
		progress = http_read(&reader, copy, part, &used);
		free(copy);
		assert_true(used <= part);
		bytes += part, n -= part;
		*ret_used += used;
	}
	return progress;
}

static void must_read(const char *text)
{
	size_t used;

	assert_int_equal(read_all(text, strlen(text), strlen(text), &used),
			 HTTP_DONE);
	assert_int_equal(used, strlen(text));
}

static void request_with(const char *lines)
{
	char text[8192];

	snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%s\r\n", lines);
	must_read(text);
}

static void assert_credential(unsigned i, const char *header,
			      const char *scheme, const char *value)
{
	struct fingerprint wanted;

	assert_true(i < head.credential_count);
	assert_string_equal(head.credentials[i].header, header);
	assert_int_equal(!scheme, !head.credentials[i].scheme);
	if (scheme)
		assert_string_equal(head.credentials[i].scheme, scheme);
	secret_fingerprint(secret_of(value), globals->settings.key, &wanted);
	assert_int_equal(head.credentials[i].print.length, strlen(value));
	assert_memory_equal(head.credentials[i].print.fp, wanted.fp, 16);
}

static void a_request_has_method_host_port_and_path(void **state)
{
	(void)state;
	must_read("POST /v1/chat/completions?x=1#y HTTP/1.1\r\n"
		  "Host: api.openai.com:8443\r\nContent-Length: 12\r\n"
		  "Content-Type: application/json\r\n\r\n");
	assert_string_equal(head.method, "POST");
	assert_string_equal(head.host, "api.openai.com");
	assert_int_equal(head.port, 8443);
	assert_string_equal(head.path, "/v1/chat/completions");
	assert_int_equal(head.length, 12);
	assert_int_equal(head.credential_count, 0);
	assert_false(head.is_response);
}

static void a_target_may_name_the_host(void **state)
{
	(void)state;
	must_read("GET http://user:pass@a.example/x HTTP/1.1\r\n"
		  "Host: b.example\r\n\r\n");
	assert_string_equal(head.host, "a.example");
	assert_string_equal(head.path, "/x");
	must_read("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n\r\n");
	assert_string_equal(head.host, "[2001:db8::1]");
	assert_int_equal(head.port, 443);
	must_read("GET / HTTP/1.0\nHost: c.example\n\n");
	assert_string_equal(head.host, "c.example");
	must_read("GET / HTTP/1.1\r\nHost: d:99999\r\n\r\n");
	assert_int_equal(head.port, 0);
}

static void ids_are_cut_from_a_path(void **state)
{
	static const char *const paths[][2] = {
		{"/users/12345/keys", "/users/*/keys"},
		{"/v1/models/gpt-4o-mini", "/v1/models/gpt-4o-mini"},
		{"/x/3f2b8c1e-1111-4222-8333-444455556666", "/x/*"},
		{"/bot123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/send",
		 "/*/send"},
		{"/a%20b/c@d", "/*/*"},
		{"//", "//"},
		{"*", ""},
		{"/" KEY, "/*"},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		snprintf(text, sizeof text, "OPTIONS %s HTTP/1.1\r\n\r\n",
			 paths[i][0]);
		must_read(text);
		assert_string_equal(head.path, paths[i][1]);
	}
}

static void a_credential_is_in_a_header(void **state)
{
	(void)state;
	request_with("Authorization: Bearer " KEY "\r\n"
		     "X-Api-Key:" KEY "\r\napi-key:  a \r\n"
		     "Cookie: session=" KEY "\r\n");
	assert_int_equal(head.credential_count, 3);
	assert_credential(0, "authorization", "Bearer", KEY);
	assert_credential(1, "x-api-key", NULL, KEY);
	assert_credential(2, "api-key", NULL, "a ");
	assert_true(head.credentials[2].print.is & KT_IS_BLANK);
}

static void each_provider_s_header_is_known(void **state)
{
	static const char *const names[] = {
		"Authorization", "Proxy-Authorization", "X-API-Key", "api-key",
		"x-goog-api-key", "xi-api-key", "X-Vault-Token",
		"PRIVATE-TOKEN", "Ocp-Apim-Subscription-Key", "DD-API-KEY",
		"X-Client-Secret", "X-Honeycomb-Team", "Circle-Token",
	};
	char lines[128];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(lines, sizeof lines, "%s: abc\r\n", names[i]);
		request_with(lines);
		assert_int_equal(head.credential_count, 1);
	}
	request_with("Accept: a\r\nConnection: keep-alive\r\nX-Csrf-Token: b\r\n"
		     "User-Agent: c\r\n");
	assert_int_equal(head.credential_count, 0);
}

static void a_scheme_is_one_of_the_known(void **state)
{
	(void)state;
	request_with("authorization: bearer undefined\r\n");
	assert_credential(0, "authorization", "Bearer", "undefined");
	assert_true(head.credentials[0].print.is & KT_IS_LITERAL);
	request_with("authorization: " KEY " x\r\n");
	assert_credential(0, "authorization", NULL, KEY " x");
	request_with("authorization: Bearer\r\n");
	assert_credential(0, "authorization", "Bearer", "");
	request_with("authorization: Bearer \"" KEY "\"\r\n");
	assert_true(head.credentials[0].print.is & KT_IS_QUOTED);
	request_with("authorization: Digest username=\"x\"\r\n");
	assert_int_equal(head.credential_count, 0);
}

static void a_part_of_a_value_is_the_credential(void **state)
{
	(void)state;
	request_with("authorization: Basic dXNlcjpzZWNyZXQ=\r\n");
	assert_credential(0, "authorization", "Basic", "secret");
	request_with("authorization: Basic c2tfbGl2ZV94Og==\r\n");
	assert_credential(0, "authorization", "Basic", "sk_live_x");
	request_with("authorization: Basic not base64\r\n");
	assert_credential(0, "authorization", "Basic", "not base64");
	request_with("authorization: AWS4-HMAC-SHA256 "
		     "Credential=AKIAX/2026/us/s3/aws4_request, "
		     "SignedHeaders=host, Signature=ab\r\n");
	assert_credential(0, "authorization", "AWS4-HMAC-SHA256", "AKIAX");
}

static void a_credential_may_be_in_the_query(void **state)
{
	(void)state;
	must_read("GET /x?a=1&key=AIza%2Bx+y&token HTTP/1.1\r\n\r\n");
	assert_int_equal(head.credential_count, 1);
	assert_credential(0, "query:key", NULL, "AIza+x y");
	must_read("GET /x?X-Amz-Credential=AKIA%2F2026%2Fx HTTP/1.1\r\n\r\n");
	assert_credential(0, "query:x-amz-credential", NULL, "AKIA");
	must_read("GET /x?& HTTP/1.1\r\n\r\n");
	assert_int_equal(head.credential_count, 0);
}

static void only_so_many_credentials_are_kept(void **state)
{
	(void)state;
	request_with("x-api-key: 1\r\nx-api-key: 2\r\nx-api-key: 3\r\n"
		     "x-api-key: 4\r\nx-api-key: 5\r\n");
	assert_int_equal(head.credential_count, HTTP_CREDENTIALS);
}

static void a_response_has_status_and_scheme(void **state)
{
	(void)state;
	must_read("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic "
		  "realm=\"x\"\r\nContent-Type: application/problem+json\r\n"
		  "Transfer-Encoding: gzip, chunked\r\n"
		  "Content-Encoding: gzip\r\n\r\n");
	assert_true(head.is_response && head.is_json && head.is_chunked &&
		    head.is_encoded);
	assert_int_equal(head.status, 401);
	assert_string_equal(head.scheme, "Basic");
	must_read("HTTP/1.1 200\r\n\r\n");
	must_read("HTTP/1.0 403 \r\nWWW-Authenticate: " KEY "\r\n\r\n");
	assert_null(head.scheme);
}

static void what_is_no_message_is_refused_at_once(void **state)
{
	static const char *const bad[] = {
		"GETX / HTTP/1.1\r\n\r\n",   "GET /\r\n\r\n",
		"GET / HTTP/2.0\r\n\r\n",    "GET  HTTP/1.1\r\n\r\n",
		"HTTP/1.1 99 x\r\n\r\n",     "HTTP/1.1 600 x\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",  "HTTP/2 200\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\n",    "\x16\x03\x01\x02",
		"P\xff",		     "get / HTTP/1.1\r\n\r\n",
		"GET / x HTTP/1.1\r\n\r\n", "\r\n\r\n",
	};
	size_t used;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		for (size_t piece = 1; piece < 3; piece++)
			assert_int_equal(read_all(bad[i], strlen(bad[i]), piece,
						  &used),
					 HTTP_REFUSED);
}

static void pieces_of_any_size_give_the_same_head(void **state)
{
	static const char text[] =
		"POST /v1/x?key=abc HTTP/1.1\r\nHost: a.example\r\n"
		"Authorization: Bearer " KEY "\r\nContent-Length: 4\r\n\r\nbody";
	struct http_head whole;
	size_t used;

	(void)state;
	read_all(text, sizeof text - 1, sizeof text, &used);
	whole = head;
	for (size_t piece = 1; piece < sizeof text; piece++) {
		assert_int_equal(read_all(text, sizeof text - 1, piece, &used),
				 HTTP_DONE);
		assert_int_equal(used, sizeof text - 1 - 4);
		assert_memory_equal(&head, &whole, sizeof whole);
	}
}

static void no_value_stays_in_the_reader(void **state)
{
	size_t used;

	(void)state;
	request_with("Authorization: Bearer " KEY "\r\n");
	assert_null(memmem(&reader, sizeof reader, KEY, 10));
	read_all("GET /" KEY, 5 + strlen(KEY), 3, &used);
	read_all("GET /?key=" KEY " x\r\n", 14 + strlen(KEY), 1, &used);
	assert_null(memmem(&reader, sizeof reader, KEY, 10));
}

static void a_line_without_end_is_cut(void **state)
{
	static char text[3 << 20];
	size_t n = (size_t)sprintf(text, "GET / HTTP/1.1\r\nauthorization: ");
	size_t used;

	(void)state;
	memset(text + n, 'x', 10000);
	n += 10000;
	n += (size_t)sprintf(text + n, "\r\nx-api-key: a\r\n\r\n");
	assert_int_equal(read_all(text, n, 1000, &used), HTTP_DONE);
	assert_int_equal(head.credential_count, 1);
	memset(text, 'x', sizeof text);
	memcpy(text, "GET / HTTP/1.1\r\nx:", 18);
	assert_int_equal(read_all(text, sizeof text, 4096, &used),
			 HTTP_REFUSED);
	memcpy(text, "GET /", 5);
	memset(text + 5, 'x', 20000);
	memcpy(text + 20000, " HTTP/1.1\r\n\r\n", 13);
	assert_int_equal(read_all(text, 20013, 512, &used), HTTP_DONE);
}

static void percent_and_base64_are_undone_within_the_text(void **state)
{
	char text[] = "%41%4%zz%";

	(void)state;
	assert_int_equal(http_decode_percent(text, 9), 7);
	assert_string_equal(text, "A%4%zz%");
	assert_int_equal(http_decode_base64(strcpy(text, "QQ=="), 4), 1);
	assert_string_equal(text, "A");
	assert_int_equal(http_decode_base64(strcpy(text, "Q*=="), 4), 0);
	assert_string_equal(text, "Q*==");
}

static const char *code_of(const char *body, size_t piece)
{
	struct error_code_search s;

	error_code_begin(&s);
	for (size_t n = strlen(body), i = 0; i < n; i += piece)
		error_code_read(&s, body + i, n - i < piece ? n - i : piece);
	return error_code_found(&s);
}

static void an_error_code_is_a_word_of_the_list(void **state)
{
	static const char openai[] =
		"{\"error\":{\"message\":\"a \\\"quoted\\\" invalid_api_key\","
		"\"type\":\"invalid_request_error\",\"code\":"
		"\"invalid_api_key\"}}";

	(void)state;
	for (size_t piece = 1; piece < 40; piece++)
		assert_string_equal(code_of(openai, piece), "invalid_api_key");
	assert_string_equal(code_of("{\"type\": \"authentication_error\"}", 99),
			    "authentication_error");
	assert_null(code_of("{\"message\":\"invalid_api_key \"}", 99));
	assert_null(code_of("{\"a\":\"" KEY KEY KEY "\"}", 3));
}

static void an_error_code_is_searched_in_the_beginning_only(void **state)
{
	static char body[8000];

	(void)state;
	memset(body, ' ', sizeof body - 1);
	memcpy(body + ERROR_CODE_BYTES - 5, "\"invalid_api_key\"", 17);
	assert_null(code_of(body, 1000));
	memcpy(body + ERROR_CODE_BYTES - 17, "\"invalid_api_key\"", 17);
	assert_string_equal(code_of(body, 1000), "invalid_api_key");
}

/* ---- random input -------------------------------------------------------- */

static uint64_t random_state = 88172645463325252u;

static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	return random_state ^= random_state << 17;
}

/* Pieces of messages, and random bytes among them. */
static size_t random_message(char *to, size_t room)
{
	static const char *const parts[] = {
		"GET ",	 "POST ", "CONNECT ",	" HTTP/1.1\r\n", "HTTP/1.1 ",
		"401 x", "\r\n",  "\r\n\r\n",	"Host: ",	 "a:80",
		"http://", "@",	  "[::1]",	"?key=",	 "&token=%4",
		"authorization: ", "Basic ", "QUJDOmRlZg==", "Bearer ",
		"AWS4-HMAC-SHA256 Credential=", "content-length: ",
		"99999999999999999999", "\"invalid_api_key\"", "/", "x-api-key:",
		"www-authenticate: ", "%", "\n", ":", " ", "X-Amz-Credential=/",
	};
	size_t n = 0;

	for (uint64_t count = random_number() % 24; count--;) {
		const char *part = parts[random_number() %
					 (sizeof parts / sizeof *parts)];

		if (n + 40 > room)
			break;
		if (random_number() % 6)
			n += (size_t)sprintf(to + n, "%s", part);
		else
			to[n++] = (char)random_number();
	}
	return n;
}

static void random_bytes_do_no_harm(void **state)
{
	const char *told = getenv("KEYTRAIL_FUZZ");
	unsigned long inputs = told ? strtoul(told, NULL, 10) : 20000;
	char text[1024];
	size_t used;

	(void)state;
	if (told)
		random_state ^= (uint64_t)getpid() << 32;
	for (unsigned long i = 0; i < inputs; i++) {
		size_t n = random_message(text, sizeof text);

		read_all(text, n, 1 + random_number() % 64, &used);
		assert_true(used <= n);
		assert_true(head.credential_count <= HTTP_CREDENTIALS);
		text[n] = '\0';
		code_of(text, 1 + random_number() % 16);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(a_request_has_method_host_port_and_path),
		HOST_TEST(a_target_may_name_the_host),
		HOST_TEST(ids_are_cut_from_a_path),
		HOST_TEST(a_credential_is_in_a_header),
		HOST_TEST(each_provider_s_header_is_known),
		HOST_TEST(a_scheme_is_one_of_the_known),
		HOST_TEST(a_part_of_a_value_is_the_credential),
		HOST_TEST(a_credential_may_be_in_the_query),
		HOST_TEST(only_so_many_credentials_are_kept),
		HOST_TEST(a_response_has_status_and_scheme),
		HOST_TEST(what_is_no_message_is_refused_at_once),
		HOST_TEST(pieces_of_any_size_give_the_same_head),
		HOST_TEST(no_value_stays_in_the_reader),
		HOST_TEST(a_line_without_end_is_cut),
		HOST_TEST(percent_and_base64_are_undone_within_the_text),
		HOST_TEST(an_error_code_is_a_word_of_the_list),
		HOST_TEST(an_error_code_is_searched_in_the_beginning_only),
		HOST_TEST(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
