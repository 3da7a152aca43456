#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/older_value.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/siblings.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

/* Values that were handed out at nearly the same time are meant to differ:
 * tenants. */
static const uint64_t AT_ONCE = 1000000000; /* ns */

enum { MOST_LOOKS = 4096 };

/* --- the service changed the value of a worker that it had started ---------
 */

/* The reader began before the change, and read or sent the older value after
 * it. */
static struct passed_change find_change_after_start(const struct reading *r)
{
	struct passed_change none = {NULL, NULL, NULL};
	struct passed_change found = find_passed_change(r, last_use(r));

	return found.change && found.change->t > start_of_process(r->image)
		       ? found
		       : none;
}

/* --- an equal program has the newer value ----------------------------------
 */

static bool has_newer(const struct image *image, const struct image *of,
		      const struct reading *r)
{
	const struct value *held;

	(void)of;
	return image->born > r->image->born + AT_ONCE &&
	       are_comparable(image, r->image) &&
	       model_is_evidence(image, r->image) &&
	       (!r->image->ended || r->image->ended > image->born) &&
	       model_inherited(image, r->name, &held) == PRESENT &&
	       is_newer_value(r, held);
}

/* An equal program, begun later with the newer value, or null. */
static const struct image *find_newer_equal(const struct model *m,
					    const struct reading *r)
{
	return find_equal_program(m, r->image, r, has_newer);
}

/* --- what came of it --------------------------------------------------------
 */

/* An error that was being handled when the program ended well is none. */
static bool did_raise(const struct image *image)
{
	return image->raise &&
	       !(image->raise->handled && image->has_status && !image->status);
}

static bool did_reader_fail(const struct reading *r)
{
	return model_failed(r->image) || did_raise(r->image) || find_refusal(r);
}

/* The failure of a worker may reach its launcher as a message: the launcher
 * fails, and the worker lives on or is stopped. */
static bool did_fail_for(const struct image *launcher, const struct reading *r)
{
	const struct image *worker = r->image;

	return launcher && launcher != worker && model_failed(launcher) &&
	       (!worker->has_status || worker->status);
}

/* A reader of the older value that lived to see the newer one, and failed.
 * `changer`: the launcher that changed the value, or null. */
static bool did_any_fail(const struct reading *r, const struct image *changer,
			 uint64_t since)
{
	const struct variable *v = r->variable;

	for (size_t i = 0; i < v->n_readings && i < MOST_LOOKS; i++) {
		const struct reading *o = v->readings[i];

		if (o->outcome == READ_FOUND && o->value &&
		    str_eq(o->value->fp, r->value->fp) &&
		    model_is_evidence(o->image, r->image) &&
		    (!o->image->ended || o->image->ended > since) &&
		    (did_reader_fail(o) || did_fail_for(changer, o)))
			return true;
	}
	return false;
}

/* A launcher that held neither value gave each of its programs one of its own.
 */
static bool is_given_to_each(const struct reading *r, const struct image *newer)
{
	const struct image *starter = starter_of(newer);
	const struct value *held;

	return starter &&
	       model_held(starter, r->name, newer->born, &held) != PRESENT;
}

static enum severity most_severe(const struct reading *r,
				 const struct image *changer,
				 const struct image *newer, uint64_t since)
{
	if (!did_any_fail(r, changer, since))
		return NOTE;
	return newer && is_given_to_each(r, newer) ? WARNING : FAULT;
}

/* The file from which the value was loaded was changed while the reader lived.
 * KT701 has the readers that began after the change. */
static bool explain_file(const struct model *m, const struct reading *r,
			 struct finding *ret)
{
	struct loaded_file f;
	uint64_t changed;

	f = find_changed_file(m, r, &changed);
	if (!f.by || changed < start_of_process(r->image) ||
	    (r->image->ended && r->image->ended < changed))
		return false;
	set_opening_culprit(ret, f.by, f.open);
	ret->newer_since = changed;
	ret->severity = most_severe(r, NULL, NULL, changed);
	ret->confidence = confidence_by_requests(r);
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct passed_change passed;
	const struct image *newer;

	if (!model_found_value(r))
		return false;
	if (explain_file(m, r, ret))
		return true;
	passed = find_change_after_start(r);
	newer = passed.change ? NULL : find_newer_equal(m, r);
	if (!passed.change && !newer)
		return false;
	if (passed.change)
		set_culprit(ret, passed.changer, passed.change, passed.started);
	else
		set_culprit(ret, r->image, NULL, r->image);
	ret->newer_since = passed.change ? passed.change->t : newer->born;
	ret->severity = most_severe(r, passed.changer, newer, ret->newer_since);
	ret->confidence = confidence_by_requests(r);
	return true;
}

/* A forked child has its parent's command line. */
static struct str who_goes_on(struct arena *a, const struct image *image)
{
	return image->hop == HOP_FORK ? STR("a child that it forked")
				      : process_in_short(a, image);
}

/* The program that loaded the older value loaded the newer one since. */
static bool is_loaded_again(const struct reading *r,
			    const struct loaded_file *f)
{
	for (size_t i = 0; i < f->by->n_events; i++) {
		const struct event *e = f->by->events[i];

		if (e->kind == KT_SET && e->t > f->open->t &&
		    str_eq(e->name, r->name) &&
		    str_eq(e->value.fp, f->variable->value.fp))
			return true;
	}
	return false;
}

static void describe_file(const struct model *m, const struct reading *r,
			  struct finding *f)
{
	uint64_t changed;
	struct loaded_file file = find_changed_file(m, r, &changed);
	struct str line = line_of_file(m->arena, file.by, &file);

	if (file.by != r->image && is_loaded_again(r, &file))
		f->summary = arena_print(
			m->arena,
			"%.*s loaded %.*s before the file was changed, and "
			"again after; %.*s still has the older value of %.*s",
			STR_FMT(place_of_culprit(m->arena, f)), STR_FMT(line),
			STR_FMT(place_of_victim(m->arena, f)),
			STR_FMT(r->name));
	else
		say_culprit(m, r, f,
			    "loaded %.*s before the file was changed, and goes "
			    "on with the older value of %.*s",
			    STR_FMT(line), STR_FMT(r->name));
}

static void describe_change(const struct model *m, const struct reading *r,
			    struct finding *f)
{
	say_culprit(m, r, f,
		    "changes %.*s while %.*s goes on with the older value",
		    STR_FMT(r->name), STR_FMT(who_goes_on(m->arena, r->image)));
}

static void describe_equal(const struct model *m, const struct reading *r,
			   struct finding *f)
{
	const struct image *newer = find_newer_equal(m, r);

	say_victim(m, f,
		   "reads an older value of %.*s than an equal program that "
		   "began later",
		   STR_FMT(r->name));
	f->detail =
		arena_print(m->arena, "%.*s began later, with a newer value",
			    STR_FMT(process_in_sentence(m->arena, newer)));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (!f->culprit_event)
		describe_equal(m, r, f);
	else if (f->culprit_event->kind == KT_OPEN)
		describe_file(m, r, f);
	else
		describe_change(m, r, f);
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_STALE, r->name);
}

const struct rule rule_kt702 = {"KT702",	  "stale-after-rotation",
				LOSS_OTHER_VALUE, 605,
				explains,	  describe};
