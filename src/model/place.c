#include "model/place.h"

#include "shared/source_owner.h"
#include "trace/caller.h"

bool place_has_line(struct str site)
{
	return site_file(site).len < site.len;
}

static bool is_own(struct str site)
{
	struct str file = event_file(site);

	return file.len > 1 &&
	       find_source_owner(file.at, file.len - 1).owner == SOURCE_OWN;
}

struct str own_line_of(const struct event *e)
{
	if (is_own(e->site))
		return e->site;
	for (size_t i = 0; i < e->callers.n; i++)
		if (is_own(caller_of(e->callers.at[i]).site))
			return caller_of(e->callers.at[i]).site;
	return (struct str){NULL, 0};
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

struct str place_in_words(const struct image *image, struct str site)
{
	struct str cwd = image ? image->cwd : (struct str){NULL, 0}, base;

	site = place_without_scheme(site);
	if (cwd.len > 1 && site.len > cwd.len + 1 &&
	    !memcmp(site.at, cwd.at, cwd.len) && site.at[cwd.len] == '/')
		return short_path((struct str){site.at + cwd.len + 1,
					       site.len - cwd.len - 1});
	if (site.len > 2 && site.at[0] == '.' && site.at[1] == '/')
		return (struct str){site.at + 2, site.len - 2};
	if (site.len && site.at[0] != '/' && place_has_line(site))
		return short_path(site);
	base = str_base(site);
	return base.len ? base : site; /* a function may end in a slash, too */
}
