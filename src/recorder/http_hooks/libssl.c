/* libssl's functions for the bytes inside TLS. The program and its libraries
 * call these by name, also where libssl was loaded later: the loader looks into
 * a preloaded library first. */
#include "recorder/http_hooks/scope_real.h"
#include "recorder/http_hooks/tls_channel.h"
#include "recorder/lib/str.h"
#include "recorder/recorder.h"

int SSL_read(void *ssl, void *bytes, int n);
int SSL_write(void *ssl, const void *bytes, int n);
int SSL_read_ex(void *ssl, void *bytes, size_t n, size_t *ret);
int SSL_write_ex(void *ssl, const void *bytes, size_t n, size_t *ret);

static void on_sent(const void *ssl, const void *bytes, size_t n,
		    const char *fn, const void *caller)
{
	struct http_channel channel = tls_channel(ssl, fn, caller);

	http_sent(&channel, bytes, n);
}

static void on_received(const void *ssl, const void *bytes, size_t n,
			const char *fn, const void *caller)
{
	struct http_channel channel = tls_channel(ssl, fn, caller);

	http_received(&channel, bytes, n);
}

EXPORT int SSL_write(void *ssl, const void *bytes, int n)
{
	int sent = SCOPE_REAL(SSL_write, 0, ssl, bytes, n);

	if (sent > 0)
		on_sent(ssl, bytes, (size_t)sent, "SSL_write", CALLER);
	return sent;
}

EXPORT int SSL_write_ex(void *ssl, const void *bytes, size_t n, size_t *ret)
{
	int result = SCOPE_REAL(SSL_write_ex, 0, ssl, bytes, n, ret);

	if (result > 0 && maybe_null(ret))
		on_sent(ssl, bytes, *ret, "SSL_write_ex", CALLER);
	return result;
}

EXPORT int SSL_read(void *ssl, void *bytes, int n)
{
	int got = SCOPE_REAL(SSL_read, 0, ssl, bytes, n);

	if (got > 0)
		on_received(ssl, bytes, (size_t)got, "SSL_read", CALLER);
	return got;
}

EXPORT int SSL_read_ex(void *ssl, void *bytes, size_t n, size_t *ret)
{
	int result = SCOPE_REAL(SSL_read_ex, 0, ssl, bytes, n, ret);

	if (result > 0 && maybe_null(ret))
		on_received(ssl, bytes, *ret, "SSL_read_ex", CALLER);
	return result;
}
