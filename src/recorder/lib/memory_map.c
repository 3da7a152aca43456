#include "recorder/lib/memory_map.h"

#include <fcntl.h>

#include "recorder/lib/syscall.h"

bool maps_open(struct maps *m)
{
	m->at = m->end = 0;
	m->fd = SYS(open, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	return m->fd >= 0;
}

void maps_close(struct maps *m)
{
	SYS(close, m->fd);
}

/* Returns a line feed at the end of the file. */
static char next_char(struct maps *m)
{
	long n;

	if (m->at == m->end) {
		n = SYS(read, m->fd, m->text, sizeof m->text);
		m->at = 0;
		m->end = n > 0 ? (size_t)n : 0;
	}
	return m->at < m->end ? m->text[m->at++] : '\n';
}

/* Reads hexadecimal digits and the character behind the digits. */
static uintptr_t next_address(struct maps *m)
{
	uintptr_t address = 0;
	char c;

	while ((c = next_char(m)) != '-' && c != ' ' && c != '\n')
		address = address << 4 |
			  (unsigned)(c < 'a' ? c - '0' : c - 'a' + 10);
	return address;
}

/* Skips words of a line, and the blanks behind each. Returns the next
 * character. */
static char skip_words(struct maps *m, int count)
{
	char c = next_char(m);

	while (count--) {
		while (c != ' ' && c != '\n')
			c = next_char(m);
		while (c == ' ')
			c = next_char(m);
	}
	return c;
}

/* A line: FROM-TO RIGHTS OFFSET DEVICE INODE PATH. */
bool maps_next(struct maps *m, struct mapping *ret)
{
	enum { BEFORE_PATH = 4 };
	size_t n = 0;

	ret->from = next_address(m);
	if (m->at == m->end && !ret->from)
		return false;
	ret->to = next_address(m);
	for (char c = skip_words(m, BEFORE_PATH); c != '\n'; c = next_char(m))
		if (n < sizeof ret->path)
			ret->path[n++] = c;
	ret->path[n < sizeof ret->path ? n : 0] = '\0';
	return true;
}
