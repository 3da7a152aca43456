/* load PORT REQUESTS CONNECTIONS [PATH]: that many requests to 127.0.0.1, each
 * connection with one under way at a time. Prints requests in a second, and
 * the median and the 99th percentile of how many microseconds one took.
 *
 * Of our own because wrk ends after a time, not after a number of requests. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stopwatch.h"

enum { CONNECTIONS = 64, PATIENCE_MS = 20000 };

static struct pollfd socket_of[CONNECTIONS];
static double asked_at[CONNECTIONS];
static char request[256];
static double *took; /* nanoseconds, one for each request */
static int asked, answered, wanted;

static void give_up(const char *why)
{
	perror(why);
	exit(1);
}

static int connected(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to))
		give_up("connect");
	return fd;
}

static void ask(int i)
{
	ssize_t length = strlen(request);

	if (asked == wanted) {
		socket_of[i].fd = -1;
		return;
	}
	asked++;
	asked_at[i] = now();
	if (write(socket_of[i].fd, request, length) != length)
		give_up("write");
}

/* An answer is short: it comes in one piece, headers and all. */
static void hear(int i)
{
	char answer[4096];

	if (read(socket_of[i].fd, answer, sizeof answer) <= 0)
		give_up("read");
	if (strncmp(answer, "HTTP/1.1 200", 12)) {
		fprintf(stderr, "not 200: %.60s\n", answer);
		exit(1);
	}
	took[answered++] = now() - asked_at[i];
	ask(i);
}

int main(int argc, char **argv)
{
	int port = argc > 3 ? atoi(argv[1]) : 0;
	int connections = argc > 3 ? atoi(argv[3]) : 0;
	double begun;

	wanted = argc > 3 ? atoi(argv[2]) : 0;
	if (port < 1 || wanted < 1 || connections < 1 ||
	    connections > CONNECTIONS)
		return 2;
	snprintf(request, sizeof request,
		 "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		 argc > 4 ? argv[4] : "/");
	took = calloc(wanted, sizeof *took);
	for (int i = 0; i < connections; i++)
		socket_of[i] = (struct pollfd){connected(port), POLLIN, 0};
	begun = now();
	for (int i = 0; i < connections; i++)
		ask(i);
	while (answered < wanted) {
		if (poll(socket_of, connections, PATIENCE_MS) <= 0)
			give_up("no answer");
		for (int i = 0; i < connections; i++)
			if (socket_of[i].fd >= 0 && socket_of[i].revents)
				hear(i);
	}
	printf("%.0f ", wanted / (now() - begun) * 1e9);
	printf("%.0f %.0f\n", share_of(took, wanted, 0.5) / 1e3,
	       share_of(took, wanted, 0.99) / 1e3);
	return 0;
}
