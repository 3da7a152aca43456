/* GnuTLS: what libssl.c does for libssl. For wget, git and others of Debian. */
#include <sys/types.h>

#include "recorder/http_hooks/scope_real.h"
#include "recorder/http_hooks/tls_channel.h"
#include "recorder/recorder.h"

enum { INVALID_SESSION = -10 }; /* GNUTLS_E_INVALID_SESSION */

ssize_t gnutls_record_send(void *session, const void *bytes, size_t n);
ssize_t gnutls_record_recv(void *session, void *bytes, size_t n);

EXPORT ssize_t gnutls_record_send(void *session, const void *bytes, size_t n)
{
	ssize_t sent = SCOPE_REAL(gnutls_record_send, INVALID_SESSION, session,
				  bytes, n);
	struct http_channel channel =
		tls_channel(session, "gnutls_record_send", CALLER);

	/* Without bytes a call goes on with those of the call before. */
	if (sent > 0 && bytes)
		http_sent(&channel, bytes, (size_t)sent);
	return sent;
}

EXPORT ssize_t gnutls_record_recv(void *session, void *bytes, size_t n)
{
	ssize_t got = SCOPE_REAL(gnutls_record_recv, INVALID_SESSION, session,
				 bytes, n);
	struct http_channel channel =
		tls_channel(session, "gnutls_record_recv", CALLER);

	if (got > 0)
		http_received(&channel, bytes, (size_t)got);
	return got;
}
