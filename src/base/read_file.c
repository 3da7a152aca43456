#include "base/read_file.h"

#include <unistd.h>

struct str read_whole(struct arena *a, int fd, size_t size)
{
	char *text = TAKE(a, char, size + 1);
	size_t len = 0;
	ssize_t n = 1;

	while (len < size && n > 0) {
		n = read(fd, text + len, size - len);
		len += n > 0 ? (size_t)n : 0;
	}
	return (struct str){text, len};
}

static uint64_t ms_of(struct timespec t)
{
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool is_unchanged_since(const struct stat *st, uint64_t ms)
{
	return ms_of(st->st_mtim) <= ms && ms_of(st->st_ctim) <= ms;
}
