#include "recorder/process/session.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/process/redact/redact.h"

/* Terminated; "" when the file cannot be read. */
static void read_file(const char *path, char *text, size_t size)
{
	long fd = SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	long n = fd < 0 ? 0 : SYS(read, fd, text, size - 1);

	if (fd >= 0)
		SYS(close, fd);
	text[n > 0 ? n : 0] = '\0';
}

/* /proc/self/cgroup has a line for each hierarchy; that of version 2 begins
 * "0::". */
static __attribute__((noinline)) void put_cgroup(struct event_line *l)
{
	char text[PATH_BYTES / 2], *at = text, *end;

	read_file("/proc/self/cgroup", text, sizeof text);
	while (*at && !str_begins(at, "0::")) {
		while (*at && *at != '\n')
			at++;
		at += *at == '\n';
	}
	if (!*at)
		return;
	for (end = at; *end && *end != '\n';)
		end++;
	if (!*end)
		return; /* cut short */
	*end = '\0';
	redact_known(l, "cgroup", at + sizeof "0::" - 1);
}

static void append_number(char *to, size_t size, uint64_t n)
{
	char digits[21];

	str_decimal(digits, n);
	str_append(to, size, digits);
}

/* The kernel's number for a terminal: 4 is a console, 136 to 143 are pts. */
static void put_tty(struct event_line *l, uint64_t number)
{
	uint64_t major = number >> 8 & 0xfff;
	uint64_t minor = (number & 0xff) | (number >> 12 & 0xfff00);
	char name[48] = "";

	if (!number)
		return;
	if (major >= 136 && major <= 143) {
		str_append(name, sizeof name, "pts/");
		append_number(name, sizeof name, (major - 136) << 8 | minor);
	} else {
		if (major != 4)
			append_number(name, sizeof name, major);
		str_append(name, sizeof name, major == 4 ? "tty" : ":");
		append_number(name, sizeof name, minor);
	}
	event_text(l, "tty", name);
}

/* /proc/self/stat: the terminal is the fifth word behind the program's name,
 * which stands in parentheses and may hold any character. */
static __attribute__((noinline)) uint64_t find_tty(void)
{
	char text[512], *at = NULL;
	uint64_t number = 0;

	read_file("/proc/self/stat", text, sizeof text);
	for (char *c = text; *c; c++)
		if (*c == ')')
			at = c;
	for (int blanks = 0; at && *at && blanks < 5; at++)
		blanks += *at == ' ';
	for (; at && is_digit(*at); at++)
		number = number * 10 + (uint64_t)(*at - '0');
	return number;
}

/* A container, or a program in a chroot, has another root directory than the
 * reader of the trace: its paths lead to other files. */
static __attribute__((noinline)) void put_root(struct event_line *l)
{
	char text[48] = "";
	struct stat st;

	if (SYS(stat, "/", &st))
		return;
	append_number(text, sizeof text, st.st_dev);
	str_append(text, sizeof text, ":");
	append_number(text, sizeof text, st.st_ino);
	event_text(l, "root", text);
}

void session_put(struct event_line *l)
{
	long session = SYS(getsid, 0);

	if (session > 0)
		event_number(l, "session", (uint64_t)session);
	put_tty(l, find_tty());
	put_cgroup(l);
	put_root(l);
}
