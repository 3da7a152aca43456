/* Requests and answers on a connection: which answer belongs to which request,
 * where a body ends, and descriptors that are another connection by now.
 * KEYTRAIL_FUZZ=N tries N random streams. */
#include "recorder_host.h"

#include <sys/socket.h>

#include "recorder/http/http.h"
#include "recorder/trace/segment_file.h"

static struct http_channel channel(uintptr_t key)
{
	return (struct http_channel){
		.key = key, .fd = -1, .call = {.fn = "send"}};
}

static void send_text(uintptr_t key, const char *text)
{
	struct http_channel c = channel(key);

	http_sent(&c, text, strlen(text));
}

static void receive(uintptr_t key, const char *text)
{
	struct http_channel c = channel(key);

	http_received(&c, text, strlen(text));
}

static void begin(void)
{
	globals->life.born = 1;
	segment_open();
	http_start();
	should(http_is_on());
}

static const char *trace(void)
{
	return host_get(host_file("jsonl"));
}

static bool has(const char *what)
{
	return strstr(trace(), what);
}

/* ---- stories ------------------------------------------------------------- */

static void answers_in_order(void)
{
	begin();
	send_text(3,
		  "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: "
		  "x\r\n\r\n");
	send_text(3, "HEAD /c HTTP/1.1\r\nHost: x\r\n\r\n");
	receive(3, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 404 "
		   "no\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"
		   "Content-Length: 100\r\n\r\n");
	send_text(3, "GET /d HTTP/1.1\r\nHost: x\r\n\r\n");
	receive(3, "HTTP/1.1 503 no\r\nContent-Length: 0\r\n\r\n");
	should(has("\"request\":1,\"status\":200"));
	should(has("\"request\":2,\"status\":404"));
	should(has("\"request\":3,\"status\":200"));
	should(has("\"request\":4,\"status\":503"));
}

static void each_answer_belongs_to_the_oldest_request(void **state)
{
	(void)state;
	host_lives(answers_in_order);
}

static void interim_answers(void)
{
	begin();
	send_text(3, "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
		     "Content-Length: 2\r\n\r\n");
	receive(3, "HTTP/1.1 100 Continue\r\n\r\n");
	send_text(3, "{}");
	receive(3, "HTTP/1.1 401 no\r\nContent-Type: application/json\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n");
	receive(3, "30\r\n{\"error\":{\"code\":\"invalid_");
	receive(3, "api_key\"}}\r\n0\r\n\r\n");
	should(!has("\"status\":100"));
	should(has("\"status\":401}"));
	should(has("\"status\":401,\"code\":\"invalid_api_key\"}"));
}

static void an_interim_answer_is_none(void **state)
{
	(void)state;
	host_lives(interim_answers);
}

static void a_body_like_a_head(void)
{
	begin();
	send_text(3, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 37\r\n\r\n"
		     "GET /in-body HTTP/1.1\r\nHost: evil\r\n\r\n"
		     "GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
	receive(3, "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n"
		   "HTTP/1.1 500 no\r\n\r\n");
	receive(3, "HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n");
	should(!has("/in-body") && !has("\"status\":500"));
	should(has("\"path\":\"/b\""));
	should(has("\"request\":2,\"status\":404"));
}

static void a_body_is_passed_over(void **state)
{
	(void)state;
	host_lives(a_body_like_a_head);
}

static void another_connection(void)
{
	begin();
	send_text(
		3,
		"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n");
	send_text(3, "GET /b HTTP/1.1\r\nHost: y\r\n\r\n");
	should(has("\"path\":\"/b\""));
	receive(9, "GET /in HTTP/1.1\r\nHost: us\r\n\r\n");
	should(has("\"path\":\"/in\",\"incoming\":true"));
	send_text(9, "HTTP/1.1 200 OK\r\n\r\n");
	should(!has("\"status\":200"));
}

static void a_key_may_be_another_connection_by_now(void **state)
{
	(void)state;
	host_lives(another_connection);
}

static void many_without_answer(void)
{
	begin();
	for (int i = 0; i < 6; i++)
		send_text(3, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	for (int i = 0; i < 6; i++)
		receive(3, "HTTP/1.1 204 OK\r\n\r\n");
	should(host_count(trace(), "\"e\":\"response\"") <= 2);
	for (uintptr_t key = 100; key < 5100; key++)
		send_text(key, "GET /a HT");
	send_text(7, "GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
	should(host_lines(trace()) < 40);
}

static void what_finds_no_place_is_left(void **state)
{
	(void)state;
	host_lives(many_without_answer);
}

static void after_an_upgrade(void)
{
	begin();
	send_text(3,
		  "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n");
	receive(3, "HTTP/1.1 101 Switching\r\n\r\n\x81\x05GET /");
	send_text(3, "\x81\x05 GET /x HTTP/1.1\r\n\r\n");
	receive(3, "HTTP/1.1 is no head here");
	should(host_count(trace(), "\"e\":\"request\"") == 1);
	should(has("\"request\":1,\"status\":101"));
}

static void frames_of_a_websocket_are_passed_over(void **state)
{
	(void)state;
	host_lives(after_an_upgrade);
}

/* ---- random streams ------------------------------------------------------ */

static uint64_t random_state = 88172645463325252u;

static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	return random_state ^= random_state << 17;
}

static size_t random_piece(char *to)
{
	static const char *const parts[] = {
		"GET /a HTTP/1.1\r\n",
		"POST / HTTP/1.1\r\n",
		"HEAD ",
		"HTTP/1.1 401 x\r\n",
		"HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 101 x\r\n\r\n",
		"Host: a\r\n",
		"\r\n",
		"\r\n\r\n",
		"content-length: 7\r\n",
		"content-length: 99999999999\r\n",
		"transfer-encoding: chunked\r\n",
		"authorization: Bearer abc\r\n",
		"content-type: application/json\r\n\r\n",
		"\"invalid_api_key\"",
		"H",
		"P",
		"x",
		"CONNECT a:1 HTTP/1.1\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\n",
		"\x16\3\1 \1\1",
	};
	size_t n = 0;

	for (uint64_t count = random_number() % 6; count--;) {
		const char *part =
			parts[random_number() % (sizeof parts / sizeof *parts)];

		n += (size_t)sprintf(to + n, "%s", part);
		if (random_number() % 8 == 0)
			to[n++] = (char)random_number();
	}
	return n && random_number() % 4 == 0 ? 1 + random_number() % n : n;
}

static void random_streams(void)
{
	const char *told = getenv("KEYTRAIL_FUZZ");
	unsigned long pieces = told ? strtoul(told, NULL, 10) : 20000;
	char text[512];

	begin();
	if (told)
		random_state ^= (uint64_t)getpid() << 32;
	for (unsigned long i = 0; i < pieces; i++) {
		struct http_channel c = channel(1 + random_number() % 40);
		size_t n = random_piece(text);
		char *copy = malloc(n + !n);

		memcpy(copy, text, n);
		if (random_number() % 2)
			http_sent(&c, copy, n);
		else
			http_received(&c, copy, n);
		free(copy);
	}
	should(host_lines(trace()) > 2);
}

/* ---- what cannot be read ------------------------------------------------- */

/* A ClientHello less what nobody looks at, which offers these protocols. */
static size_t hello(char *to, const char *protocols, size_t n)
{
	memset(to, 0, 80);
	memcpy(to, "\x16\3\1\0\x60\1", 6);
	to[61] = 16;
	to[63] = (char)(n + 2);
	to[65] = (char)n;
	memcpy(to + 66, protocols, n);
	return 66 + n + 9;
}

static void send_hello(int fd, const char *protocols)
{
	struct http_channel c = {
		.key = (uintptr_t)fd * 2 + 1, .fd = fd, .call = {.fn = "send"}};
	char bytes[128];
	size_t n = hello(bytes, protocols, strlen(protocols));

	for (size_t cut = 0; cut < n; cut++) {
		char *copy = malloc(cut + 1);

		memcpy(copy, bytes, cut);
		if (cut < 66 + strlen(protocols))
			http_sent(&c, copy, cut);
		free(copy);
	}
	http_sent(&c, bytes, n);
}

static int connection(void)
{
	int ends[2];

	should(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	return ends[0];
}

static void prefaces(void)
{
	begin();
	send_text(3, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n and more");
	receive(5, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	send_text(7, "PRI * HTTP/1.0\r\n\r\n");
	send_text(9, "PRIMES");
	should(host_lines(trace()) == 3);
	should(has("\"what\":\"http2\""));
	should(has("\"what\":\"http2\",\"incoming\":true"));
}

static void a_connection_of_http2_is_told(void **state)
{
	(void)state;
	host_lives(prefaces);
}

static void hellos(void)
{
	int fd = connection();

	begin();
	send_hello(fd, "");
	send_hello(fd, "\4smtp\5other");
	send_hello(fd, "\xffhttp/1.1");
	should(!has("unseen"));
	send_hello(fd, "\2h2\10http/1.1");
	should(has("\"what\":\"tls\""));
	send_hello(fd, "\2h2");
	should(!has("http2"));
}

static void a_client_inside_tls_is_told(void **state)
{
	(void)state;
	host_lives(hellos);
}

static void hellos_of_node(void)
{
	int fd = connection();

	begin();
	http_is_told_of(true, false);
	send_hello(fd, "\10http/1.1\2h2");
	should(!has("unseen"));
	send_hello(fd, "\2h2");
	should(has("\"what\":\"http2\""));
}

static void requests_that_are_told_all_the_same_are_not_unseen(void **state)
{
	(void)state;
	host_lives(hellos_of_node);
}

static void random_streams_do_no_harm(void **state)
{
	(void)state;
	host_lives(random_streams);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(each_answer_belongs_to_the_oldest_request),
		HOST_TEST(an_interim_answer_is_none),
		HOST_TEST(a_body_is_passed_over),
		HOST_TEST(a_key_may_be_another_connection_by_now),
		HOST_TEST(what_finds_no_place_is_left),
		HOST_TEST(frames_of_a_websocket_are_passed_over),
		HOST_TEST(a_connection_of_http2_is_told),
		HOST_TEST(a_client_inside_tls_is_told),
		HOST_TEST(requests_that_are_told_all_the_same_are_not_unseen),
		HOST_TEST(random_streams_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
