/* read and write on sockets, and their families. A call costs a look at the
 * first bytes, unless its descriptor is a connection of HTTP. */
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "recorder/http/http.h"
#include "recorder/http_hooks/libc_real.h"
#include "recorder/lib/str.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/http_place.h"

extern ssize_t __read_chk(int fd, void *at, size_t n, size_t room);
extern ssize_t __recv_chk(int fd, void *at, size_t n, size_t room, int flags);
extern ssize_t __recvfrom_chk(int fd, void *restrict at, size_t n, size_t room,
			      int flags, struct sockaddr *restrict from,
			      socklen_t *restrict size);

static struct http_channel channel_of(int fd, const char *fn,
				      const void *caller)
{
	return (struct http_channel){
		.key = (uintptr_t)(unsigned)fd * 2 + 1, /* no address of TLS */
		.fd = fd,
		.call = {fn, caller, false, http_find_place}};
}

static bool is_met(ssize_t n)
{
	return n > 0 && http_is_on();
}

typedef void on_bytes(const struct http_channel *, const char *, size_t);

static void on_parts(on_bytes *meet, int fd, const struct iovec *parts,
		     size_t count, ssize_t n, const char *fn,
		     const void *caller)
{
	struct http_channel channel = channel_of(fd, fn, caller);
	size_t left = is_met(n) ? (size_t)n : 0;

	for (size_t i = 0; i < count && left; i++) {
		size_t part = parts[i].iov_len < left ? parts[i].iov_len : left;

		meet(&channel, parts[i].iov_base, part);
		left -= part;
	}
}

static void on_sent(int fd, const void *bytes, ssize_t n, const char *fn,
		    const void *caller)
{
	struct http_channel channel = channel_of(fd, fn, caller);

	if (is_met(n))
		http_sent(&channel, bytes, (size_t)n);
}

/* Bytes that a call only looks at are received again. */
static void on_received(int fd, const void *bytes, ssize_t n, int flags,
			const char *fn, const void *caller)
{
	struct http_channel channel = channel_of(fd, fn, caller);

	if (is_met(n) && !(flags & (MSG_PEEK | MSG_OOB)))
		http_received(&channel, bytes, (size_t)n);
}

/* ---- sending ------------------------------------------------------------- */

EXPORT ssize_t write(int fd, const void *bytes, size_t n)
{
	ssize_t sent = LIBC(write, fd, bytes, n);

	on_sent(fd, bytes, sent, "write", CALLER);
	return sent;
}

EXPORT ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
	ssize_t sent = LIBC(send, fd, bytes, n, flags);

	on_sent(fd, bytes, sent, "send", CALLER);
	return sent;
}

EXPORT ssize_t sendto(int fd, const void *bytes, size_t n, int flags,
		      const struct sockaddr *to, socklen_t size)
{
	ssize_t sent = LIBC(sendto, fd, bytes, n, flags, to, size);

	on_sent(fd, bytes, sent, "sendto", CALLER);
	return sent;
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
	ssize_t sent = LIBC(writev, fd, parts, count);

	on_parts(http_sent, fd, parts, (size_t)count, sent, "writev", CALLER);
	return sent;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t sent = LIBC(sendmsg, fd, message, flags);

	on_parts(http_sent, fd, message->msg_iov, message->msg_iovlen, sent,
		 "sendmsg", CALLER);
	return sent;
}

/* ---- receiving ----------------------------------------------------------- */

EXPORT ssize_t read(int fd, void *bytes, size_t n)
{
	ssize_t got = LIBC(read, fd, bytes, n);

	on_received(fd, bytes, got, 0, "read", CALLER);
	return got;
}

EXPORT ssize_t __read_chk(int fd, void *bytes, size_t n, size_t room)
{
	ssize_t got = LIBC(__read_chk, fd, bytes, n, room);

	on_received(fd, bytes, got, 0, "read", CALLER);
	return got;
}

EXPORT ssize_t recv(int fd, void *bytes, size_t n, int flags)
{
	ssize_t got = LIBC(recv, fd, bytes, n, flags);

	on_received(fd, bytes, got, flags, "recv", CALLER);
	return got;
}

EXPORT ssize_t __recv_chk(int fd, void *bytes, size_t n, size_t room, int flags)
{
	ssize_t got = LIBC(__recv_chk, fd, bytes, n, room, flags);

	on_received(fd, bytes, got, flags, "recv", CALLER);
	return got;
}

EXPORT ssize_t recvfrom(int fd, void *restrict bytes, size_t n, int flags,
			struct sockaddr *restrict from,
			socklen_t *restrict size)
{
	ssize_t got = LIBC(recvfrom, fd, bytes, n, flags, from, size);

	on_received(fd, bytes, got, flags, "recvfrom", CALLER);
	return got;
}

EXPORT ssize_t __recvfrom_chk(int fd, void *restrict bytes, size_t n,
			      size_t room, int flags,
			      struct sockaddr *restrict from,
			      socklen_t *restrict size)
{
	ssize_t got =
		LIBC(__recvfrom_chk, fd, bytes, n, room, flags, from, size);

	on_received(fd, bytes, got, flags, "recvfrom", CALLER);
	return got;
}

EXPORT ssize_t readv(int fd, const struct iovec *parts, int count)
{
	ssize_t got = LIBC(readv, fd, parts, count);

	on_parts(http_received, fd, parts, (size_t)count, got, "readv", CALLER);
	return got;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t got = LIBC(recvmsg, fd, message, flags);

	if (!(flags & (MSG_PEEK | MSG_OOB)))
		on_parts(http_received, fd, message->msg_iov,
			 message->msg_iovlen, got, "recvmsg", CALLER);
	return got;
}
