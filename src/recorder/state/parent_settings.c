#include "recorder/state/parent_settings.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"

enum { PARENTS = 8 };

static const char variable[] = "KEYTRAIL=";

static long open_file(long pid, const char *name)
{
	char path[48] = "/proc/";

	str_decimal(path + str_length(path), (uint64_t)pid);
	str_append(path, sizeof path, name);
	return SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
}

/* The kernel lets root read the environment of any user's process. */
static long open_environment(long pid)
{
	long fd = open_file(pid, "/environ");
	struct stat st;

	if (fd < 0)
		return -1;
	if (!SYS(fstat, fd, &st) && st.st_uid == (uint32_t)SYS(geteuid))
		return fd;
	SYS(close, fd);
	return -1;
}

/* Walks through entries that end with a null byte, as they are read in parts.
 */
struct search {
	char *to;
	size_t size, length; /* of the value so far */
	size_t matched; /* bytes of `variable`, at the beginning of an entry */
	bool is_other;	/* the entry is another variable's */
};

/* True at the end of the wanted entry. */
static bool take(struct search *s, char c)
{
	bool is_value = s->matched == sizeof variable - 1;

	if (!c && is_value)
		return true;
	if (!c) {
		s->matched = 0;
		s->is_other = false;
	} else if (is_value && s->length < s->size) {
		s->to[s->length++] = c;
	} else if (!s->is_other && c == variable[s->matched]) {
		s->matched++;
	} else {
		s->is_other = true;
	}
	return false;
}

static __attribute__((noinline)) bool read_value(long fd, char *to, size_t size)
{
	struct search s = {.to = to, .size = size};
	char part[512];
	long n;

	while ((n = SYS(read, fd, part, sizeof part)) > 0)
		for (long i = 0; i < n; i++)
			if (take(&s, part[i])) {
				/* cut short, a value would name another
				 * directory */
				to[s.length < size ? s.length : 0] = '\0';
				return s.length < size;
			}
	return false;
}

/* The name of the program, in parentheses, may hold anything: the last
 * parenthesis ends it. 0: not known. */
static __attribute__((noinline)) long parent_of(long pid)
{
	char text[512], *at = NULL;
	long fd = open_file(pid, "/stat"), n, parent = 0;

	if (fd < 0)
		return 0;
	n = SYS(read, fd, text, sizeof text - 1);
	SYS(close, fd);
	text[n > 0 ? n : 0] = '\0';
	for (char *c = text; *c; c++)
		if (*c == ')')
			at = c;
	if (!at || !at[1] || !at[2] || !at[3])
		return 0;
	for (at += sizeof ") S " - 1; is_digit(*at); at++)
		parent = parent * 10 + (*at - '0');
	return parent;
}

bool parent_settings_find(char *to, size_t size)
{
	long pid = SYS(getppid), fd;
	bool found;

	to[0] = '\0';
	for (int i = 0; i < PARENTS && pid > 0; i++, pid = parent_of(pid)) {
		fd = open_environment(pid);
		if (fd < 0)
			return false;
		found = read_value(fd, to, size);
		SYS(close, fd);
		if (found)
			return true;
	}
	return false;
}
