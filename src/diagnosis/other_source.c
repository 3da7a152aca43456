/* Relief 4: what missed the name took the credential from a file. */
#include "diagnosis/evaluation.h"

#include "catalogue/login_files.h"
#include "trace/site.h"

/* At the top level of a file, all that a program does is one function: there
 * only the end tells that the value was used. */
static bool is_top_level(struct str function)
{
	return !function.len || function.at[0] == '<' ||
	       str_eq(function, STR("main"));
}

static bool is_one_function(const struct image *image, const struct asker *a,
			    const struct asker *b)
{
	return a->who == OWN_CODE && b->who == OWN_CODE && a->site.len &&
	       str_eq(a->function, b->function) &&
	       sites_share_file(a->site, b->site) &&
	       !(is_top_level(a->function) && model_failed(image));
}

static bool is_one_library(const struct asker *a, const struct asker *b)
{
	return a->package.len && str_eq(a->package, b->package);
}

/* The function, the library, or the transparent reader through which the name
 * was asked for, opened a file that assigns the name. */
static bool opened_by_asker(const struct reading *r, const struct event *miss,
			    const struct event *open, const struct asker *asker)
{
	struct asker opener = who_asks(r->image, open, r->name);

	return is_one_function(r->image, asker, &opener) ||
	       (asker->who != OWN_CODE && is_one_library(asker, &opener)) ||
	       share_getter(miss, open);
}

/* A command-line tool, or a program that did not fail, found a login of the
 * provider. */
static bool is_login(const struct reading *r, const struct event *open,
		     const struct asker *asker)
{
	return !open->has_errno && !open->probe && !open->write &&
	       (asker->is_tool || !model_failed(r->image)) &&
	       is_login_file_of(open->path, r->name);
}

struct loaded_file file_taken(const struct model *m, const struct reading *r,
			      const struct event *miss,
			      const struct asker *asker)
{
	for (size_t i = 0; i < r->image->n_opens && !r->later_set; i++) {
		const struct event *open = r->image->opens[i];
		struct loaded_file f = file_of_open(m, r->image, open, r->name);

		if (f.by && opened_by_asker(r, miss, open, asker))
			return f;
	}
	return (struct loaded_file){.by = NULL};
}

bool took_from_file(const struct model *m, const struct reading *r,
		    const struct event *miss, const struct asker *asker)
{
	if (r->later_set)
		return false;
	for (size_t i = 0; i < r->image->n_opens; i++)
		if (is_login(r, r->image->opens[i], asker))
			return true;
	return file_taken(m, r, miss, asker).by;
}
