#include "commands/ignore_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

enum { LARGEST = 1 << 16 };

/* The text of a regular file of the caller; len 0: there is none. */
static struct str read_own_file(struct arena *arena, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct str text = {NULL, 0};
	struct stat st;
	ssize_t n;
	char *to;

	if (fd < 0)
		return text;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid()) {
		to = TAKE(arena, char, LARGEST);
		n = read(fd, to, LARGEST);
		text = (struct str){to, n > 0 ? (size_t)n : 0};
	}
	close(fd);
	return text;
}

static struct str trim(struct str line)
{
	while (line.len && strchr(" \t\r", line.at[line.len - 1]))
		line.len--;
	while (line.len && strchr(" \t", *line.at)) {
		line.at++;
		line.len--;
	}
	return line;
}

struct strs ignore_file_read(struct arena *arena, const char *path)
{
	struct str rest = read_own_file(arena, path);
	struct strs lines = {NULL, 0};
	size_t room = 0;

	while (rest.len) {
		const char *end = memchr(rest.at, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.at) : rest.len;
		struct str line = trim((struct str){rest.at, len});

		if (line.len && *line.at != '#')
			*ARRAY_ADD(arena, lines.at, lines.n, room) = line;
		rest.at += len + !!end;
		rest.len -= len + !!end;
	}
	return lines;
}
