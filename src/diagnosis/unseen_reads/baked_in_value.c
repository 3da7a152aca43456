/* A value that a build took, or missed, and that the program which was built
 * holds and never reads. For each such program that failed a reading is made.
 */
#include "diagnosis/evaluation.h"

#include "catalogue/build_tools.h"
#include "model/place.h"
#include "runtimes/runtime.h"
#include "trace/caller.h"

enum { MOST_CLIMBS = 64, MOST_LOOKS = 256 };

/* --- builds ---------------------------------------------------------------
 */

/* artisan of `php artisan`, or the package. */
static bool builds(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	const struct str *words = args->n > 1 ? args->at + 1 : NULL;
	size_t n = args->n > 1 ? args->n - 1 : 0;

	return is_build(image->program, words, n) ||
	       (n && is_build(str_base(words[0]), words, n));
}

/* tsx starts esbuild, too, to run a program. */
static bool is_started_by_own_code(const struct event *launch)
{
	for (size_t i = 0; i < count_frames(launch); i++) {
		struct str package = place_library(nth_frame(launch, i).site);

		if (package.len && !str_eq(package, STR("esbuild")))
			return false;
	}
	return own_line_of(launch).len;
}

static bool is_esbuild(const struct image *image)
{
	return str_eq(str_base(image->exe), STR("esbuild")) &&
	       image->handover && is_started_by_own_code(image->handover);
}

/* A script of the user's own that calls `esbuild.build()`: a forked child
 * becomes esbuild. */
static bool calls_esbuild(const struct image *image)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (is_esbuild(c) ||
		    (model_is_fork_or_thread(c) && c->first_child &&
		     is_esbuild(c->first_child)))
			return true;
	return false;
}

/* A build starts workers of its own. */
static bool is_of_build(const struct image *image)
{
	size_t climbs = MOST_CLIMBS;

	for (; image && climbs--; image = image->parent)
		if (builds(image) || calls_esbuild(image))
			return true;
	return false;
}

static size_t count_readings(const struct variable *v)
{
	return v->n_readings < MOST_LOOKS ? v->n_readings : MOST_LOOKS;
}

static bool is_on_own_line(const struct reading *r)
{
	return r->event && own_line_of(r->event).len;
}

/* The build's reading, best one on a line of the user's own. A miss counts on
 * such a line alone: libraries of a build ask for many names. */
static const struct reading *reading_of_build(const struct variable *v)
{
	const struct reading *found = NULL, *missed = NULL;

	for (size_t i = 0; i < count_readings(v); i++) {
		const struct reading *r = v->readings[i];

		if (r->outcome == READ_NONE || !is_of_build(r->image))
			continue;
		if (r->outcome == READ_FOUND && is_on_own_line(r))
			return r;
		if (r->outcome == READ_FOUND && !found)
			found = r;
		if (r->outcome == READ_MISSED && is_on_own_line(r))
			missed = r;
	}
	return found ? found : missed;
}

static bool reads_at(const struct image *image, struct str name,
		     struct str site)
{
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if (e->kind == KT_READ && str_eq(e->name, name) &&
		    str_eq(e->site, site))
			return true;
	}
	return false;
}

static bool build_reads_at(const struct variable *v, struct str site)
{
	for (size_t i = 0; i < count_readings(v); i++)
		if (is_of_build(v->readings[i]->image) &&
		    reads_at(v->readings[i]->image, v->name, site))
			return true;
	return false;
}

/* What serves the build reads the build's configuration once more: `next start`
 * runs next.config.js, and does not put the value into what was built. */
static bool reads_as_build(const struct variable *v, const struct image *image)
{
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if (e->kind == KT_READ && str_eq(e->name, v->name) &&
		    (!place_has_line(e->site) || !build_reads_at(v, e->site)))
			return false;
	}
	return true;
}

/* The reading of a build, where nobody else read the variable elsewhere. */
static const struct reading *find_build_reading(const struct variable *v)
{
	for (size_t i = 0; i < count_readings(v); i++) {
		const struct reading *r = v->readings[i];

		if (r->outcome != READ_NONE && !is_of_build(r->image) &&
		    !reads_as_build(v, r->image))
			return NULL;
	}
	return reading_of_build(v);
}

static bool is_read(const struct variable *v)
{
	for (size_t i = 0; i < v->n_readings; i++)
		if (v->readings[i]->outcome != READ_NONE)
			return true;
	return false;
}

/* --- programs that hold the value ------------------------------------------
 */

/* A shell and a runner are no readers: what they start is. */
static bool is_program(const struct image *image)
{
	switch (runtime_of(image)->id) {
	case RUNTIME_SHELL:
	case RUNTIME_MAKE:
	case RUNTIME_NPM:
	case RUNTIME_ENV:
		return false;
	default:
		return image->observed && !model_is_fork_or_thread(image);
	}
}

static bool found_instead(const struct image *image, struct str name)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (r->outcome == READ_FOUND &&
		    are_of_one_provider(r->name, name))
			return true;
	return false;
}

static bool started_any(const struct image *image)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (!model_is_fork_or_thread(c))
			return true;
	return false;
}

/* Without a build, only a program whose reads are all seen is known not to ask:
 * no other program asks for it, and no other name did instead. */
static bool is_known_not_to_ask(const struct image *image, struct str name)
{
	return !runtime_hides_reads(image) && !find_hiding_copy(image) &&
	       !started_any(image) && !found_instead(image, name);
}

static bool holds_unread(const struct image *image, struct str name,
			 const struct reading *build)
{
	const struct value *held;

	if (!is_program(image) || !model_failed(image) || is_of_build(image) ||
	    model_inherited(image, name, &held) != PRESENT ||
	    (held->is & KT_IS_EMPTY))
		return false;
	return build ? model_is_evidence(build->image, image) &&
			       str_eq(build->image->cwd, image->cwd)
		     : is_known_not_to_ask(image, name);
}

static void evaluate_unread(struct evaluation *e, struct image *image,
			    struct variable *v, const struct reading *build)
{
	struct reading *r = make_reading(e->arena, image, v);

	r->unread = true;
	r->build = build;
	evaluate_reading(e, r);
}

void evaluate_unread_values(struct evaluation *e)
{
	const struct model *m = e->model;

	for (size_t v = 0; v < m->n_variables; v++) {
		struct variable *variable = &m->variables[v];
		const struct reading *build = find_build_reading(variable);

		if (!build && is_read(variable))
			continue;
		for (size_t i = 0; i < m->n_images; i++)
			if (holds_unread(m->images[i], variable->name, build))
				evaluate_unread(e, m->images[i], variable,
						build);
	}
}
