#include "command_sites/written_files.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/read_file.h"
#include "base/safe_open.h"
#include "command_sites/partial_text.h"

enum { MOST_BYTES = 1 << 20, MOST_OWN_BYTES = 16 << 20 };

struct written_file {
	struct str text;
	struct stat st;
};

struct written_files written_files_of(struct arena *a, const struct trace *t)
{
	return (struct written_files){.arena = a,
				      .trace = t,
				      .read = hashmap_new(a),
				      .lists = hashmap_new(a),
				      .changes = hashmap_new(a),
				      .settings = hashmap_new(a)};
}

struct str path_below(struct arena *a, struct str cwd, struct str path)
{
	struct str whole = path;

	while (path.len > 2 && !memcmp(path.at, "./", 2))
		path = (struct str){path.at + 2, path.len - 2};
	if (path.len && *path.at != '/')
		whole = arena_print(a, "%.*s/%.*s",
				    cwd.len == 1 ? 0 : (int)cwd.len, cwd.at,
				    STR_FMT(path));
	if (!whole.len || *whole.at != '/' || whole.len >= PATH_MAX ||
	    memchr(whole.at, '\0', whole.len) ||
	    memmem(whole.at, whole.len, "***", 3))
		return (struct str){NULL, 0};
	return arena_print(a, "%.*s", STR_FMT(whole)); /* with a zero */
}

/* True when every user may go to the directory. */
static bool is_open_to_all(int directory)
{
	char link[64], path[PATH_MAX];
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
	n = readlink(link, path, sizeof path - 1);
	while (n > 0) {
		path[n] = '\0';
		if (stat(n > 1 ? path : "/", &st) || !(st.st_mode & S_IXOTH))
			return false;
		while (n > 0 && path[--n] != '/')
			;
	}
	return n == 0;
}

/* A trace of another user may name any file. So a file must be one that its
 * owner could read without our help. */
static bool may_read(const struct trace *t, const struct resolved_path *at)
{
	const struct stat *st = &at->st;

	if (!S_ISREG(st->st_mode) || st->st_size > MOST_BYTES)
		return false;
	return trace_is_of(t, st->st_uid) ||
	       (is_trusted(st->st_uid) && st->st_mode & S_IROTH &&
		is_open_to_all(at->dir));
}

static void read_into(struct written_files *files, struct written_file *file,
		      struct str path)
{
	struct resolved_path at;
	const char *why;
	int fd = -1;

	if (!resolve_path(path.at, true, &at, &why))
		return;
	if (at.is_there && may_read(files->trace, &at))
		fd = resolved_open(&at, O_RDONLY | O_NONBLOCK, &why);
	if (fd >= 0) {
		file->st = at.st;
		file->text =
			read_whole(files->arena, fd, (size_t)at.st.st_size);
		close(fd);
	}
	resolved_close(&at);
	if (has_unknown_bytes(file->text))
		file->text.len = 0;
}

struct str read_written(struct written_files *files, struct str path,
			const struct image *by)
{
	return read_written_before(files, path, model_wall(by));
}

struct str read_written_before(struct written_files *files, struct str path,
			       uint64_t wall)
{
	struct str nothing = {NULL, 0};
	struct written_file *file;
	void **slot;

	if (!path.len)
		return nothing;
	slot = hashmap_slot(files->read, NULL, path);
	file = *slot;
	if (!file) {
		*slot = file = TAKE(files->arena, struct written_file, 1);
		read_into(files, file, path);
	}
	return file->text.len && is_unchanged_since(&file->st, wall)
		       ? file->text
		       : nothing;
}

struct str read_own_file(struct written_files *files, struct str path)
{
	struct str text = {NULL, 0};
	struct resolved_path at;
	const char *why;
	int fd = -1;

	if (!path.len || !resolve_path(path.at, true, &at, &why))
		return text;
	if (at.is_there && S_ISREG(at.st.st_mode) &&
	    at.st.st_size <= MOST_OWN_BYTES &&
	    trace_is_of(files->trace, at.st.st_uid))
		fd = resolved_open(&at, O_RDONLY | O_NONBLOCK, &why);
	if (fd >= 0) {
		text = read_whole(files->arena, fd, (size_t)at.st.st_size);
		close(fd);
	}
	resolved_close(&at);
	return text;
}

bool is_written_there(struct str path)
{
	struct resolved_path at;
	const char *why;
	bool is_there;

	if (!path.len || !resolve_path(path.at, true, &at, &why))
		return false;
	is_there = at.is_there;
	resolved_close(&at);
	return is_there;
}

struct str find_only_file(struct arena *a, struct str cwd, struct str names)
{
	struct str found = {NULL, 0}, name;

	while (next_word(&names, &name)) {
		struct str path = path_below(a, cwd, name);

		if (!is_written_there(path))
			continue;
		if (found.len)
			return (struct str){NULL, 0};
		found = path;
	}
	return found;
}

bool was_missing(struct str path, const struct image *by)
{
	struct resolved_path at;
	struct stat directory;
	const char *why;
	bool answer;

	if (!path.len || !resolve_path(path.at, true, &at, &why))
		return false;
	answer = !at.is_there && !fstat(at.dir, &directory) &&
		 is_unchanged_since(&directory, model_wall(by));
	resolved_close(&at);
	return answer;
}

bool next_line(struct str *rest, struct str *ret_line)
{
	const char *end;
	size_t n;

	if (!rest->len)
		return false;
	end = memchr(rest->at, '\n', rest->len);
	n = end ? (size_t)(end - rest->at) : rest->len;
	*ret_line = (struct str){rest->at, n};
	rest->at += n + (end != NULL);
	rest->len -= n + (end != NULL);
	return true;
}

struct str trim(struct str s)
{
	while (s.len && strchr(" \t\r", s.at[s.len - 1]))
		s.len--;
	while (s.len && strchr(" \t", *s.at))
		s.at++, s.len--;
	return s;
}

bool next_word(struct str *rest, struct str *ret_word)
{
	size_t n = 0;

	*rest = trim(*rest);
	while (n < rest->len && !isspace((unsigned char)rest->at[n]))
		n++;
	*ret_word = (struct str){rest->at, n};
	*rest = from(*rest, n);
	return n;
}

struct str from(struct str s, size_t n)
{
	n = n < s.len ? n : s.len;
	return (struct str){s.at + n, s.len - n};
}

struct str site_at(struct arena *a, struct str path, unsigned long line)
{
	return arena_print(a, "%.*s:%lu", STR_FMT(path), line);
}
