#include "commands/trace_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/safe_open.h"

bool key_read_at(int dir, const char *file, uint8_t ret[KEY_BYTES],
		 const char **ret_why)
{
	int fd = open_private(dir, file, ret_why);
	char text[KEY_DIGITS];
	uint8_t key[KEY_BYTES];
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof text);
	close(fd);
	*ret_why = "it holds no key";
	if (n != sizeof text || !key_file_read(key, text))
		return false;
	memcpy(ret, key, sizeof key);
	return true;
}

static bool read_at_path(const char *path, uint8_t ret[KEY_BYTES],
			 const char **ret_why)
{
	struct resolved_path at;
	bool ok;

	if (!resolve_path(path, false, &at, ret_why))
		return false;
	ok = key_read_at(at.dir, at.name, ret, ret_why);
	resolved_close(&at);
	return ok;
}

/* The recorder's name of the directory: a link, or where the link leads. */
bool key_read_beside(struct arena *a, const char *directory,
		     uint8_t ret[KEY_BYTES], const char **ret_why)
{
	size_t n = strlen(directory);
	char *real;
	bool ok;

	while (n > 1 && directory[n - 1] == '/')
		n--;
	if (read_at_path(
		    arena_print(a, "%.*s" KEY_FILE_SUFFIX, (int)n, directory)
			    .at,
		    ret, ret_why))
		return true;
	real = realpath(directory, NULL);
	ok = real && read_at_path(arena_print(a, "%s" KEY_FILE_SUFFIX, real).at,
				  ret, ret_why);
	free(real);
	return ok;
}
