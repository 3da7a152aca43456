#include "diagnosis/evidence/files/missing_secret.h"

#include <errno.h>

#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/files/subshell_file.h"

enum { MOST_CHILDREN = 256 };

static bool is_file_of(const struct event *open, struct str name)
{
	const struct str end = STR("_FILE");

	return !open->write && open->name.len == name.len + end.len &&
	       str_has_prefix(open->name, name) &&
	       str_has_suffix(open->name, end);
}

/* Keeps the last look of the image until then. */
static void look_at(struct file_opening *last, const struct image *image,
		    struct str name, uint64_t until)
{
	for (size_t i = image->n_opens; i--;) {
		const struct event *open = image->opens[i];

		if (open->t > until || !is_file_of(open, name))
			continue;
		if (!last->by || open->t > last->open->t)
			*last = (struct file_opening){image, open};
		return;
	}
}

/* $(cat "$NAME_FILE") */
static void look_below(struct file_opening *last, const struct image *shell,
		       struct str name, uint64_t until)
{
	size_t looks = MOST_CHILDREN;

	for (const struct image *c = shell->first_child; c && looks--;
	     c = c->next_sibling) {
		const struct image *tool = program_of_fork(c);

		if (c->hop != HOP_FORK || model_hop_time(c) > until)
			continue;
		look_at(last, c, name, until);
		if (tool)
			look_at(last, tool, name, until);
	}
}

struct file_opening find_missing_secret(const struct reading *r)
{
	struct file_opening last = {.by = NULL};
	struct ancestor a =
		ancestor_itself(r->image, r->event ? r->event->t : 0);

	for (; a.image && r->event; a = ancestor_above(a)) {
		look_at(&last, a.image, r->name, a.until);
		look_below(&last, a.image, r->name, a.until);
	}
	return last.by && last.open->has_errno && last.open->error == ENOENT
		       ? last
		       : (struct file_opening){.by = NULL};
}
