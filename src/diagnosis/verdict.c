#include "diagnosis/evaluation.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

/* For each kind of sign the first reading or image, in favour of the verdict
 * "healthy" or against. */
struct signs {
	const struct reading *found;	     /* a reader got a value */
	const struct reading *found_clearly; /* ... on an observed way */
	const struct reading *unseen;	     /* lost where nothing was seen */
	const struct reading *hidden; /* failed without the variable; its reads
					 are not seen */
	const struct reading *maybe_hidden; /* ... or may read a copy */
	const struct image *gap;	    /* not observed */
	const struct image *failed_gap;	    /* ... and failed */
	const struct image *launcher;	    /* of unseen programs */
	const struct image *silent;	    /* without events */
	bool any_reader;
	bool lost_events;
	bool folded; /* reads of the variable may be only counted */
};

/* True when every image from the root on was observed, or when each unobserved
 * image passed on the value given to the image. */
static bool is_clear(const struct reading *r)
{
	const struct value *given = NULL;

	if (r->image->observed_from_root)
		return true;
	for (const struct image *i = r->image; i; i = i->parent)
		if (!i->observed &&
		    (model_inherited(i, r->name, &given) != PRESENT ||
		     !str_eq(given->fp, r->value->fp)))
			return false;
	return true;
}

static void note_found(struct signs *s, const struct reading *r)
{
	if (r->outcome != READ_FOUND || (r->value->is & KT_IS_EMPTY))
		return;
	s->found = s->found ? s->found : r;
	if (!s->found_clearly && is_clear(r))
		s->found_clearly = r;
}

static void note_loss(struct signs *s, const struct reading *r)
{
	if (!r->loss || r->later_found)
		return;
	if (!s->unseen && r->loss->kind == LOST_UNSEEN)
		s->unseen = r;
	if (r->outcome != READ_NONE || !model_failed(r->image))
		return;
	if (!s->hidden && runtime_hides_reads(r->image))
		s->hidden = r;
	if (!s->maybe_hidden && runtime_may_hide_reads(r->image))
		s->maybe_hidden = r;
}

static bool starts_unseen(const struct image *image)
{
	return model_bypasses_libc(image) &&
	       (image->first_child || model_failed(image));
}

/* True for a program started with the recorder, when neither the program nor
 * its children recorded an event. */
static bool is_silent(const struct image *image)
{
	return !image->observed && image->hop == HOP_EXEC &&
	       !image->first_child && image->gap == GAP_NO_TRACE;
}

static void note_image(struct signs *s, const struct image *image)
{
	if (!s->launcher && starts_unseen(image))
		s->launcher = image;
	if (!s->silent && is_silent(image))
		s->silent = image;
	if (image->observed)
		return;
	s->gap = s->gap ? s->gap : image;
	if (model_failed(image))
		s->failed_gap = image;
}

static struct signs find_signs(const struct model *m, struct str user_variable)
{
	struct signs s = {.lost_events = m->trace->lost > 0,
			  .folded = model_reads_folded(m, user_variable)};

	for (size_t i = 0; i < m->n_readings; i++) {
		const struct reading *r = &m->readings[i];

		if (user_variable.len && !str_eq(user_variable, r->name))
			continue;
		s.any_reader |= r->outcome != READ_NONE;
		note_found(&s, r);
		note_loss(&s, r);
	}
	for (size_t i = 0; i < m->n_images && !s.failed_gap; i++)
		note_image(&s, m->images[i]);
	return s;
}

static struct str unseen_reason(struct arena *a, const struct reading *r)
{
	const struct image *at = r->loss->image;

	return arena_print(
		a, "what became of %.*s in %.*s could not be seen (%s)",
		STR_FMT(r->name), STR_FMT(process_in_sentence(a, at)),
		at->gap != GAP_NONE ? gap_word(at->gap)
				    : "its environment did not tell");
}

static struct str hidden_reason(struct arena *a, const struct reading *r)
{
	return arena_print(a,
			   "%.*s lacked %.*s and failed, but what %s reads of "
			   "%sits environment cannot be seen",
			   STR_FMT(process_in_sentence(a, r->image)),
			   STR_FMT(r->name), runtime_of(r->image)->name,
			   runtime_hides_reads(r->image) ? "" : "a copy of ");
}

static struct str nothing_found_reason(struct arena *a, const struct signs *s,
				       struct str user_variable)
{
	struct str name =
		user_variable.len ? user_variable : STR("a watched variable");
	struct str gap = STR("");

	if (user_variable.len && s->folded)
		gap = STR("; not each name is told that some place asked for");
	if (s->gap)
		gap = arena_print(a, "; %.*s could not be observed (%s)",
				  STR_FMT(process_in_sentence(a, s->gap)),
				  gap_word(s->gap->gap));
	return arena_print(a, "nobody was seen to %s %.*s%.*s",
			   s->any_reader ? "get" : "read", STR_FMT(name),
			   STR_FMT(gap));
}

static const struct image *first_gap(const struct image *image)
{
	while (image->parent && image->observed)
		image = image->parent;
	return image;
}

static struct str unclear_reason(struct arena *a, const struct reading *found)
{
	const struct image *gap = first_gap(found->image);

	if (gap->observed)
		return (struct str){NULL, 0};
	return arena_print(a,
			   "the way of %.*s leads through %.*s, which could "
			   "not be observed",
			   STR_FMT(found->name),
			   STR_FMT(process_in_sentence(a, gap)));
}

/* A doubt about an image, as a sentence: NAME and `words`. */
static struct str image_reason(struct arena *a, const struct image *image,
			       const char *words)
{
	return arena_print(a, "%.*s %s", STR_FMT(process_in_sentence(a, image)),
			   words);
}

static struct str failed_reason(struct arena *a, const struct image *gap)
{
	return arena_print(a, "%.*s failed, and could not be observed (%s)",
			   STR_FMT(process_in_sentence(a, gap)),
			   gap_word(gap->gap));
}

/* Why the run cannot be called healthy. len 0: no reason. */
static struct str doubt(struct arena *a, const struct signs *s,
			struct str user_variable)
{
	if (s->unseen)
		return unseen_reason(a, s->unseen);
	if (s->hidden)
		return hidden_reason(a, s->hidden);
	if (s->failed_gap)
		return failed_reason(a, s->failed_gap);
	if (s->launcher)
		return image_reason(a, s->launcher,
				    "is a Go program: what it reads and starts "
				    "cannot be seen");
	if (!s->found)
		return nothing_found_reason(a, s, user_variable);
	if (s->silent)
		return image_reason(a, s->silent,
				    "was started with the recorder, and never "
				    "spoke");
	if (s->maybe_hidden)
		return hidden_reason(a, s->maybe_hidden);
	if (s->lost_events)
		return STR("events were lost: what is not there may tell "
			   "another story");
	if (!s->found_clearly)
		return unclear_reason(a, s->found);
	return (struct str){NULL, 0};
}

void decide_verdict(struct report *report, const struct model *m,
		    struct str user_variable)
{
	struct signs s;

	if (report->n_findings && report->findings[0].severity == FAULT) {
		report->verdict = FAULTY;
		return;
	}
	s = find_signs(m, user_variable);
	report->reason = doubt(m->arena, &s, user_variable);
	report->verdict = report->reason.len ? INCONCLUSIVE : HEALTHY;
}
