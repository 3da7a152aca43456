#include "diagnosis/evaluation.h"
#include "diagnosis/evidence/culprit.h"

struct evidence {
	const struct reading *found,
		*found_clearly;		/* a reader got its value */
	const struct reading *unseen;	/* lost where nobody could see */
	const struct reading *unheard;	/* lacks it, failed, cannot be heard */
	const struct reading *copied;	/* ... or may have read a copy */
	const struct image *gap;	/* was not observed */
	const struct image *failed_gap; /* ... and failed */
	const struct image *launcher;	/* what it starts, nobody sees */
	const struct image *silent;	/* the last that its process became */
	bool any_reader;
	bool lost; /* events of the trace */
	bool folded; /* who asked for it may have been counted only */
};

/* All on the way was seen; or what was not, brought out what was put in. */
static bool is_clear(const struct reading *r)
{
	const struct value *put_in = NULL;

	if (r->image->observed_from_root)
		return true;
	for (const struct image *i = r->image; i; i = i->parent)
		if (!i->observed &&
		    (model_inherited(i, r->name, &put_in) != PRESENT ||
		     !str_eq(put_in->fp, r->value->fp)))
			return false;
	return true;
}

static void consider(struct evidence *e, const struct reading *r)
{
	e->any_reader |= r->outcome != READ_NONE;
	if (r->outcome == READ_FOUND && !(r->value->is & KT_IS_EMPTY)) {
		e->found = e->found ? e->found : r;
		if (!e->found_clearly && is_clear(r))
			e->found_clearly = r;
	}
	if (!r->loss || r->later_found)
		return;
	if (!e->unseen && r->loss->kind == LOST_UNSEEN)
		e->unseen = r;
	if (r->outcome != READ_NONE || !model_failed(r->image))
		return;
	if (!e->unheard && runtime_hides_reads(r->image))
		e->unheard = r;
	if (!e->copied && runtime_may_hide_reads(r->image))
		e->copied = r;
}

/* A Go program that starts others, or fails. */
static bool starts_unseen(const struct image *image)
{
	return image->is_go && (image->first_child || model_failed(image));
}

/* It was to be followed, and was never heard, nor anything that it started. */
static bool is_silent(const struct image *image)
{
	return !image->observed && image->hop == HOP_EXEC &&
	       !image->first_child && !strcmp(image->gap, "no-trace");
}

static struct evidence gather(const struct model *m, struct str asked_for)
{
	struct evidence e = {.lost = m->trace->lost > 0,
			     .folded = model_reads_folded(m, asked_for)};

	for (size_t i = 0; i < m->n_readings; i++)
		if (!asked_for.len || str_eq(asked_for, m->readings[i].name))
			consider(&e, &m->readings[i]);
	for (size_t i = 0; i < m->n_images && !e.failed_gap; i++) {
		const struct image *image = m->images[i];

		if (!e.launcher && starts_unseen(image))
			e.launcher = image;
		if (!e.silent && is_silent(image))
			e.silent = image;
		if (image->observed)
			continue;
		e.gap = e.gap ? e.gap : image;
		if (model_failed(image))
			e.failed_gap = image;
	}
	return e;
}

static struct str unseen_hop(struct arena *a, const struct reading *r)
{
	const struct image *at = r->loss->image;

	return arena_print(
		a, "what became of %.*s in %.*s could not be seen (%s)",
		STR_FMT(r->name), STR_FMT(process_in_sentence(a, at)),
		at->gap ? at->gap : "its environment did not tell");
}

static struct str unheard(struct arena *a, const struct reading *r)
{
	return arena_print(a,
			   "%.*s lacked %.*s and failed, but what %s reads of "
			   "%sits environment cannot be seen",
			   STR_FMT(process_in_sentence(a, r->image)),
			   STR_FMT(r->name), runtime_of(r->image)->name,
			   runtime_hides_reads(r->image) ? "" : "a copy of ");
}

static struct str failed_unseen(struct arena *a, const struct image *gap)
{
	return arena_print(a, "%.*s failed, and could not be observed (%s)",
			   STR_FMT(process_in_sentence(a, gap)), gap->gap);
}

static struct str nobody(struct arena *a, const struct evidence *e,
			 struct str asked_for)
{
	struct str name = asked_for.len ? asked_for : STR("a watched variable");
	struct str unseen = STR("");

	if (asked_for.len && e->folded)
		unseen = STR("; not each name is told that some place asked "
			     "for");
	if (e->gap)
		unseen = arena_print(a, "; %.*s could not be observed (%s)",
				     STR_FMT(process_in_sentence(a, e->gap)),
				     e->gap->gap);
	return arena_print(a, "nobody was seen to %s %.*s%.*s",
			   e->any_reader ? "get" : "read", STR_FMT(name),
			   STR_FMT(unseen));
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
	if (e->failed_gap)
		return failed_unseen(a, e->failed_gap);
	if (e->launcher)
		return arena_print(
			a,
			"%.*s is a Go program: what it reads and "
			"starts cannot be seen",
			STR_FMT(process_in_sentence(a, e->launcher)));
	if (!e->found)
		return nobody(a, e, asked_for);
	if (e->silent)
		return arena_print(a,
				   "%.*s was started with the recorder, and "
				   "never spoke",
				   STR_FMT(process_in_sentence(a, e->silent)));
	if (e->copied)
		return unheard(a, e->copied);
	if (e->lost)
		return STR("events were lost: what is not there may tell "
			   "another story");
	if (!e->found_clearly && !first_gap(e->found->image)->observed)
		return arena_print(a,
				   "the way of %.*s leads through %.*s, which "
				   "could not be observed",
				   STR_FMT(e->found->name),
				   STR_FMT(process_in_sentence(
					   a, first_gap(e->found->image))));
	return (struct str){NULL, 0};
}

void decide_verdict(struct report *report, const struct model *m,
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
