#include "commands/pack/pack_outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safe_open.h"

static struct str less(struct str s, struct str ending)
{
	if (s.len > ending.len &&
	    !memcmp(s.at + s.len - ending.len, ending.at, ending.len))
		s.len -= ending.len;
	return s;
}

/* "" of "-" and "/". */
static struct str name_of(struct arena *arena, const char *trace)
{
	struct str name = str_of(trace);
	char *real;

	while (name.len && name.at[name.len - 1] == '/')
		name.len--;
	name = str_base(name);
	if (str_eq(name, STR(".")) || str_eq(name, STR(".."))) {
		real = realpath(trace, NULL);
		name = real ? arena_print(arena, "%s", real) : STR("");
		free(real);
		name = str_base(name);
	}
	if (str_eq(name, STR("-")))
		return STR("");
	return less(less(name, STR(".jsonl")), STR(".pack"));
}

static const char pack_beginning[] = "{\"e\":\"pack\"";

enum { BEGINNING = sizeof pack_beginning - 1 };

/* How many of the first bytes were read; -1: none can be. */
static ssize_t read_beginning(const char *path, char ret[BEGINNING])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, BEGINNING);

	if (fd >= 0)
		close(fd);
	return n;
}

/* An empty file loses nothing. */
static bool is_pack_or_new(const char *path)
{
	struct stat st;
	char head[BEGINNING];
	ssize_t n;

	if (lstat(path, &st))
		return errno == ENOENT;
	if (!S_ISREG(st.st_mode))
		return false;
	n = read_beginning(path, head);
	return !n ||
	       (n == BEGINNING && !memcmp(head, pack_beginning, BEGINNING));
}

bool pack_outfile_is_free(struct arena *arena, const char *command,
			  const char *file)
{
	struct stat st;
	char head[BEGINNING];

	if (lstat(file, &st) || !S_ISREG(st.st_mode) ||
	    read_beginning(file, head) < 5 || memcmp(head, "{\"e\":", 5))
		return true;
	complain(arena, "%s: %s is a trace; name another file with -o FILE",
		 command, file);
	return false;
}

const char *pack_outfile_for(struct arena *arena, const char *trace)
{
	struct str name = name_of(arena, trace);
	const char *file =
		arena_print(arena, "%.*s.pack.jsonl", STR_FMT(name)).at;

	if (!name.len)
		complain(arena,
			 "pack: %s has no name; say where to with -o FILE",
			 trace);
	else if (!is_pack_or_new(file))
		complain(arena,
			 "pack: %s is there and is no packed file; name "
			 "another with -o FILE",
			 file);
	else
		return file;
	return NULL;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* What cannot be resolved cannot be written either: outfile_open says why. */
bool pack_outfile_is_outside(struct arena *arena, const char *command,
			     const char *file, const char *trace)
{
	struct resolved_path at;
	struct stat source, directory;
	const char *why;
	bool is_inside;

	if (stat(trace, &source) || !resolve_path(file, true, &at, &why))
		return true;
	is_inside = at.is_there && S_ISREG(at.st.st_mode) &&
		    is_same(&at.st, &source);
	if (S_ISDIR(source.st_mode) && !fstat(at.dir, &directory))
		is_inside = is_same(&directory, &source);
	resolved_close(&at);
	if (is_inside)
		complain(arena,
			 "%s: %s would be a part of the trace itself; name a "
			 "file elsewhere with -o FILE",
			 command, file);
	return !is_inside;
}
