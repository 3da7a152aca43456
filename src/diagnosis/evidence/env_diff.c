#include "diagnosis/evidence/env_diff.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/older_copy.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

struct counts {
	uint64_t dropped, unchanged;
};

/* No event shows the call: compares the number of variables at both births. */
static struct counts by_births(const struct image *from,
			       const struct image *receiver)
{
	uint64_t held = from->birth ? from->birth->vars : 0;
	uint64_t passed = receiver->birth ? receiver->birth->vars : 0;

	return (struct counts){held > passed ? held - passed : 0, passed};
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The caller emptied its own environment first, and then passed the rest. A
 * swap counts only the remaining variables: the number before is taken from the
 * birth. */
static struct counts by_clear(const struct loss *l)
{
	const struct event *birth = l->clearer->birth;
	uint64_t passed = l->event->vars;
	uint64_t held = l->cleared->vars;

	if (l->cleared->kind != KT_CLEAR)
		held = birth ? birth->vars : 0;
	return (struct counts){
		most(l->cleared->lost.n, held > passed ? held - passed : 0),
		passed};
}

/* The recorder counts some thousands of variables at most: of a larger
 * environment the event has no counts. */
static bool counts_are_known(const struct event *h)
{
	return h->same || h->held || h->dropped || h->unchanged || !h->vars;
}

static struct counts by_handover(const struct loss *l, struct str name)
{
	const struct event *h = l->event;

	if (find_value(&h->lost, name))
		return (struct counts){h->dropped, h->unchanged};
	if (l->cleared)
		return by_clear(l);
	if (h->same)
		return (struct counts){1, h->vars};
	/* `held` is from before the caller's own set. */
	return (struct counts){h->dropped + 1, h->unchanged};
}

static enum env_diff env_diff_of(const struct loss *l, struct str name)
{
	struct counts n = l->event && counts_are_known(l->event)
				  ? by_handover(l, name)
				  : by_births(l->image, l->receiver);

	if (n.dropped == 1)
		return ENV_DIFF_ONE;
	return n.unchanged < 3 ? ENV_DIFF_ALL : ENV_DIFF_SOME;
}

/* The line of a shell's script that took the name away. len 0: not certain. */
static struct str line_of_removal(const struct finding *f,
				  const struct reading *r)
{
	struct str line = line_of_change(f->culprit_event, r->name);

	if (!line.len) /* bash changes its environment before it forks */
		line = line_of_change(r->loss->cleared, r->name);
	return line;
}

bool explain_by_env_diff(const struct model *m, const struct reading *r,
			 enum env_diff cut, struct finding *ret)
{
	const struct loss *l = r->loss;

	(void)m;
	if (!l || l->kind != LOST_AT_HANDOVER || env_diff_of(l, r->name) != cut)
		return false;
	set_culprit(ret, l->image, l->event, l->receiver);
	if (line_of_removal(ret, r).len)
		ret->culprit_site = line_of_removal(ret, r);
	ret->confidence = l->event ? CERTAIN : POSSIBLE;
	return true;
}

static bool is_name_byte(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* Most shells pass no name on that they could not assign: dash drops
 * INPUT_API-KEY, and so does busybox. */
static bool is_dropped_by_any_shell(const struct image *culprit,
				    struct str name)
{
	if (!is_shell(culprit))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_byte(name.at[i]))
			return true;
	return false;
}

static bool has_line(const struct event *e)
{
	return e && (event_has_source_line(e) || e->command_site.len);
}

static void describe_launch(const struct model *m, const struct reading *r,
			    struct finding *f)
{
	const struct image *receiver = r->loss->receiver;
	struct str order = has_line(f->culprit_event)
				   ? STR("")
				   : position_in_shell(m, f->culprit, receiver);

	say_culprit(m, r, f, "starts %.*s%.*s without %.*s",
		    STR_FMT(started_in_words(m->arena, f, receiver)),
		    STR_FMT(order), STR_FMT(names_of(m->arena, f)));
}

/* The line to edit is the line that takes the name away, not the launch. */
static void describe_removal(const struct model *m, const struct reading *r,
			     struct finding *f)
{
	struct arena *a = m->arena;

	say_culprit(m, r, f, "removes %.*s from the environment",
		    STR_FMT(names_of(a, f)));
	f->detail = before_launch(a, f, r->loss->receiver);
	f->fix = runtime_remedy(a, f->culprit, REMEDY_DROPPED, r->name);
}

static void describe_older_copy(const struct model *m, const struct reading *r,
				struct finding *f,
				const struct older_copy *older)
{
	struct arena *a = m->arena;
	struct str set = own_line_of(older->set);

	f->detail = arena_print(
		a, "the copy of %.*s was made before %.*s set %.*s",
		STR_FMT(place_in_words(a, f->culprit, older->copy->site)),
		STR_FMT(place_in_words(a, f->culprit, set)), STR_FMT(r->name));
	f->fix = arena_print(a,
			     "copy the environment after %.*s is set, best "
			     "where the program is started",
			     STR_FMT(r->name));
}

/* The end of the sentence "NAME held NAME and started NAME ...". */
static const struct {
	enum remedy remedy;
	const char *how;
} words[] = {
	[ENV_DIFF_ONE] = {REMEDY_DROPPED,
			  "the whole environment was passed, except this name"},
	[ENV_DIFF_ALL] = {REMEDY_REPLACED, "a new environment was passed, with "
					   "almost nothing of the old"},
	[ENV_DIFF_SOME] =
		{REMEDY_FILTERED,
		 "a part of the environment was passed, without this name"},
};

void describe_env_diff(const struct model *m, const struct reading *r,
		       struct finding *f)
{
	enum env_diff diff = env_diff_of(r->loss, r->name);
	struct older_copy older = {NULL, NULL};

	if (line_of_removal(f, r).len) {
		describe_removal(m, r, f);
		return;
	}
	describe_launch(m, r, f);
	if (diff == ENV_DIFF_ONE)
		older = find_older_copy(f, r);
	if (older.copy) {
		describe_older_copy(m, r, f, &older);
		return;
	}
	f->detail = str_of(words[diff].how);
	if (is_dropped_by_any_shell(f->culprit, r->name)) {
		f->detail = STR("a shell passes on no name like this");
		f->fix = arena_print(m->arena,
				     "run the command under bash, which keeps "
				     "%.*s, or read a name of letters, digits "
				     "and underscores alone",
				     STR_FMT(r->name));
		return;
	}
	f->fix = runtime_remedy(m->arena, f->culprit, words[diff].remedy,
				r->name);
	if (f->n_asked_here)
		f->fix = arena_print(m->arena,
				     "%.*s; the same for the other names",
				     STR_FMT(f->fix));
}
