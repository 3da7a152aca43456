#include "diagnosis/evidence/siblings.h"

#include "model/place.h"
#include "trace/site.h"

enum { MOST_LOOKS = 4096 };

const struct image *starter_of(const struct image *image)
{
	const struct image *up = image->parent;

	if (image->hop == HOP_EXEC && up && up->hop == HOP_FORK && up->parent &&
	    up->pid == image->pid)
		return up->parent;
	return up;
}

/* What a fork became by exec, or the image itself. */
static const struct image *program_after_fork(const struct image *image)
{
	if (image->hop == HOP_FORK)
		for (const struct image *c = image->first_child; c;
		     c = c->next_sibling)
			if (c->hop == HOP_EXEC && c->pid == image->pid)
				return c;
	return image;
}

static bool are_alike(const struct image *a, const struct image *b)
{
	return a != b && a->owner == b->owner && str_eq(a->exe, b->exe) &&
	       str_eq(a->command, b->command) &&
	       (a->hop == HOP_THREAD) == (b->hop == HOP_THREAD);
}

bool ended_before(const struct image *a, const struct image *b)
{
	uint64_t end = model_last_program(a)->ended;

	return end && end < b->born;
}

static bool are_replicas(const struct image *a, const struct image *b)
{
	return are_alike(a, b) && str_eq(a->cwd, b->cwd) &&
	       !ended_before(a, b) && !ended_before(b, a);
}

static bool is_asked_in(const struct reading *r, struct str file)
{
	for (const struct call_site *s = r->call_sites; s; s = s->next)
		if (str_eq(site_file(own_line_of(s->first)), file))
			return true;
	return false;
}

/* A script of a package may run any program: the container of PM2, a sandbox of
 * bullmq. Such programs are equal when both ask in the same file. */
static bool runs_another(const struct image *equal, const struct image *of,
			 const struct reading *r)
{
	struct str own;

	if (of != r->image || !r->event ||
	    !place_library(model_first_operand(of)).len)
		return false;
	own = own_line_of(r->event);
	if (!own.len)
		return false;
	for (const struct reading *o = equal->readings; o; o = o->next)
		if (str_eq(o->name, r->name) && is_asked_in(o, site_file(own)))
			return false;
	return true;
}

typedef bool fitting(const struct image *equal, const struct image *of,
		     const struct reading *);

static const struct image *find_sibling(const struct image *of,
					const struct reading *r, fitting *fits)
{
	size_t looks = MOST_LOOKS;

	if (program_after_fork(of) != of)
		return NULL;
	for (const struct image *c = starter_of(of)->first_child; c && looks--;
	     c = c->next_sibling) {
		const struct image *equal = program_after_fork(c);

		if (are_alike(equal, of) && !runs_another(equal, of, r) &&
		    fits(equal, of, r))
			return equal;
	}
	return NULL;
}

static const struct image *find_replica(const struct model *m,
					const struct image *of,
					const struct reading *r, fitting *fits)
{
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *root = m->images[i];

		if (!root->parent && are_replicas(root, of) &&
		    !runs_another(root, of, r) && fits(root, of, r))
			return root;
	}
	return NULL;
}

const struct image *find_equal_program(const struct model *m,
				       const struct image *of,
				       const struct reading *r, fitting *fits)
{
	return of->parent ? find_sibling(of, r, fits)
			  : find_replica(m, of, r, fits);
}
