#include "symbols/script_file.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/read_file.h"
#include "base/safe_open.h"
#include "shared/source_map_path.h"

enum {
	MOST_SCRIPT = 32 << 20,
	MOST_MAP = 64 << 20,
	MOST_SOURCE = 8 << 20,
	HEAD = 4096
};

/* --- files ---------------------------------------------------------------- */

static bool owns_trace(const struct trace *t, uid_t uid)
{
	for (size_t i = 0; i < t->n_files; i++)
		if (!t->files[i].has_stranger && t->files[i].uid == uid)
			return true;
	return false;
}

/* A second name would make any file of another user readable through a trace.
 */
static bool may_read(const struct trace *t, const struct stat *st, off_t most)
{
	return S_ISREG(st->st_mode) && st->st_nlink == 1 &&
	       st->st_size <= most &&
	       (is_trusted(st->st_uid) || owns_trace(t, st->st_uid));
}

static struct dated_text read_file(struct arena *a, const struct trace *t,
				   const char *path, off_t most)
{
	struct dated_text file = {.changed = 0};
	struct resolved_path at;
	const char *why;
	int fd = -1;

	if (!resolve_path(path, false, &at, &why))
		return file;
	if (at.is_there && may_read(t, &at.st, most))
		fd = resolved_open(&at, O_RDONLY | O_NONBLOCK, &why);
	if (fd >= 0) {
		file.text = read_whole(a, fd, (size_t)at.st.st_size);
		file.changed = last_change_ms(&at.st);
		file.written = last_write_ms(&at.st);
		close(fd);
	}
	resolved_close(&at);
	return file;
}

struct dated_text source_file_read(struct arena *a, const struct trace *t,
				   const char *path)
{
	return read_file(a, t, path, MOST_SOURCE);
}

bool is_newer(uint64_t written, uint64_t than)
{
	return written > than + 2000;
}

/* --- the URL of the map --------------------------------------------------- */

/* The last line that is not blank; takes it off the text. */
static struct str take_last_line(struct str *text)
{
	const char *end;
	struct str line;

	while (text->len && strchr(" \t\r\n", text->at[text->len - 1]))
		text->len--;
	end = text->len ? memrchr(text->at, '\n', text->len) : NULL;
	line.at = end ? end + 1 : text->at;
	line.len = text->len - (size_t)(line.at - text->at);
	text->len -= line.len;
	return line;
}

/* The URL of the comment "//# sourceMappingURL=main.js.map", which a minifier
 * may put behind code. len 0: the line has none. A quote ends a text of the
 * program, and no URL. */
static struct str url_of_line(struct str line)
{
	const struct str mark = STR("//# sourceMappingURL=");
	struct str url = {NULL, 0};
	const char *at;

	while (line.len &&
	       (at = memmem(line.at, line.len, mark.at, mark.len))) {
		line.len -= (size_t)(at + mark.len - line.at);
		line.at = at + mark.len;
		url = line;
	}
	for (size_t i = 0; i < url.len; i++)
		if (strchr("\"'` \t", url.at[i]))
			return (struct str){NULL, 0};
	return url;
}

/* The last line, but for comments behind. */
static struct str url_in(struct str text)
{
	struct str line, url;

	do {
		line = take_last_line(&text);
		url = url_of_line(line);
	} while (!url.len && str_has_prefix(line, STR("//")));
	return url;
}

/* --- the map -------------------------------------------------------------- */

/* data:application/json;charset=utf-8;base64,eyJ2... */
static void use_inline(struct script_file *s, const char *path, struct str url)
{
	const char *comma = memchr(url.at, ',', url.len);
	struct str type = {url.at, comma ? (size_t)(comma - url.at) : 0};
	bool is_base64 = type.len > 7 && !memcmp(comma - 7, ";base64", 7);

	if (!comma || !str_has_prefix(url, STR("data:application/json")))
		return;
	s->map = url;
	s->map_begin = type.len + 1;
	s->map_encoding = is_base64 ? JSON_STREAM_BASE64 : JSON_STREAM_PERCENT;
	s->base = path;
}

static void read_map(struct arena *a, const struct trace *t,
		     struct script_file *s, const char *path)
{
	struct dated_text map = read_file(a, t, path, MOST_MAP);

	s->map = map.text;
	s->base = path;
	if (!map.text.len)
		return;
	s->map_written = map.written;
	if (map.changed > s->changed)
		s->changed = map.changed;
}

/* The path of the map file, or null. A map of another host is not fetched. */
static const char *path_of_map(struct arena *a, const char *script,
			       struct str url)
{
	char *name = TAKE(a, char, url.len + 1),
	     *path = TAKE(a, char, PATH_MAX);

	memcpy(name, url.at, url.len);
	if (!str_has_prefix(url, STR("file:"))) {
		percent_decode(name);
		if (strstr(name, "://"))
			return NULL;
	}
	return source_map_path(path, PATH_MAX, script, "", name) ? path : NULL;
}

static void find_map(struct arena *a, const struct trace *t,
		     struct script_file *s, const char *path)
{
	struct str url = url_in(s->text);
	const char *file = NULL;

	s->is_compiled = url.len;
	if (str_has_prefix(url, STR("data:")))
		use_inline(s, path, url);
	else if (url.len && url.len < PATH_MAX)
		file = path_of_map(a, path, url);
	if (file)
		read_map(a, t, s, file);
	if (!s->map.len)
		read_map(a, t, s, arena_print(a, "%s.map", path).at);
}

/* --- compiled ------------------------------------------------------------- */

/* What compilers and bundlers write at the beginning of a script, and no person
 * does. */
static bool has_head_of_compiler(struct str text)
{
	static const char *const heads[] = {
		"Object.defineProperty(exports, \"__esModule\"",
		"Object.defineProperty(exports,\"__esModule\"",
		"var __defProp = Object.defineProperty",
		"var __create = Object.create",
		"=Object.getOwnPropertyDescriptor;var ",
		"(this && this.__",
		"function _interop_require_",
		"// webpackBootstrap",
		"__webpack_require__",
	};
	size_t len = text.len < HEAD ? text.len : HEAD;

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (len && memmem(text.at, len, heads[i], strlen(heads[i])))
			return true;
	return false;
}

static struct str nth_line(struct str text, uint64_t n)
{
	const char *end;

	while (--n && text.len) {
		end = memchr(text.at, '\n', text.len);
		if (!end)
			return (struct str){NULL, 0};
		text.len -= (size_t)(end + 1 - text.at);
		text.at = end + 1;
	}
	end = text.len ? memchr(text.at, '\n', text.len) : NULL;
	if (end)
		text.len = (size_t)(end - text.at);
	return text;
}

bool is_minified(struct str text)
{
	enum { LONG = 400, STATEMENTS = 12 };
	size_t n = 0;

	for (size_t i = 0; text.len > LONG && i < text.len; i++)
		n += text.at[i] == ';' || text.at[i] == '{';
	return n > STATEMENTS;
}

bool script_line_is_minified(const struct script_file *s, uint64_t line)
{
	return is_minified(nth_line(s->text, line ? line : 1));
}

struct script_file *script_file_read(struct arena *a, const struct trace *t,
				     const char *path)
{
	struct script_file *s = TAKE(a, struct script_file, 1);
	struct dated_text script = read_file(a, t, path, MOST_SCRIPT);

	s->text = script.text;
	s->changed = script.changed;
	s->written = s->map_written = script.written;
	if (!s->text.len)
		return s;
	find_map(a, t, s, path);
	if (s->map.len)
		s->lines = lines_of(a, s->text);
	s->is_compiled |= s->map.len || has_head_of_compiler(s->text);
	return s;
}
