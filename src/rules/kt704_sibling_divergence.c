#include "rules/rule.h"

#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/siblings.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

static const uint64_t AT_ONCE = 1000000000; /* ns */

enum { MOST_CLIMBS = 64 };

/* Two equal programs, of which the first leads to the reader. */
struct pair {
	const struct image *of_reader, *other; /* other null: none */
};

/* --- one lacks the name -----------------------------------------------------
 */

/* What began after the end of the other may be a second try: it tells nothing
 * of the first. */
static bool has_what_other_lacks(const struct image *image,
				 const struct image *other,
				 const struct reading *r)
{
	return model_is_evidence(image, r->image) &&
	       !ended_before(other, image) && holds_value(image, r->name);
}

/* A shell gives the name to a command by the command's own line (KT105). */
static bool is_started_by_line(const struct image *image)
{
	return starter_of(image) && is_shell(starter_of(image));
}

static struct pair find_equal_with_name(const struct model *m,
					const struct reading *r)
{
	size_t climbs = was_never_held(r) ? MOST_CLIMBS : 0;

	for (const struct image *at = r->image; at && climbs--;
	     at = at->parent) {
		const struct image *other =
			is_started_by_line(at)
				? NULL
				: find_equal_program(m, at, r,
						     has_what_other_lacks);

		if (other)
			return (struct pair){at, other};
	}
	return (struct pair){NULL, NULL};
}

static bool explain_missing(const struct model *m, const struct reading *r,
			    struct finding *ret)
{
	struct pair pair = find_equal_with_name(m, r);

	if (!pair.other)
		return false;
	if (starter_of(pair.of_reader))
		set_culprit(ret, starter_of(pair.of_reader),
			    pair.of_reader->handover, pair.of_reader);
	else
		set_culprit(ret, pair.of_reader, NULL, r->image);
	ret->loss = LOSS_ELSEWHERE;
	ret->is_meant = true;
	ret->confidence = LIKELY;
	return true;
}

/* --- the values differ ------------------------------------------------------
 */

static bool was_given(const struct image *image, struct str name,
		      const struct value **ret)
{
	return model_inherited(image, name, ret) == PRESENT;
}

/* Rotations (KT702) and restarts begin programs one after the other. */
static bool began_together(const struct image *a, const struct image *b)
{
	uint64_t apart =
		a->born > b->born ? a->born - b->born : b->born - a->born;

	return apart < AT_ONCE;
}

static bool has_value_of_starter(const struct image *image, struct str name)
{
	const struct value *held, *given;

	return was_given(image, name, &given) &&
	       model_held(starter_of(image), name, model_hop_time(image),
			  &held) == PRESENT &&
	       str_eq(held->fp, given->fp);
}

/* The first failed, and the second did not: a supervisor which got another
 * value since, or the loop of a shell. Values given to both are those of
 * tenants. */
static bool is_second_try(const struct image *next, const struct image *before,
			  struct str name)
{
	return model_failed(before) && !model_failed(next) &&
	       (is_started_by_line(before) ||
		has_value_of_starter(before, name) ||
		has_value_of_starter(next, name));
}

/* A manager that starts a program anew gives it what it was told meanwhile. */
static bool is_restart_of(const struct image *next, const struct image *before,
			  struct str name)
{
	return ended_before(before, next) &&
	       (model_was_stopped(before) || is_second_try(next, before, name));
}

static bool has_other_value_beside(const struct image *image,
				   const struct image *of,
				   const struct reading *r)
{
	const struct value *given;

	return began_together(image, of) &&
	       !is_restart_of(of, image, r->name) &&
	       !is_restart_of(image, of, r->name) &&
	       are_comparable(image, r->image) &&
	       was_given(image, r->name, &given) &&
	       is_other_value(given, r->value);
}

static struct pair find_equal_with_other_value(const struct model *m,
					       const struct reading *r)
{
	const struct value *given;
	size_t climbs = model_found_value(r) ? MOST_CLIMBS : 0;

	for (const struct image *at = r->image;
	     at->parent && climbs-- && was_given(at, r->name, &given) &&
	     str_eq(given->fp, r->value->fp);
	     at = at->parent) {
		const struct image *other =
			find_equal_program(m, at, r, has_other_value_beside);

		if (other)
			return (struct pair){at, other};
	}
	return (struct pair){NULL, NULL};
}

/* A launcher gives each of its programs a value of its own: keys of tenants, a
 * pool. */
static bool is_pool(struct pair pair, struct str name)
{
	return !has_value_of_starter(pair.of_reader, name) &&
	       !has_value_of_starter(pair.other, name);
}

static bool did_fail(const struct reading *r)
{
	return model_failed(r->image) || find_refusal(r);
}

/* Of two programs the one without the launcher's own value is the odd one,
 * unless the other alone failed. */
static bool is_odd_one(struct pair pair, const struct reading *r)
{
	if (did_fail(r))
		return true;
	return !model_failed(pair.other) &&
	       !has_value_of_starter(pair.of_reader, r->name);
}

static bool explain_other_value(const struct model *m, const struct reading *r,
				struct finding *ret)
{
	struct pair pair = find_equal_with_other_value(m, r);

	if (!pair.other || !is_odd_one(pair, r))
		return false;
	set_culprit(ret, starter_of(pair.of_reader), pair.of_reader->handover,
		    pair.of_reader);
	if (is_pool(pair, r->name))
		ret->severity = did_fail(r) ? WARNING : NOTE;
	ret->confidence = LIKELY;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return explain_missing(m, r, ret) || explain_other_value(m, r, ret);
}

/* --- words ------------------------------------------------------------------
 */

/* One line may start both, in a loop. */
static struct str both_starts(struct arena *a, const struct finding *f,
			      const struct image *other)
{
	struct str lacks = place_of_culprit(a, f);
	struct str line = line_of_launch(other), has;

	if (!place_has_line(line))
		return arena_print(a, "the start at %.*s leaves it out",
				   STR_FMT(lacks));
	has = place_in_words(a, f->culprit, line);
	if (str_eq(has, lacks))
		return arena_print(a, "one start at %.*s has it, one has not",
				   STR_FMT(lacks));
	return arena_print(a, "the start at %.*s has it, the one at %.*s not",
			   STR_FMT(has), STR_FMT(lacks));
}

static struct str fix_for_missing(struct arena *a, const struct reading *r,
				  const struct finding *f,
				  const struct image *other)
{
	struct str edit, starts;

	if (!has_line_of_culprit(f))
		return arena_print(
			a,
			"start all of them with the same environment: set "
			"%.*s in the unit, compose service or shell of each, "
			"and restart those that lack it",
			STR_FMT(r->name));
	edit = runtime_remedy(a, f->culprit, REMEDY_SOME, r->name);
	starts = both_starts(a, f, other);
	return arena_print(a, "%.*s: %.*s", STR_FMT(edit), STR_FMT(starts));
}

static void describe_missing(const struct model *m, const struct reading *r,
			     struct finding *f)
{
	struct pair pair = find_equal_with_name(m, r);
	struct str other = process_in_sentence(m->arena, pair.other);

	if (starter_of(pair.of_reader)) {
		say_culprit(m, r, f,
			    "gives %.*s to one %.*s, and not to "
			    "another",
			    STR_FMT(r->name),
			    STR_FMT(process_in_short(m->arena, r->image)));
		f->detail =
			arena_print(m->arena, "%.*s has it", STR_FMT(other));
	} else {
		say_victim(
			m, f,
			"asks for %.*s, which an equal program beside it has",
			STR_FMT(r->name));
		f->detail = arena_print(
			m->arena,
			"%.*s was started with it, and this one was "
			"not",
			STR_FMT(other));
	}
	f->fix = fix_for_missing(m->arena, r, f, pair.other);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (r->outcome == READ_MISSED) {
		describe_missing(m, r, f);
		return;
	}
	say_culprit(m, r, f,
		    "gives equal programs different values of "
		    "%.*s",
		    STR_FMT(r->name));
	f->detail = arena_print(
		m->arena, "%.*s has another value",
		STR_FMT(process_in_sentence(
			m->arena, find_equal_with_other_value(m, r).other)));
	f->fix = arena_print(m->arena,
			     "if each is meant to have a key of its own, look "
			     "at the key of this one; else set %.*s once, in "
			     "what starts them",
			     STR_FMT(r->name));
}

const struct rule rule_kt704 = {"KT704",	  "sibling-divergence",
				LOSS_OTHER_VALUE, 640,
				explains,	  describe};
