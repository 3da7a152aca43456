/* Relief: why a miss did no harm. Numbers as in docs/judgement.md.
 */
#include "diagnosis/evaluation.h"

#include "catalogue/env_libraries.h"
#include "diagnosis/end.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

static const uint64_t SECOND = 1000000000;

static uint64_t distance(const struct event *a, const struct event *b)
{
	return a->t > b->t ? a->t - b->t : b->t - a->t;
}

static bool is_same_place(const struct event *a, const struct event *b)
{
	return str_eq(a->at, b->at) && str_eq(a->site, b->site);
}

/* --- 1: a chain of fallbacks ---------------------------------------------- */

/* One function of own code, or one call of a library from one own line. */
static bool is_one_call(const struct asker *a, const struct asker *b)
{
	if (a->who == OWN_CODE && b->who == OWN_CODE)
		return a->site.len ? str_eq(a->function, b->function) &&
					     sites_share_file(a->site, b->site)
				   : !b->site.len;
	if (a->user_site.len || b->user_site.len)
		return str_eq(a->user_site, b->user_site);
	return str_eq(a->package, b->package) &&
	       (a->who == OWN_CODE) == (b->who == OWN_CODE);
}

/* True when one function was called from two places: a getter of one's own, for
 * two clients. Callers are not told of every read. */
static bool are_two_calls(const struct event *a, const struct event *b)
{
	return a->callers.n && b->callers.n && is_same_place(a, b) &&
	       !str_eq(a->callers.at[0], b->callers.at[0]);
}

static bool found_in_call(const struct reading *r, const struct reading *o,
			  const struct event *miss, const struct asker *asker)
{
	for (const struct call_site *s = o->call_sites; s; s = s->next) {
		struct asker other = who_asks(r->image, s->first, o->name);

		if (s->first->thread == miss->thread &&
		    s->first->t >= miss->t &&
		    distance(s->first, miss) <= SECOND &&
		    is_one_call(asker, &other) &&
		    !are_two_calls(s->first, miss))
			return true;
	}
	return false;
}

static bool is_fallback(const struct reading *r, const struct event *miss,
			const struct asker *asker)
{
	for (const struct reading *o = r->image->readings; o; o = o->next) {
		if (!model_found_value(o) || !serves(o->name, r->name))
			continue;
		if (!is_needed_itself(r->name) ||
		    found_in_call(r, o, miss, asker))
			return true;
	}
	return false;
}

/* --- 2: the same place found the name later ------------------------------- */

bool was_found_later(const struct reading *r, const struct event *miss)
{
	for (const struct call_site *s = r->call_sites; s; s = s->next)
		if (s->first == miss && s->found_later)
			return !(r->later_set && model_failed(r->image));
	return false;
}

/* --- 3: a router ------------------------------------------------------------
 */

static bool is_one_piece(const struct asker *a, const struct asker *b)
{
	return a->who == OWN_CODE
		       ? b->who == OWN_CODE && a->site.len && b->site.len &&
				 str_eq(a->function, b->function) &&
				 sites_share_file(a->site, b->site)
		       : a->package.len && str_eq(a->package, b->package);
}

static bool is_key(struct str name)
{
	return role_of(name) == ROLE_KEY || role_of(name) == ROLE_ALTERNATIVE;
}

bool is_router(const struct reading *r, const struct event *miss,
	       const struct asker *asker)
{
	if (!is_key(r->name))
		return false;
	for (const struct reading *o = r->image->readings; o; o = o->next) {
		if (!model_found_value(o) || !is_key(o->name) ||
		    !are_of_one_kind(o->name, r->name))
			continue;
		for (const struct call_site *s = o->call_sites; s;
		     s = s->next) {
			struct asker other =
				who_asks(r->image, s->first, o->name);

			if (distance(s->first, miss) <= SECOND &&
			    is_one_piece(asker, &other))
				return true;
		}
	}
	return false;
}

/* --- 6: a loader's probe ----------------------------------------------------
 */

static bool is_of_one_loader(const struct event *miss, const struct event *set)
{
	const char *a = loader_family(miss->site),
		   *b = loader_family(set->site);

	return a && b && !strcmp(a, b);
}

static bool read_between(const struct image *image, const struct event *from,
			 const struct event *to)
{
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if (e->kind == KT_READ && e > from && e < to &&
		    str_eq(e->name, from->name) && !is_same_place(e, from) &&
		    !is_of_one_loader(e, from))
			return true;
	}
	return false;
}

static bool is_native(const struct event *e)
{
	return !event_has_source_line(e);
}

/* The module of a place in native code: libuv.so.1 of libuv.so.1+0x31. */
static struct str module_of(const struct event *e)
{
	const char *plus = e->at.len ? memrchr(e->at.at, '+', e->at.len) : NULL;

	return (struct str){e->at.at, plus ? (size_t)(plus - e->at.at) : 0};
}

static bool is_one_library_function(const struct asker *asker,
				    const struct event *miss,
				    const struct event *set)
{
	return asker->who != OWN_CODE && event_has_source_line(miss) &&
	       event_has_source_line(set) &&
	       sites_share_file(miss->site, set->site) &&
	       str_eq(miss->in, set->in);
}

/* The set follows the miss at once, and nobody else asked between. */
static bool is_early_set(const struct reading *r, const struct event *miss)
{
	const struct event *set = r->later_set;

	return set && set->thread == miss->thread && set->t >= miss->t &&
	       set->t - miss->t <= SECOND && !read_between(r->image, miss, set);
}

/* Node's own code loads a file. process.loadEnvFile sets below the line that
 * called, and asks without a line. */
static bool is_native_probe(const struct event *miss, const struct event *set,
			    const struct asker *asker)
{
	const uint64_t at_once = SECOND / 100;

	if (is_native(set))
		return str_eq(module_of(miss), module_of(set));
	return asker->who != OWN_CODE && module_of(miss).len &&
	       str_eq(module_of(miss), module_of(set)) &&
	       set->t - miss->t < at_once;
}

static bool is_probe(const struct reading *r, const struct event *miss,
		     const struct asker *asker)
{
	const struct event *set = r->later_set;

	if (!is_early_set(r, miss))
		return false;
	if (is_native(miss))
		return is_native_probe(miss, set, asker);
	return is_of_one_loader(miss, set) ||
	       is_one_library_function(asker, miss, set) ||
	       is_own_default(r, miss, asker) ||
	       is_own_loaders_probe(r, miss, asker);
}

bool is_loaders_probe(const struct reading *r, const struct event *miss,
		      const struct asker *asker)
{
	if (!is_early_set(r, miss))
		return false;
	if (is_native(miss))
		return runtime_of_program(r->image->exe)->id == RUNTIME_NODE &&
		       is_native_probe(miss, r->later_set, asker);
	return (is_of_one_loader(miss, r->later_set) && !is_mock(miss)) ||
	       is_own_loaders_probe(r, miss, asker);
}

/* --- 7: a test's mock
 * --------------------------------------------------------- */

bool is_mock(const struct event *e)
{
	const char *family = loader_family(e->site);

	return family && !strcmp(family, "mock");
}

/* The mock took back its own setting. */
static bool was_mocked(const struct reading *r)
{
	const struct loss *l = r->loss;
	const struct event *set;

	if (!l || l->kind != LOST_UNSET || !is_mock(l->event) || !l->event->t)
		return false;
	set = model_last_change(l->image, r->name, l->event->t - 1);
	return set && set->kind == KT_SET && is_mock(set);
}

bool is_put_back_by_mock(const struct reading *r)
{
	const struct loss *l = r->loss;

	return l && l->kind == LOST_UNSET && l->image == r->image &&
	       is_mock(l->event) && r->later_set && is_mock(r->later_set);
}

/* --- the answer
 * --------------------------------------------------------------- */

bool is_relieved(const struct model *m, const struct reading *r,
		 const struct event *miss, const struct asker *asker)
{
	return is_fallback(r, miss, asker) || is_own_fallback(r, miss, asker) ||
	       was_found_later(r, miss) || took_from_file(m, r, miss, asker) ||
	       restarted_with_it(r) || is_probe(r, miss, asker) ||
	       was_mocked(r) || is_handled_by_shell(r, asker);
}
