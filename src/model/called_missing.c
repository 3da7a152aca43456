/* A program that looks in a copy of the environment is not seen to ask: the
 * message of the error that ended the program tells the name. */
#include "model/reading_collector.h"

#include "shared/source_owner.h"
#include "trace/caller.h"
#include "trace/site.h"

static bool misses(const struct image *image, struct str name)
{
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_READ &&
		    !image->events[i]->found &&
		    str_eq(image->events[i]->name, name))
			return true;
	return false;
}

/* A worker of a pool sends an error to the program that started the worker,
 * which raises the error again. */
static bool is_missed_below(const struct image *image, struct str name,
			    unsigned depth)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (misses(c, name) ||
		    (depth && is_missed_below(c, name, depth - 1)))
			return true;
	return false;
}

/* The innermost line of the program itself becomes the place of the event; else
 * the place stays. */
static void move_to_own_line(struct event *e)
{
	for (size_t i = 0; i < count_frames(e); i++) {
		struct caller f = nth_frame(e, i);
		struct str file = site_file(f.site);

		if (find_source_owner(file.at, file.len).owner != SOURCE_OWN)
			continue;
		e->site = f.site;
		e->in = f.function;
		e->callers.at += i;
		e->callers.n -= i;
		return;
	}
}

static void add_name(struct collector *c, struct image *image,
		     const struct event *raise, struct str name)
{
	struct event *e = TAKE(c->build->arena, struct event, 1);

	*e = *raise;
	e->kind = KT_READ;
	e->fn = STR("error");
	e->name = name;
	e->t = raise->t - 1;
	e->n = 1;
	move_to_own_line(e);
	add_read(c, image, e);
}

void add_called_missing(struct collector *c, struct image *image,
			const struct event *raise)
{
	enum { LEVELS = 3 };

	if (raise != image->raise || image->first_copy == SIZE_MAX ||
	    image->child_failed)
		return;
	for (size_t i = 0; i < raise->missing.n; i++) {
		struct str name = raise->missing.at[i];
		struct variable_node *v = find_variable_for(c, image, name);
		const struct value *value;

		if (!v->found && !v->missed &&
		    model_held(image, name, raise->t, &value) == ABSENT &&
		    !is_missed_below(image, name, LEVELS))
			add_name(c, image, raise, name);
	}
}
