/* Relief 5: the program was started again, and then had the name. */
#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/older_value.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "model/place.h"
#include "runtimes/runtime.h"

enum { MOST_LOOKS = 256 };

/* True when a launcher gave the image a watched name, or a value, that the
 * launcher itself did not hold. */
static bool is_given_anew(const struct image *image)
{
	const struct event *birth = image->birth;

	for (size_t i = 0; birth && i < birth->env.n; i++) {
		const struct named_value *given = &birth->env.at[i];
		const struct value *held = NULL;

		if (model_held(image->parent, given->name,
			       model_hop_time(image), &held) != PRESENT ||
		    !str_eq(held->fp, given->value.fp))
			return true;
	}
	return false;
}

static bool is_env(const struct image *image)
{
	return str_eq(str_base(image->exe), STR("env"));
}

/* The program that started the image. A shell forks, and the child execs,
 * perhaps by way of env. */
static const struct image *launcher_of(const struct image *image)
{
	const struct image *at = image;

	while (at->parent && at->hop == HOP_EXEC && is_env(at->parent))
		at = at->parent;
	return at->parent && at->hop == HOP_EXEC && at->parent->hop == HOP_FORK
		       ? at->parent->parent
		       : at->parent;
}

/* Two starts by the same launcher: the programs themselves, or the npm and the
 * shell which started the programs. */
struct starts {
	const struct image *launcher; /* or null */
	const struct image *first, *second;
};

static bool look_alike(const struct image *a, const struct image *b)
{
	return a != b && str_eq(a->exe, b->exe) && str_eq(a->cwd, b->cwd) &&
	       str_eq(a->command, b->command);
}

static struct starts find_starts(const struct image *first,
				 const struct image *second)
{
	enum { MOST_CLIMBS = 8 };
	size_t climbs = MOST_CLIMBS;

	while (first && second && climbs-- && look_alike(first, second)) {
		const struct image *launcher = launcher_of(first);

		if (launcher && launcher == launcher_of(second))
			return (struct starts){launcher, first, second};
		first = launcher;
		second = launcher_of(second);
	}
	return (struct starts){.launcher = NULL};
}

/* A value of its own makes the second start another service. What a shell
 * exported since is not seen, and may be meant for a new try of what failed. */
static bool may_be_other_service(const struct starts *s)
{
	return is_given_anew(s->first) ||
	       (is_given_anew(s->second) &&
		!(model_failed(s->first) &&
		  runtime_of(s->launcher)->id == RUNTIME_SHELL));
}

static bool found_or_served(const struct reading *o)
{
	if (o->outcome == READ_FOUND)
		return !is_nothing(o);
	for (const struct reading *f = o->image->readings; f; f = f->next)
		if (model_found_value(f) && !is_needed_itself(o->name) &&
		    serves(f->name, o->name))
			return true;
	return false;
}

/* --- with a name which the launcher got since --------------------------------
 */

/* PM2 starts all programs by the same command. */
static bool ask_at_one_line(const struct reading *a, const struct reading *b)
{
	struct str own;

	if (!a->event || !b->event)
		return false;
	own = own_line_of(a->event);
	return own.len ? str_eq(own, own_line_of(b->event))
		       : str_eq(event_site(a->event), event_site(b->event));
}

/* The second start has each other value of the first. */
static bool has_values_of(const struct image *second, const struct image *first,
			  struct str but)
{
	for (size_t i = 0; first->birth && i < first->birth->env.n; i++) {
		const struct named_value *given = &first->birth->env.at[i];
		const struct value *value = NULL;

		if (!str_eq(given->name, but) &&
		    (model_inherited(second, given->name, &value) != PRESENT ||
		     !str_eq(value->fp, given->value.fp)))
			return false;
	}
	return first->birth;
}

static bool overlap(const struct image *a, const struct image *b)
{
	return a->born < b->ended && (!a->ended || a->ended > b->born);
}

static bool is_alive_at(const struct image *image, uint64_t t)
{
	return image->born <= t && (!image->ended || image->ended > t);
}

static bool is_same_answer(const struct reading *a, const struct reading *b)
{
	if (is_nothing(a) || is_nothing(b))
		return is_nothing(a) && is_nothing(b);
	return str_eq(a->value->fp, b->value->fp);
}

/* Workers of the program at a time with the same answer, the reader counted. */
static size_t count_workers_at(const struct reading *r, uint64_t t)
{
	const struct variable *v = r->variable;
	size_t n = 0;

	for (size_t i = 0; i < v->n_readings && i < MOST_LOOKS; i++) {
		const struct reading *o = v->readings[i];

		n += is_alive_at(o->image, t) && is_same_answer(o, r) &&
		     (o == r || (!model_is_fork_or_thread(o->image) &&
				 find_starts(r->image, o->image).launcher &&
				 ask_at_one_line(o, r)));
	}
	return n;
}

static size_t count_workers(const struct reading *r)
{
	size_t at_birth = count_workers_at(r, r->image->born);
	size_t at_end =
		r->image->ended ? count_workers_at(r, r->image->ended - 1) : 0;

	return at_birth > at_end ? at_birth : at_end;
}

/* Each of several workers got the name. */
static bool is_all_started_again(const struct reading *first,
				 const struct reading *second)
{
	return count_workers(second) >= count_workers(first);
}

/* A worker beside the first which has a value, or another value in a later
 * start: the starts belong to different services. */
static bool is_of_other_service(const struct reading *o,
				const struct reading *first,
				const struct reading *second)
{
	struct starts s = find_starts(first->image, o->image);

	if (!s.launcher || !ask_at_one_line(o, first))
		return false;
	return (overlap(s.second, s.first) && !is_nothing(o)) ||
	       (s.second->born > s.first->ended && !is_nothing(o) &&
		!str_eq(o->value->fp, second->value->fp));
}

/* A launcher without a value started the program again, after the end, with a
 * value: `pm2 restart --update-env`, a supervisor which fetched the key. */
static bool is_given_the_name(const struct starts *s,
			      const struct reading *first,
			      const struct reading *second)
{
	const struct variable *v = first->variable;

	if (!model_found_value(second) ||
	    !(model_failed(s->first) || model_was_stopped(s->first)) ||
	    !ask_at_one_line(first, second) ||
	    !has_values_of(s->second, s->first, first->name))
		return false;
	for (size_t i = 0; i < v->n_readings && i < MOST_LOOKS; i++)
		if (is_of_other_service(v->readings[i], first, second))
			return false;
	return is_all_started_again(first, second);
}

/* --- the answers ------------------------------------------------------------
 */

static bool is_relief(const struct reading *first, const struct reading *second)
{
	struct starts s = find_starts(first->image, second->image);

	if (!s.launcher || model_failed(s.launcher) || !s.first->ended ||
	    s.second->born <= s.first->ended || model_failed(second->image))
		return false;
	if (may_be_other_service(&s))
		return is_given_the_name(&s, first, second);
	return found_or_served(second) &&
	       (!str_eq(s.launcher->program, STR("pm2")) ||
		is_all_started_again(first, second));
}

/* A later start which relieves the reading, or null. */
static const struct reading *find_relief(const struct reading *r, bool is_found)
{
	const struct variable *v = r->variable;

	for (size_t i = 0; i < v->n_readings && i < MOST_LOOKS; i++)
		if ((!is_found || v->readings[i]->outcome == READ_FOUND) &&
		    is_relief(r, v->readings[i]))
			return v->readings[i];
	return NULL;
}

bool restarted_with_it(const struct reading *r)
{
	return find_relief(r, false);
}

/* A reload starts the second after the first was refused, and then stops the
 * first: the second has a newer value, which a host takes after that end. */
static bool is_reloaded(const struct reading *second,
			const struct reading *first, const struct starts *s)
{
	const struct request *q = find_accepted(second);
	const struct request *refused = find_refusal(first);

	return refused && s->second->born > refused->event->t &&
	       model_was_stopped(s->first) && q &&
	       q->event->t > s->first->ended &&
	       is_newer_value(first, second->value);
}

/* The value of the second is accepted. */
static bool is_accepted_start(const struct reading *second,
			      const struct reading *first)
{
	struct starts s = find_starts(first->image, second->image);

	return second->outcome == READ_FOUND && s.launcher && s.first->ended &&
	       model_is_evidence(second->image, first->image) &&
	       ask_at_one_line(second, first) && was_accepted(second) &&
	       (s.second->born >= s.first->ended ||
		is_reloaded(second, first, &s));
}

/* The launcher itself got a newer value since, and the second, which has the
 * value from the launcher, ended well. */
static bool is_newer_start(const struct reading *second,
			   const struct reading *first)
{
	struct starts s = find_starts(first->image, second->image);

	return model_found_value(second) && s.launcher &&
	       !model_failed(s.launcher) && s.first->ended &&
	       s.second->born >= s.first->ended &&
	       is_newer_value(first, second->value) &&
	       second->image->has_status && !second->image->status &&
	       !is_given_anew(s.first) && !is_given_anew(s.second) &&
	       ask_at_one_line(second, first);
}

bool is_rotated(const struct reading *r)
{
	const struct variable *v = r->variable;
	bool refused;

	if (!r->image->parent || !model_has_ended(r->image) ||
	    !model_found_value(r))
		return false;
	refused = find_refusal(r);
	if (!refused && !model_failed(r->image))
		return false;
	for (size_t i = 0; i < v->n_readings && i < MOST_LOOKS; i++)
		if (refused ? is_accepted_start(v->readings[i], r)
			    : is_newer_start(v->readings[i], r))
			return true;
	return false;
}

/* The second start has the newer value, and did not fail. */
static bool is_good_with_newer(const struct reading *second,
			       const struct reading *first)
{
	struct starts s = find_starts(first->image, second->image);

	return model_found_value(second) && s.launcher && s.first->ended &&
	       s.second->born >= s.first->ended &&
	       model_is_evidence(second->image, first->image) &&
	       ask_at_one_line(second, first) &&
	       is_newer_value(first, second->value) &&
	       !model_failed(second->image) && !find_refusal(second);
}

bool restarted_with_newer(const struct reading *r)
{
	const struct variable *v = r->variable;

	for (size_t i = 0; i < v->n_readings && i < MOST_LOOKS; i++)
		if (is_good_with_newer(v->readings[i], r))
			return true;
	return false;
}

bool is_mended_start(const struct image *image)
{
	bool failed = model_failed(image) || model_was_stopped(image);

	if (!image->parent || !model_has_ended(image))
		return false;
	for (const struct reading *r = image->readings; r; r = r->next) {
		if (failed && r->event && is_nothing(r) && find_relief(r, true))
			return true;
		if (is_rotated(r))
			return true;
	}
	return false;
}
