#include "formats/diagnostic.h"

#include <ctype.h>

#include "base/path.h"
#include "formats/text_layout.h"
#include "model/place.h"
#include "trace/site.h"

static struct str skip(struct str s, size_t n)
{
	return (struct str){s.at + n, s.len - n};
}

/* --- paths ---------------------------------------------------------------- */

static void append(struct arena *a, struct str *path, struct str name)
{
	*path = arena_print(a, "%.*s/%.*s", STR_FMT(*path), STR_FMT(name));
}

/* An absolute path without "." and "..". */
static struct str normal(struct arena *a, struct str path)
{
	struct str done = STR("");

	while (path.len) {
		const char *slash = memchr(path.at, '/', path.len);
		size_t n = slash ? (size_t)(slash - path.at) : path.len;
		struct str name = {path.at, n};

		path = skip(path, n + (slash != NULL));
		if (str_eq(name, STR("..")))
			done.len -= str_base(done).len + (done.len > 0);
		else if (n && !str_eq(name, STR(".")))
			append(a, &done, name);
	}
	return done;
}

/* A path begins with no byte that begins an option or a workflow command. */
static struct str plain(struct arena *a, struct str path)
{
	bool is_plain = !path.len || isalnum((unsigned char)*path.at) ||
			strchr("/._@", *path.at);

	if (is_plain)
		return path;
	return arena_print(a, "./%.*s", STR_FMT(path));
}

static struct str file_of(struct arena *a, const struct report *r,
			  const struct image *image, struct str file)
{
	bool is_relative = file.len && *file.at != '/';

	if (is_relative && image && image->cwd.len)
		file = arena_print(a, "%.*s/%.*s", STR_FMT(image->cwd),
				   STR_FMT(file));
	if (file.len && *file.at == '/')
		file = normal(a, file);
	return plain(a, path_behind(file, r->view.directory));
}

/* --- places --------------------------------------------------------------- */

static bool take_line(struct diagnostic *d, struct str site)
{
	if (!place_has_line(site))
		return false;
	d->file = site_file(site);
	d->line = skip(site_without_mark(site), d->file.len + 1);
	return true;
}

/* Of module+0xOFFSET, or a path without line; a bare word is a function. */
static bool take_file(struct diagnostic *d, struct str site)
{
	struct str module = site_module(site);

	if (!module.len ||
	    (module.len == site.len && !memchr(site.at, '/', site.len)))
		return false;
	d->file = module;
	return true;
}

/* The culprit's place, or the reader's where that alone has a line. */
static void take_place(struct arena *a, const struct report *r,
		       const struct finding *f, struct diagnostic *d)
{
	struct str culprit = place_without_scheme(f->culprit_site);
	struct str victim = place_without_scheme(f->victim_site);
	const struct image *image = f->victim;

	if (take_line(d, culprit))
		image = f->culprit_may_have_moved ? NULL : f->culprit;
	else if (take_line(d, victim))
		;
	else if (take_file(d, culprit))
		image = f->culprit;
	else
		take_file(d, victim);
	d->file = file_of(a, r, image, d->file);
}

/* --- findings ------------------------------------------------------------- */

static void add(struct arena *a, const struct report *r,
		const struct finding *f, struct diagnostics *all)
{
	struct diagnostic *d = &all->at[all->n];

	if (f->severity == NOTE && !r->view.verbose &&
	    !note_is_worth_a_line(r, f))
		return;
	d->severity = f->severity;
	d->sentence = f->summary;
	d->fix = f->fix;
	d->code = f->code;
	d->id = f->id;
	take_place(a, r, f, d);
	all->n++;
}

struct diagnostics diagnostics_of(struct arena *a, const struct report *r)
{
	struct diagnostics all = {TAKE(a, struct diagnostic, r->n_findings + 1),
				  0};

	if (r->verdict == INCONCLUSIVE)
		all.at[all.n++].sentence = r->headline;
	for (size_t i = 0; i < r->n_findings; i++)
		add(a, r, &r->findings[i], &all);
	return all;
}
