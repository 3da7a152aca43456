#include "diagnosis/evidence/names/unexported_name.h"

#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "trace/site.h"

const struct image *find_assigning_shell(const struct reading *r)
{
	struct ancestor a =
		ancestor_above(ancestor_itself(r->image, UINT64_MAX));

	while (a.image && !(is_shell(a.image) && a.image->hop != HOP_FORK &&
			    arguments_set_for_shell(a.image, r->name)))
		a = ancestor_above(a);
	return a.image;
}

struct str line_of_unexported(const struct unexported *u)
{
	if (u->removed_at.len)
		return u->removed_by.len ? u->removed_by : u->removed_at;
	return u->read_at.len ? u->read_at : u->site;
}

static const struct unexported *find_in(const struct image *shell,
					struct str name)
{
	const struct unexported_list *list = &shell->birth->unexported;

	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i].name, name))
			return &list->at[i];
	return NULL;
}

/* A language may name the script as it was called. */
static bool is_of_file(struct str site, struct str other)
{
	return str_eq(str_base(site_file(site)), str_base(site_file(other)));
}

/* False where the script had started the program before. */
static bool is_above_launch(const struct unexported *u, struct str launch)
{
	struct str line = line_of_unexported(u);

	return !launch.len || !site_line(launch) || !is_of_file(launch, line) ||
	       site_line(line) <= site_line(launch);
}

static bool is_cause(const struct unexported *u, bool is_removed)
{
	return u && u->site.len && !u->exported_at.len &&
	       (u->removed_at.len != 0) == is_removed;
}

static struct unexported_name find_above(const struct reading *r,
					 bool is_removed)
{
	struct ancestor a = ancestor_itself(r->image, UINT64_MAX);
	struct str launch = {NULL, 0}, line;

	for (; a.image; a = ancestor_above(a)) {
		const struct unexported *u =
			a.image->birth ? find_in(a.image, r->name) : NULL;

		if (is_cause(u, is_removed) && a.image != r->image &&
		    is_above_launch(u, launch))
			return (struct unexported_name){a.image, u};
		line = line_of_launch(a.image);
		launch = line.len ? line : launch;
	}
	return (struct unexported_name){NULL, NULL};
}

struct unexported_name find_unexported_name(const struct reading *r)
{
	return find_above(r, false);
}

struct unexported_name find_removed_name(const struct reading *r)
{
	struct unexported_name removed = find_above(r, true),
			       nearer = find_above(r, false);

	for (const struct image *at = nearer.shell; removed.shell && at;
	     at = at->parent)
		if (at->parent == removed.shell)
			return (struct unexported_name){NULL, NULL};
	return removed;
}

struct str exporting_line_of(const struct image *shell, struct str name)
{
	const struct unexported *u = shell->birth ? find_in(shell, name) : NULL;

	return u ? u->exported_at : (struct str){NULL, 0};
}

struct str local_line_of(const struct image *shell, struct str name)
{
	const struct unexported *u = shell->birth ? find_in(shell, name) : NULL;

	return u ? u->local_at : (struct str){NULL, 0};
}

struct str local_line_of_any(const struct image *shell, struct str read_at)
{
	enum { MOST_LINES = 10 };
	struct str local = local_line_of(shell, STR(ANY_NAME));
	unsigned long line = site_line(local), read = site_line(read_at);

	if (!line || !read || !is_of_file(local, read_at) ||
	    (line > read ? line - read : read - line) > MOST_LINES)
		return (struct str){NULL, 0};
	return local;
}
