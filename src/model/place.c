#include "model/place.h"

#include "base/path.h"
#include "shared/source_owner.h"
#include "trace/caller.h"
#include "trace/site.h"

/* Perl in nginx has the text of a function as the name of its file: the
 * recorder masks the text. */
bool place_has_line(struct str site)
{
	struct str file = site_file(site);

	return file.len < site.len && !str_eq(file, STR("***"));
}

/* PREFIX of PREFIX/bin/NAME; len 0: the path is another. */
static struct str prefix_of_script(struct str path)
{
	const struct str bin = STR("/bin/");
	size_t len = path.len - str_base(path).len;

	if (len <= bin.len || memcmp(path.at + len - bin.len, bin.at, bin.len))
		return (struct str){NULL, 0};
	return (struct str){path.at, len - bin.len};
}

/* Where `path` goes on behind `prefix`; null: it begins otherwise. Python names
 * a script as it was called, "/app/./bin/x", and a module without the dot. */
static const char *behind(struct str path, struct str prefix)
{
	size_t i = 0, k = 0;

	while (k < prefix.len) {
		if (prefix.len - k > 3 && !memcmp(prefix.at + k, "/./", 3))
			k += 2;
		else if (i < path.len && path.at[i] == prefix.at[k])
			i++, k++;
		else
			return NULL;
	}
	return path.at + i;
}

static bool begins_with(const char *at, const char *end, struct str with)
{
	return (size_t)(end - at) > with.len && !memcmp(at, with.at, with.len);
}

/* Behind the last "../": ../venv, seen from elsewhere, ends another path. */
static struct str without_climbs(struct str path)
{
	const struct str up = STR("../");
	size_t from = 0;

	for (size_t i = 0; i + up.len <= path.len; i++)
		if (!memcmp(path.at + i, up.at, up.len))
			from = i + up.len;
	return (struct str){path.at + from, path.len - from};
}

/* Of a prefix that is not absolute, the end of a directory's path is known. */
static bool is_package_of(struct str site, struct str prefix)
{
	const struct str lib = STR("/lib/python");
	const char *end = site.at + site.len, *at;

	prefix = without_climbs(prefix);
	if (prefix.len && *prefix.at == '/') {
		at = behind(site, prefix);
		return at && begins_with(at, end, lib);
	}
	for (at = site.at; prefix.len && at < end; at++)
		if (*at == '/' && begins_with(at + 1, end, prefix) &&
		    begins_with(at + 1 + prefix.len, end, lib))
			return true;
	return false;
}

bool is_entry_script(const struct event *e, struct str path)
{
	struct str prefix = prefix_of_script(path);

	for (size_t i = 0; prefix.len && i < count_frames(e); i++)
		if (is_package_of(nth_frame(e, i).site, prefix))
			return true;
	return false;
}

static bool is_own(const struct event *e, struct str site)
{
	struct str file = site_file(site);

	return file.len &&
	       find_source_owner(file.at, file.len).owner == SOURCE_OWN &&
	       !is_entry_script(e, file);
}

struct str own_line_of(const struct event *e)
{
	for (size_t i = 0; i < count_frames(e); i++)
		if (is_own(e, nth_frame(e, i).site))
			return nth_frame(e, i).site;
	return (struct str){NULL, 0};
}

struct str place_library(struct str site)
{
	struct str file = site_file(site);
	struct source_owner source = find_source_owner(file.at, file.len);

	if (source.owner != SOURCE_LIBRARY)
		return (struct str){NULL, 0};
	return (struct str){source.package, source.package_len};
}

bool place_was_edited(const struct trace *t, struct str site)
{
	for (size_t i = 0; t && i < t->edited.n; i++)
		if (str_eq(t->edited.at[i], site_file(site)))
			return true;
	return false;
}

struct str place_without_scheme(struct str site)
{
	const struct str scheme = STR("file://");

	if (site.len > scheme.len && !memcmp(site.at, scheme.at, scheme.len))
		return (struct str){site.at + scheme.len,
				    site.len - scheme.len};
	return site;
}

/* The last directories and the name: a sentence has no room for more. */
static struct str short_path(struct str path)
{
	const size_t most = 56;
	const char *slash;

	if (path.len <= most)
		return path;
	slash = memchr(path.at + path.len - most, '/', most);
	if (!slash)
		return str_base(path);
	return (struct str){slash + 1,
			    path.len - (size_t)(slash + 1 - path.at)};
}

/* An open file: the number alone says nothing. */
static bool is_descriptor(struct str path)
{
	const struct str dev = STR("/dev/"), proc = STR("/proc/");

	return path.len > proc.len && (!memcmp(path.at, dev.at, dev.len) ||
				       !memcmp(path.at, proc.at, proc.len));
}

/* "openai" of "openai/_client". */
static struct str first_part(struct str path)
{
	const char *slash = memchr(path.at, '/', path.len);

	return slash ? (struct str){path.at, (size_t)(slash - path.at)} : path;
}

/* The name under which a package is installed: "openai" of openai/_client,
 * "@scope/name". len 0: the file lies in no folder of a package. */
static struct str package_of(struct str site)
{
	struct str file = site_file(site), part = place_library(site), name;

	if (!part.len)
		return part;
	name = part.at[0] == '@' ? part : first_part(part);
	if (name.at + name.len == file.at + file.len ||
	    name.at[name.len] != '/')
		return (struct str){NULL, 0};
	return name;
}

/* "openai (_client.py:7)": the name of the file alone says little of a package.
 */
static struct str place_in_package(struct arena *a, struct str site)
{
	struct str base = str_base(site), package = package_of(site);

	if (!base.len) /* a function may end in a slash, too */
		return site;
	if (!package.len || !place_has_line(site))
		return base;
	return arena_print(a, "%.*s (%.*s)", STR_FMT(package), STR_FMT(base));
}

/* "./app.js" is told as "app.js". */
static struct str without_dot(struct str path)
{
	bool has_dot = path.len > 2 && path.at[0] == '.' && path.at[1] == '/';

	return has_dot ? (struct str){path.at + 2, path.len - 2} : path;
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
	return s.len;
}

struct str place_cell(struct str site)
{
	const struct str kernel = STR("ipykernel_"), ending = STR(".py");
	struct str file = site_file(site), base = str_base(file), folder;

	if (base.len <= ending.len || base.len == file.len)
		return (struct str){NULL, 0};
	folder = str_base((struct str){file.at, file.len - base.len - 1});
	base.len -= ending.len;
	return !memcmp(base.at + base.len, ending.at, ending.len) &&
			       is_number(base) && folder.len > kernel.len &&
			       !memcmp(folder.at, kernel.at, kernel.len) &&
			       is_number((struct str){folder.at + kernel.len,
						      folder.len - kernel.len})
		       ? base
		       : (struct str){NULL, 0};
}

struct str place_in_words(struct arena *a, const struct image *image,
			  struct str site)
{
	struct str cwd = image ? image->cwd : (struct str){NULL, 0};

	site = place_without_scheme(site);
	if (place_has_line(site) && place_cell(site).len)
		return arena_print(a, "line %llu of a notebook's cell",
				   (unsigned long long)site_line(site));
	if (path_is_below(site, cwd))
		return short_path(without_dot(path_behind(site, cwd)));
	if (without_dot(site).len < site.len)
		return without_dot(site);
	if (is_descriptor(site))
		return site;
	if (site.len && site.at[0] != '/' && place_has_line(site))
		return short_path(site);
	return place_in_package(a, site);
}
