#include "model/start_key.h"

#include "model/place.h"
#include "trace/site.h"

/* PM2 runs all programs by the same command: the first asking file of the
 * program's own tells programs apart. */
static struct str file_of_pm2(const struct image *root)
{
	const struct event *first = NULL;

	if (!str_eq(root->program, STR("pm2")))
		return STR("");
	for (const struct reading *r = root->readings; r; r = r->next)
		for (const struct call_site *s = r->call_sites; s; s = s->next)
			if (own_line_of(s->first).len &&
			    (!first || s->first->t < first->t))
				first = s->first;
	return first ? site_file(own_line_of(first)) : STR("");
}

struct str start_key(struct arena *a, const struct image *root)
{
	struct str cgroup = root->birth ? root->birth->cgroup : STR("");

	return arena_print(a, "%u %u %llu %.*s\n%.*s\n%.*s\n%.*s\n%.*s",
			   root->source, root->owner,
			   (unsigned long long)root->uid, STR_FMT(root->exe),
			   STR_FMT(root->cwd), STR_FMT(cgroup),
			   STR_FMT(root->command), STR_FMT(file_of_pm2(root)));
}
