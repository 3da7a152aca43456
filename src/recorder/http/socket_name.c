#include "recorder/http/socket_name.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

static atomic_bool is_stopped;

void socket_name_stop(void)
{
	atomic_store(&is_stopped, true);
}

static bool read_address(int fd, enum socket_end end, union address *ret)
{
	socklen_t size = sizeof *ret;

	if (atomic_load(&is_stopped))
		return false;
	ret->any.sa_family = AF_UNSPEC;
	return !(end == SOCKET_OWN ? SYS(getsockname, fd, ret, &size)
				   : SYS(getpeername, fd, ret, &size));
}

bool is_connected_socket(int fd)
{
	union address a;

	return read_address(fd, SOCKET_PEER, &a) &&
	       (a.any.sa_family == AF_INET || a.any.sa_family == AF_INET6 ||
		a.any.sa_family == AF_UNIX);
}

static void append_number(char *to, uint64_t n)
{
	char digits[21];

	str_decimal(digits, n);
	str_append(to, SOCKET_NAME_BYTES, digits);
}

static void append_v4(char *to, const uint8_t address[4])
{
	for (int i = 0; i < 4; i++) {
		if (i)
			str_append(to, SOCKET_NAME_BYTES, ".");
		append_number(to, address[i]);
	}
}

static bool is_zero(const uint8_t *group)
{
	return !group[0] && !group[1];
}

/* The longest run of zero groups, as ret_length groups from the result. */
static int find_zeros(const uint8_t address[16], int *ret_length)
{
	int best = 0, run;

	*ret_length = 1;
	for (int i = 0; i < 8; i += run + 1) {
		for (run = 0; i + run < 8 && is_zero(address + 2 * (i + run));)
			run++;
		if (run > *ret_length) {
			*ret_length = run;
			best = i;
		}
	}
	return *ret_length > 1 ? best : 8;
}

static void append_group(char *to, const uint8_t *group)
{
	char digits[5] = "";
	size_t zeros = 0;

	str_hex(digits, group, 2);
	while (zeros < 3 && digits[zeros] == '0')
		zeros++;
	str_append(to, SOCKET_NAME_BYTES, digits + zeros);
}

/* As RFC 5952 has it: runtimes print the same text. */
static void append_v6(char *to, const uint8_t address[16])
{
	int length, zeros = find_zeros(address, &length);

	for (int i = 0; i < 8; i++) {
		if (i == zeros) {
			str_append(to, SOCKET_NAME_BYTES, "::");
			i += length - 1;
			continue;
		}
		append_group(to, address + 2 * i);
		if (i < 7 && i + 1 != zeros)
			str_append(to, SOCKET_NAME_BYTES, ":");
	}
}

static bool is_mapped_v4(const uint8_t address[16])
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return bytes_equal((const char *)address, (const char *)prefix,
			   sizeof prefix);
}

static void append_address(char *to, const union address *a)
{
	const uint8_t *v6 = a->v6.sin6_addr.s6_addr;

	if (a->any.sa_family == AF_INET) {
		append_v4(to, (const uint8_t *)&a->v4.sin_addr);
	} else if (is_mapped_v4(v6)) {
		append_v4(to, v6 + 12);
	} else {
		str_append(to, SOCKET_NAME_BYTES, "[");
		append_v6(to, v6);
		str_append(to, SOCKET_NAME_BYTES, "]");
	}
}

bool socket_name(int fd, enum socket_end end, char ret[SOCKET_NAME_BYTES])
{
	union address a;
	uint16_t port;

	ret[0] = '\0';
	if (!read_address(fd, end, &a) ||
	    (a.any.sa_family != AF_INET && a.any.sa_family != AF_INET6))
		return false;
	port = a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port;
	append_address(ret, &a);
	str_append(ret, SOCKET_NAME_BYTES, ":");
	append_number(ret, __builtin_bswap16(port));
	return true;
}
