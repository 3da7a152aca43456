#include "rules/judge.h"
#include "rules/cause.h"

struct evidence {
	const struct reading *found,
		*found_clearly;	       /* a reader got its value */
	const struct reading *unseen;  /* lost where nobody could see */
	const struct reading *unheard; /* lacks it, failed, cannot be heard */
	const struct image *gap;       /* failed, and was not observed */
	bool any_reader;
};

static void consider(struct evidence *e, const struct reading *r)
{
	e->any_reader |= r->outcome != READ_NONE;
	if (r->outcome == READ_FOUND) {
		e->found = e->found ? e->found : r;
		if (!e->found_clearly && r->image->seen_from_root)
			e->found_clearly = r;
	}
	if (!r->loss || r->later_found)
		return;
	if (!e->unseen && r->loss->kind == LOST_UNSEEN)
		e->unseen = r;
	if (!e->unheard && r->outcome == READ_NONE &&
	    runtime_of(r->image)->hides_reads && model_failed(r->image))
		e->unheard = r;
}

static struct evidence gather(const struct model *m, struct str asked_for)
{
	struct evidence e = {0};

	for (size_t i = 0; i < m->n_readings; i++)
		if (!asked_for.len || str_eq(asked_for, m->readings[i].name))
			consider(&e, &m->readings[i]);
	for (size_t i = 0; i < m->n_images && !e.gap; i++)
		if (!m->images[i]->observed && model_failed(m->images[i]))
			e.gap = m->images[i];
	return e;
}

static struct str unseen_hop(struct arena *a, const struct reading *r)
{
	const struct image *at = r->loss->image;

	return arena_print(a,
			   "what became of %.*s in %.*s could not be seen (%s)",
			   STR_FMT(r->name), STR_FMT(who(a, at)),
			   at->gap ? at->gap : "its environment did not tell");
}

static struct str unheard(struct arena *a, const struct reading *r)
{
	return arena_print(a,
			   "%.*s lacked %.*s and failed, but what %s reads of "
			   "its environment cannot be seen",
			   STR_FMT(who(a, r->image)), STR_FMT(r->name),
			   runtime_of(r->image)->name);
}

static struct str nobody(struct arena *a, const struct evidence *e,
			 struct str asked_for)
{
	struct str name = asked_for.len ? asked_for : STR("a watched variable");

	return arena_print(a,
			   e->any_reader ? "nobody was seen to get %.*s"
					 : "nobody was seen to read %.*s",
			   STR_FMT(name));
}

static const struct image *first_gap(const struct image *image)
{
	while (image->parent && image->observed)
		image = image->parent;
	return image;
}

/* Null reason: nothing stands against "healthy". */
static struct str doubt(struct arena *a, const struct evidence *e,
			struct str asked_for)
{
	if (e->unseen)
		return unseen_hop(a, e->unseen);
	if (e->unheard)
		return unheard(a, e->unheard);
	if (!e->found)
		return nobody(a, e, asked_for);
	if (e->gap)
		return arena_print(a,
				   "%.*s failed, and could not be observed "
				   "(%s)",
				   STR_FMT(who(a, e->gap)), e->gap->gap);
	if (!e->found_clearly && !first_gap(e->found->image)->observed)
		return arena_print(a,
				   "the way of %.*s leads through %.*s, which "
				   "could not be observed",
				   STR_FMT(e->found->name),
				   STR_FMT(who(a, first_gap(e->found->image))));
	return (struct str){NULL, 0};
}

void pronounce(struct report *report, const struct model *m,
	       struct str asked_for)
{
	struct evidence e;

	if (report->n_findings && report->findings[0].severity == FAULT) {
		report->verdict = FAULTY;
		return;
	}
	e = gather(m, asked_for);
	report->reason = doubt(m->arena, &e, asked_for);
	report->verdict = report->reason.len ? INCONCLUSIVE : HEALTHY;
}
