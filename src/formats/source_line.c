#include "formats/source_line.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "base/read_file.h"
#include "base/safe_open.h"
#include "formats/mask_source.h"
#include "model/place.h"
#include "trace/site.h"

enum { MOST_BYTES = 1 << 20, MOST_LINE = 400 };

/* --- the path ------------------------------------------------------------- */

/* A working directory that is the whole system has no files of its own. */
static bool is_directory_of_program(struct str cwd)
{
	static const char *const systems[] = {"/etc", "/proc", "/sys", "/dev",
					      "/run", "/usr",  "/boot"};

	if (cwd.len < 2 || cwd.at[0] != '/')
		return false;
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
		struct str dir = str_of(systems[i]);

		if (str_eq(cwd, dir) || path_is_below(cwd, dir))
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
	if (!path_is_below(path, cwd) || memmem(path.at, path.len, "/../", 4) ||
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
			 path_is_below((struct str){real, (size_t)n}, cwd));
}

/* --- the file ------------------------------------------------------------- */

static bool is_of_user(const struct trace *t, const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_nlink == 1 &&
	       st->st_size <= MOST_BYTES &&
	       (st->st_uid == geteuid() || trace_is_of(t, st->st_uid));
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
	    is_unchanged_since(&at.st, model_wall(image)) &&
	    lies_below(&at, image->cwd))
		fd = resolved_open(&at, O_RDONLY | O_NONBLOCK, &why);
	if (fd >= 0) {
		text = read_whole(a, fd, (size_t)at.st.st_size);
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
