"""Every function that the recorder for HTTP interposes, called in ways that succeed and fail: value,
errno and bytes are those of a bare run."""
import os

import story
from story import bare, compiled, recorded

CALLS = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef __GLIBC__
extern ssize_t __read_chk(int, void *, size_t, size_t);
extern ssize_t __recv_chk(int, void *, size_t, size_t, int);
extern ssize_t __recvfrom_chk(int, void *, size_t, size_t, int, struct sockaddr *, socklen_t *);
#else
#define __read_chk(fd, at, n, room) read(fd, at, n)
#define __recv_chk(fd, at, n, room, flags) recv(fd, at, n, flags)
#define __recvfrom_chk(fd, at, n, room, flags, from, size) recvfrom(fd, at, n, flags, from, size)
#endif
#define SAY(call) do { for (int before = 0; before < 78; before += 77) { errno = before; long result_ = (long)(call); int after = errno; \
	printf("%s = %ld, errno %d -> %d\n", #call, result_, before, after); } } while (0)

static const char *const heads[] = {"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n", "HTTP/1.1 401 no\r\nContent-Length: 2\r\n\r\n{}", "plain", "P"};
static char room[4096];

static void *cancelled(void *fd)
{
	char byte;
	read(*(int *)fd, &byte, 1);
	return NULL;
}

int main(void)
{
	int s[2], p[2], dead = 999;
	struct sockaddr_un from;
	socklen_t size = sizeof from;
	pthread_t thread;
	void *result;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		const char *h = heads[i];
		size_t n = strlen(h), half = n / 2;
		struct iovec parts[2] = {{(char *)h, half}, {(char *)h + half, n - half}}, in[2] = {{room, 3}, {room + 3, 4000}};
		struct msghdr out = {.msg_iov = parts, .msg_iovlen = 2}, got = {.msg_iov = in, .msg_iovlen = 2};

		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s);
		SAY(write(s[0], h, n));
		SAY(read(s[1], room, sizeof room));
		SAY(send(s[0], h, n, MSG_NOSIGNAL));
		SAY(recv(s[1], room, sizeof room, MSG_PEEK));
		SAY(recv(s[1], room, 5, MSG_DONTWAIT));
		SAY(recv(s[1], room, sizeof room, MSG_DONTWAIT));
		SAY(sendto(s[1], h, n, 0, NULL, 0));
		SAY(recvfrom(s[0], room, sizeof room, 0, (struct sockaddr *)&from, &size));
		SAY(writev(s[0], parts, 2));
		SAY(readv(s[1], in, 2));
		SAY(sendmsg(s[0], &out, 0));
		SAY(recvmsg(s[1], &got, MSG_DONTWAIT));
		SAY(write(s[0], h, n));
		SAY(__read_chk(s[1], room, 4, sizeof room));
		SAY(__recv_chk(s[1], room, 4, sizeof room, MSG_DONTWAIT));
		SAY(__recvfrom_chk(s[1], room, sizeof room, sizeof room, MSG_DONTWAIT, NULL, NULL));
		fwrite(room, 1, n, stdout);
		SAY(write(dead, h, n));
		SAY(read(dead, room, n));
		SAY(write(s[0], (void *)8, n));
		SAY(read(s[0], room, 0));
		SAY(write(s[0], h, 0));
		SAY(writev(s[0], parts, -1));
		SAY(readv(dead, in, 2));
		SAY(recvmsg(dead, &got, 0));
		SAY(sendmsg(dead, &out, 0));
		SAY(sendto(dead, h, n, 0, NULL, 0));
		SAY(recvfrom(p[0] = dead, room, n, 0, NULL, NULL));
		close(s[1]);
		SAY(send(s[0], h, n, MSG_NOSIGNAL));
		SAY(write(s[0], h, n));
		close(s[0]);
		pipe2(p, O_NONBLOCK);
		SAY(write(p[1], h, n));
		SAY(read(p[0], room, sizeof room));
		SAY(recv(p[0], room, sizeof room, 0));
		close(p[0]);
		close(p[1]);
		pipe(p);
		pthread_create(&thread, NULL, cancelled, &p[0]);
		usleep(20000);
		pthread_cancel(thread);
		pthread_join(thread, &result);
		printf("cancelled %d\n", result == PTHREAD_CANCELED);
		fflush(stdout);
		close(p[0]);
		close(p[1]);
	}
	return 0;
}
"""


@story.each(("glibc", "gcc"), ("musl", "musl-gcc"))
def test_value_and_errno(compiler):
    program = compiled(CALLS, "calls", compiler, ["-pthread"])
    alone, traced = bare([program]), recorded([program], story.with_key("OPENAI_API_KEY"), http=True)
    assert alone.status == 0 and b"cancelled 1" in alone.out, (alone.status, alone.out[-300:])
    differing = [(a, b) for a, b in zip(alone.out.split(b"\n"), traced.out.split(b"\n")) if a != b]
    assert (traced.status, traced.err) == (alone.status, alone.err) and not differing and len(traced.out) == len(alone.out), differing[:5]


EARLY = r"""
#include <stdio.h>
#include <unistd.h>
static void (*early(void))(void) { write(1, "GET / HTTP/1.1\n", 15); return (void (*)(void))puts; }
void chosen(const char *) __attribute__((ifunc("early")));
static __attribute__((constructor)) void begin(void) { write(1, "POST / HTTP/1.1\n", 16); }
int main(void) { chosen("end"); return write(1, "", 0); }
"""


@story.each(("lazy", ()), ("at once", ("-Wl,-z,now",)))
def test_a_write_before_the_loader_is_done(flags):
    program = compiled(EARLY, "early", flags=flags)
    alone = bare([program])
    traced = recorded([program], http=True)
    assert (alone.status, alone.out, alone.err) == (traced.status, traced.out, traced.err), (alone.out, traced.out, traced.err)


FILTER = r"""
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
int main(int argc, char **argv)
{
	static struct sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(write), ALLOW(read), ALLOW(exit_group), ALLOW(getpid), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};
	struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
	int s[2];
	char room[100];

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (atoi(argv[1]) ? syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return 77;
	write(s[0], "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27);
	return read(s[1], room, sizeof room) != 27;
}
"""


@story.each(("prctl", "0"), ("seccomp", "1"))
def test_a_filter_that_kills_for_any_other_call(way):
    program = compiled(FILTER, "filter")
    alone, traced = bare([program, way]), recorded([program, way], http=True)
    if alone.status == 77:
        story.skip("no seccomp filter here")
    assert alone.status == 0 == traced.status, (alone.status, traced.status)


NONE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int main(void)
{
	int (*sent)(void *, const void *, int) = dlsym(RTLD_DEFAULT, "SSL_write");
	return sent ? sent((void *)1, "GET / HTTP/1.1\r\n", 16) : 0;
}
"""


def test_without_a_libssl_its_functions_fail():
    traced = recorded([compiled(NONE, "none", flags=["-ldl"])], http=True)
    assert traced.status == 0, traced.status


def test_the_descriptors_are_those_of_the_program():
    list_ = [story.PYTHON, "-c", "import os; print(sorted(os.listdir('/proc/self/fd')))"]
    assert recorded(list_, http=True).out == bare(list_).out
