#include "formats/source_line.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/safe_open.h"
#include "formats/mask_source.h"
#include "model/place.h"
#include "trace/caller.h"

enum { MOST_BYTES = 1 << 20, MOST_LINE = 400 };

/* --- the path ------------------------------------------------------------- */

static bool is_below(struct str path, struct str dir)
{
	return path.len > dir.len + 1 && !memcmp(path.at, dir.at, dir.len) &&
	       path.at[dir.len] == '/';
}

/* A working directory that is the whole system has no files of its own. */
static bool is_directory_of_program(struct str cwd)
{
	static const char *const systems[] = {"/etc", "/proc", "/sys", "/dev",
					      "/run", "/usr",  "/boot"};

	if (cwd.len < 2 || cwd.at[0] != '/')
		return false;
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
		struct str dir = str_of(systems[i]);

		if (str_eq(cwd, dir) || is_below(cwd, dir))
			return false;
	}
	return true;
}

/* An absolute path below `cwd`, or len 0. */
static struct str absolute(struct arena *a, struct str file, struct str cwd)
{
	struct str path = file;

	if (file.len && file.at[0] != '/')
		path = arena_print(a, "%.*s/%.*s", STR_FMT(cwd), STR_FMT(file));
	if (!is_below(path, cwd) || memmem(path.at, path.len, "/../", 4) ||
	    memchr(path.at, '\0', path.len))
		return (struct str){NULL, 0};
	return arena_print(a, "%.*s", STR_FMT(path));
}

/* A link on the way may have led out of the working directory. */
static bool lies_below(const struct resolved_path *at, struct str cwd)
{
	char link[64], real[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", at->dir);
	n = readlink(link, real, sizeof real);
	return n > 0 && (str_eq((struct str){real, (size_t)n}, cwd) ||
			 is_below((struct str){real, (size_t)n}, cwd));
}

/* --- the file ------------------------------------------------------------- */

static bool owns_trace(const struct trace *t, uid_t uid)
{
	for (size_t i = 0; i < t->n_files; i++)
		if (!t->files[i].has_stranger && t->files[i].uid == uid)
			return true;
	return false;
}

static bool is_of_user(const struct trace *t, const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_nlink == 1 &&
	       st->st_size <= MOST_BYTES &&
	       (st->st_uid == geteuid() || owns_trace(t, st->st_uid));
}

static uint64_t ms_of(struct timespec t)
{
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The time in ms at which the program of the image began; 0: not known. */
static uint64_t began(const struct image *image)
{
	while (image && !(image->birth && image->birth->wall))
		image = model_is_fork_or_thread(image) ? image->parent : NULL;
	return image ? image->birth->wall : 0;
}

/* Nobody can set the time of the last change of the inode. */
static bool is_unchanged(const struct stat *st, const struct image *image)
{
	uint64_t then = began(image);

	return ms_of(st->st_mtim) <= then && ms_of(st->st_ctim) <= then;
}

static struct str read_all(struct arena *a, int fd, size_t size)
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

static struct str read_file(struct arena *a, const struct report *r,
			    const struct image *image, struct str path)
{
	struct str text = {NULL, 0};
	struct resolved_path at;
	const char *why;
	int fd = -1;

	if (!resolve_path(path.at, false, &at, &why))
		return text;
	if (at.is_there && is_of_user(r->model->trace, &at.st) &&
	    is_unchanged(&at.st, image) && lies_below(&at, image->cwd))
		fd = resolved_open(&at, O_RDONLY | O_NONBLOCK, &why);
	if (fd >= 0) {
		text = read_all(a, fd, (size_t)at.st.st_size);
		close(fd);
	}
	resolved_close(&at);
	return text;
}

/* --- the line ------------------------------------------------------------- */

static size_t count(struct str text, const char *part)
{
	struct str rest = text;
	size_t n = 0, len = strlen(part);
	const char *at;

	while (rest.len && (at = memmem(rest.at, rest.len, part, len))) {
		n++;
		rest.len -= (size_t)(at + len - rest.at);
		rest.at = at + len;
	}
	return n;
}

/* A line inside a literal of many lines looks like code, and is none. */
static bool is_inside_literal(struct str before)
{
	return count(before, "`") % 2 || count(before, "\"\"\"") % 2 ||
	       count(before, "'''") % 2 ||
	       count(before, "/*") > count(before, "*/");
}

static struct str nth_line(struct str text, unsigned long n)
{
	struct str rest = text;

	for (; n > 1 && rest.len; n--) {
		const char *end = memchr(rest.at, '\n', rest.len);

		if (!end)
			return (struct str){NULL, 0};
		rest.len -= (size_t)(end + 1 - rest.at);
		rest.at = end + 1;
	}
	if (rest.len && memchr(rest.at, '\n', rest.len))
		rest.len =
			(size_t)((const char *)memchr(rest.at, '\n', rest.len) -
				 rest.at);
	if (n != 1 || rest.len > MOST_LINE ||
	    is_inside_literal(
		    (struct str){text.at, (size_t)(rest.at - text.at)}))
		return (struct str){NULL, 0};
	return rest;
}

static bool may_show(const struct report *r, const struct image *image,
		     struct str site)
{
	const struct trace *t = r->model->trace;

	return r->view.source && t && t->n_files && !t->n_loose_files &&
	       image && !image->owner && place_has_line(site) &&
	       is_directory_of_program(image->cwd);
}

struct str source_line(struct arena *a, const struct report *r,
		       const struct image *image, struct str site)
{
	struct str path, text, none = {NULL, 0};

	if (!may_show(r, image, site))
		return none;
	path = absolute(a, site_file(site), image->cwd);
	if (!path.len)
		return none;
	text = read_file(a, r, image, path);
	text = nth_line(text, site_line(site));
	return text.len ? mask_source(a, str_base(path), text) : none;
}
