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

uint64_t last_change_ms(const struct stat *st)
{
	uint64_t content = ms_of(st->st_mtim), inode = ms_of(st->st_ctim);

	return content > inode ? content : inode;
}

uint64_t last_write_ms(const struct stat *st)
{
	return ms_of(st->st_mtim);
}

bool is_unchanged_since(const struct stat *st, uint64_t ms)
{
	return last_change_ms(st) <= ms;
}
