/* Failures that a launcher, or a later start of the same command, made good. */
#include "diagnosis/end.h"

#include "runtimes/runtime.h"

static const uint64_t SECOND = 1000000000;

/* --- tolerated failures ------------------------------------------------------
 */

static bool is_child_of(const struct image *child, const struct image *image)
{
	return child->waiter && model_process(child->waiter)->pid == image->pid;
}

/* The last child that failed while the image waited for it, or null. */
const struct image *failed_child(const struct image *image)
{
	const struct image *last = NULL;

	if (!image->child_failed)
		return NULL;
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		for (const struct image *e = c; e; e = e->first_child)
			if (is_child_of(e, image) && model_failed(e) &&
			    (!last || e->ended > last->ended))
				last = e;
	return last;
}

static const struct image *next_in_process(const struct image *image)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (c->hop == HOP_EXEC)
			return c;
	return NULL;
}

/* True for a child of `launcher`, in its own process, that was alive at `t`. */
static bool is_alive_at(const struct image *child, uint64_t t)
{
	return child->hop != HOP_EXEC && child->hop != HOP_THREAD &&
	       child->born <= t && (!child->ended || child->ended > t);
}

/* The image that a launcher's child became; for a failure of a forked child. */
const struct image *child_below(const struct image *launcher,
				const struct image *image)
{
	while (image->parent && image->parent != launcher)
		image = image->parent;
	return image->parent ? image : NULL;
}

static bool is_supervisor(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 0; i < args->n && i < 3; i++)
		if (str_is_listed(str_base(args->at[i]),
				  "pm2 pm2-runtime nodemon forever supervisord "
				  "watchexec entr gunicorn honcho foreman "
				  "overmind circusd s6-supervise runsv"))
			return true;
	return runtime_of(image)->id == RUNTIME_PM2 ||
	       str_eq(runtime_packaged_program(image), STR("pm2"));
}

static bool went_on(const struct image *launcher, uint64_t t)
{
	for (const struct image *i = launcher; i; i = next_in_process(i)) {
		for (const struct image *c = i->first_child; c;
		     c = c->next_sibling)
			if (c->born > t)
				return true;
		if (i->ended && i->ended > t + 2 * SECOND)
			return true;
	}
	return false;
}

/* What a launcher started or became after a failure may fail for reasons of
 * its own. */
static bool failed_later(const struct image *launcher, uint64_t t)
{
	const struct image *child = failed_child(launcher);

	return child && child->ended > t;
}

static bool has_others_alive(const struct image *launcher,
			     const struct image *child)
{
	for (const struct image *c = launcher->first_child; c;
	     c = c->next_sibling)
		if (c != child && is_alive_at(c, child->born))
			return true;
	for (const struct image *c = launcher->first_child; c;
	     c = c->next_sibling)
		if (c != child && child->ended && is_alive_at(c, child->ended))
			return true;
	return false;
}

/* The launcher waited for the failure, and went on. */
bool is_tolerated(const struct image *image)
{
	const struct image *launcher = image->waiter, *child;

	if (!launcher || is_supervisor(launcher))
		return false;
	child = child_below(launcher, image);
	if (!child || has_others_alive(launcher, child))
		return false;
	return went_on(launcher, image->ended) &&
	       (!model_failed(launcher) ||
		failed_later(launcher, image->ended));
}

static bool is_same_command(const struct image *a, const struct image *b)
{
	return a != b && model_is_evidence(a, b) && a->command.len &&
	       str_eq(a->exe, b->exe) && str_eq(a->command, b->command);
}

/* The same command, started later, missed the same name and ended well. */
bool succeeded_later(const struct reading *r)
{
	const struct variable *v = r->variable;

	if (r->image->hop == HOP_FORK)
		return false;
	for (size_t i = 0; i < v->n_readings && i < 256; i++) {
		const struct reading *o = v->readings[i];

		if (o->outcome == READ_MISSED && o->image->hop != HOP_FORK &&
		    o->image->born > r->image->born &&
		    is_same_command(r->image, o->image) &&
		    o->image->has_status && !o->image->status)
			return true;
	}
	return false;
}

/* The same command is started again and again, and asks in vain each time. */
bool is_restarted(const struct reading *r)
{
	const struct variable *v = r->variable;

	for (size_t i = 0; i < v->n_readings && i < 256; i++)
		if (v->readings[i]->outcome == r->outcome &&
		    is_same_command(r->image, v->readings[i]->image))
			return true;
	return false;
}
