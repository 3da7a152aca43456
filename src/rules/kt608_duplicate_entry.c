#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/sentence.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

enum { MOST_CLIMBS = 64 };

/* The value of a second entry with which the image began; null: none. */
static const struct value *second_entry(const struct image *image,
					struct str name)
{
	return image->birth ? find_value(&image->birth->again, name) : NULL;
}

/* The first program on the way to the reader that began with two entries. */
static const struct image *find_image_with_two(const struct reading *r)
{
	const struct image *found = NULL;
	size_t climbs = MOST_CLIMBS;

	for (const struct image *at = r->image; at && climbs--; at = at->parent)
		if (second_entry(at, r->name))
			found = at;
	return found;
}

static bool are_equal(const struct image *image, struct str name)
{
	const struct value *first = find_value(&image->birth->env, name);

	return first && !is_other_value(second_entry(image, name), first);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct image *with_two =
		model_found_value(r) ? find_image_with_two(r) : NULL;

	(void)m;
	if (!with_two)
		return false;
	if (with_two->parent)
		set_culprit(ret, with_two->parent, with_two->handover,
			    with_two);
	else
		set_culprit(ret, with_two, NULL, with_two);
	ret->is_meant = true;
	ret->severity = are_equal(with_two, r->name) ? NOTE : FAULT;
	ret->confidence = CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	const struct image *with_two = find_image_with_two(r);

	if (with_two->parent)
		say_culprit(m, r, f, "passes two entries of %.*s",
			    STR_FMT(r->name));
	else
		say_victim(
			m, f,
			"reads %.*s, of which its environment has two entries",
			STR_FMT(r->name));
	f->detail = are_equal(with_two, r->name)
			    ? STR("both have the same value")
			    : arena_print(m->arena,
					  "%.*s began with two values: getenv "
					  "finds the first, a shell takes the "
					  "last",
					  STR_FMT(process_in_sentence(
						  m->arena, with_two)));
	f->fix = f->is_line_of_go ? runtime_remedy_in(m->arena, RUNTIME_GO,
						      REMEDY_REPEATED, r->name)
				  : runtime_remedy(m->arena, f->culprit,
						   REMEDY_REPEATED, r->name);
}

const struct rule rule_kt608 = {"KT608", "duplicate-entry", LOSS_OTHER_VALUE,
				70,	 explains,	    describe};
