#include "rules/rule.h"

#include "catalogue/env_libraries.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/late_set.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

/* An ancestor of the reader set the variable after it had started the way to
 * the reader. KT207 is for threads. */
static bool explain_late(const struct reading *r, struct finding *ret)
{
	if (!r->late_set.set || r->late_set.started->hop == HOP_THREAD)
		return false;
	set_late_culprit(r, ret);
	ret->loss = LOSS_ELSEWHERE;
	ret->confidence = LIKELY;
	return true;
}

/* The program, also where the way began with a fork. */
static struct str what_started(struct arena *a, const struct reading *r,
			       const struct finding *f)
{
	const struct image *program = r->late_set.started;

	for (const struct image *at = r->image; at != r->late_set.started;
	     at = at->parent)
		if (at->pid == r->late_set.started->pid)
			program = at;
	if (program->hop == HOP_FORK)
		return STR("forks its child");
	return arena_print(a, "starts %.*s",
			   STR_FMT(started_in_words(a, f, program)));
}

/* --- another value, which came later ---------------------------------------
 */

static bool is_mocks(const struct event *set)
{
	const char *family = loader_family(set->site);

	return family && !strcmp(family, "mock");
}

/* The image sent the value. */
static bool is_sent(const struct reading *r, const struct value *value)
{
	for (size_t i = 0; i < r->image->n_requests; i++)
		if (request_carries(&r->image->requests[i], value))
			return true;
	return false;
}

/* PHP and mocks put a value back that they had replaced. */
static bool is_put_back(const struct reading *r, const struct event *set)
{
	const struct value *value;

	return model_inherited(r->image, r->name, &value) == PRESENT &&
	       str_eq(value->fp, set->value.fp);
}

/* A value set after the last read of the other value, and used by nobody: a
 * program which asks for a new key when a host has refused the old key uses
 * both. Or null. */
static const struct event *find_unused_set(const struct reading *r)
{
	const struct event *set, *read = r->found_by;
	const struct request *refused;

	if (r->outcome != READ_FOUND || !read || is_asked_by_loaders(r))
		return NULL;
	set = model_last_change(r->image, r->name, UINT64_MAX);
	if (!set || set->kind != KT_SET || set->t <= read->t || is_mocks(set) ||
	    model_is_malformed(&set->value) ||
	    !is_other_value(&set->value, r->value) || is_put_back(r, set) ||
	    is_sent(r, &set->value))
		return NULL;
	refused = find_refusal(r);
	return refused && refused->event->t < set->t ? NULL : set;
}

/* A set from a file, or before a refusal, was meant for the reader. */
static bool explain_unused_set(const struct model *m, const struct reading *r,
			       struct finding *ret)
{
	const struct event *set = find_unused_set(r);

	if (!set)
		return false;
	set_culprit(ret, r->image, set, r->image);
	ret->loss = LOSS_OTHER_VALUE;
	if (!find_refusal(r) &&
	    !find_file_of_set(m, r->image, set, &set->value).by)
		ret->severity = model_failed(r->image) ? WARNING : NOTE;
	ret->confidence = LIKELY;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	if (explain_unused_set(m, r, ret))
		return true;
	if (!r->later_set)
		return r->loss && r->loss->kind == LOST_NEVER_HELD &&
		       explain_late(r, ret);
	set_culprit(ret, r->image, r->later_set, r->image);
	ret->confidence = CERTAIN;
	return true;
}

/* The line of the program: of a loader, the one that called the loader. */
static struct str place_of_set(const struct model *m, const struct finding *f)
{
	return place_has_line(f->culprit_site)
		       ? place_in_words(m->arena, f->culprit, f->culprit_site)
		       : STR("the process itself");
}

static void say_before(const struct model *m, struct finding *f)
{
	say_victim(m, f, "asks for %.*s before %.*s sets it",
		   STR_FMT(names_of(m->arena, f)), STR_FMT(place_of_set(m, f)));
}

static void describe_unused_set(const struct model *m, const struct reading *r,
				struct finding *f)
{
	const struct event *set = f->culprit_event;
	struct loaded_file file =
		find_file_of_set(m, f->culprit, set, &set->value);
	struct str line = STR("");

	if (file.by)
		line = arena_print(
			m->arena, ", from %.*s",
			STR_FMT(line_of_file(m->arena, file.by, &file)));
	say_victim(m, f, "asks for %.*s before %.*s sets the other value",
		   STR_FMT(r->name), STR_FMT(place_of_set(m, f)));
	f->detail =
		arena_print(m->arena,
			    "two values: %.*s was read, %.*s was set "
			    "later%.*s",
			    STR_FMT(short_print(r->value)),
			    STR_FMT(short_print(&set->value)), STR_FMT(line));
	set_own_fix(m, f,
		    "what was made from the first value keeps it: run %.*s "
		    "first, above the import or the call that leads to %.*s",
		    STR_FMT(place_of_set(m, f)),
		    STR_FMT(place_of_victim(m->arena, f)));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (r->outcome == READ_FOUND) {
		describe_unused_set(m, r, f);
		return;
	}
	if (!r->later_set) {
		describe_late_set(m, r, f, what_started(m->arena, r, f));
		return;
	}
	say_before(m, f);
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_EARLY, r->name);
}

const struct rule rule_kt401 = {"KT401", "read-before-set", LOSS_SEEN,
				400,	 explains,	    describe};
