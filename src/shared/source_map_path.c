#include "shared/source_map_path.h"

#include "shared/text.h"

void percent_decode(char *text)
{
	char *to = text;
	uint8_t byte;

	for (; *text; text++) {
		if (*text == '%' && text[1] && str_unhex(&byte, 1, text + 1) &&
		    byte) {
			*to++ = (char)byte;
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* --- dots ----------------------------------------------------------------- */

/* The part before `end`, which lies behind a slash. */
static char *part_before(char *from, char *end)
{
	char *at = end - 1;

	while (at > from && at[-1] != '/')
		at--;
	return at;
}

/* Can `..` take back the part at `part`, up to `end`? */
static bool can_go_up(const char *part, const char *end)
{
	return end > part && !(end - part == 3 && str_begins(part, "../"));
}

/* A path that begins with "./" still does, for it says where the path begins.
 */
void path_normalize(char *path)
{
	char *from = path + (*path == '/' || str_begins(path, "./")
				     ? 1 + (*path == '.')
				     : 0);
	char *to = from;

	for (const char *at = from; *at;) {
		size_t n = 0;

		while (at[n] && at[n] != '/')
			n++;
		if (n == 2 && str_begins(at, "..") && to > from &&
		    can_go_up(part_before(from, to), to)) {
			to = part_before(from, to);
		} else if (n == 2 && str_begins(at, "..") && *path == '/') {
			; /* above the root lies the root */
		} else if (n && !(n == 1 && *at == '.')) {
			for (size_t i = 0; i < n + (at[n] == '/'); i++)
				*to++ = at[i];
		}
		at += n + (at[n] == '/');
	}
	*to = '\0';
}

/* --- URLs ----------------------------------------------------------------- */

/* Behind "scheme://"; NULL: no URL. */
static char *behind_scheme(char *url)
{
	char *at = url;

	while (is_letter(*at) || is_digit(*at) || *at == '-' || *at == '+')
		at++;
	return at > url && str_begins(at, "://") ? at + 3 : NULL;
}

static void drop_before(char *text, const char *rest)
{
	__builtin_memmove(text, rest, str_length(rest) + 1);
}

/* webpack://NAME/./src/a.ts?12, webpack-internal:///(rsc)/./app/a.ts,
 * turbopack:///[project]/app/a.ts. NULL: code of the bundler's own. */
static const char *behind_bundler(const char *url)
{
	const char *path = str_find_char(url, '/');
	bool is_layer = path && (path[1] == '(' || path[1] == '[');

	if (!path || str_begins(path, "/[turbopack") ||
	    str_begins(path, "/webpack/") || str_begins(path, "/external "))
		return NULL;
	if (is_layer)
		path = str_find_char(path + 1, '/');
	return path && path[1] ? path + 1 : NULL;
}

static bool undo_bundler(char *url, const char *behind)
{
	const char *path = behind_bundler(behind);
	char *query;

	if (!path)
		return false;
	drop_before(url + 2, path);
	url[0] = '.';
	url[1] = '/';
	query = (char *)(uintptr_t)str_find_char(url, '?');
	if (query)
		*query = '\0';
	return true;
}

/* A URL becomes the path that it names. */
static bool undo_url(char *url)
{
	const char *behind = behind_scheme(url);

	if (!behind)
		return true;
	if (!str_begins(url, "file:"))
		return undo_bundler(url, behind);
	if (*behind != '/')
		return false;
	drop_before(url, behind);
	percent_decode(url);
	return true;
}

/* --- paths ---------------------------------------------------------------- */

static bool is_absolute(const char *path)
{
	return *path == '/' || behind_scheme((char *)(uintptr_t)path);
}

static bool append_directory(char *ret, size_t size, const char *file)
{
	bool fits = str_append(ret, size, file);

	ret[base_name(ret) - ret] = '\0';
	return fits;
}

static bool append_root(char *ret, size_t size, const char *root)
{
	bool fits = str_append(ret, size, root);
	size_t n = str_length(ret);

	return fits && (!n || ret[n - 1] == '/' || str_append(ret, size, "/"));
}

bool source_map_path(char *ret, size_t size, const char *base, const char *root,
		     const char *source)
{
	ret[0] = '\0';
	if (!*source)
		return false;
	if (!is_absolute(source) &&
	    ((!is_absolute(root) && !append_directory(ret, size, base)) ||
	     !append_root(ret, size, root)))
		return false;
	if (!str_append(ret, size, source) || !undo_url(ret))
		return false;
	path_normalize(ret);
	return ret[0];
}
