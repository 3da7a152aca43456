/* A loader of the program's own: a function reads an env file, asks for each
 * name whether the name is free, and sets it. */
#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/echo_of_set.h"
#include "shared/env_file_name.h"
#include "trace/site.h"

enum { MOST_LINES = 2 }; /* from the question to the set */

const struct event *next_of_thread(const struct image *image,
				   const struct event *after)
{
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->thread == after->thread &&
		    image->events[i]->t > after->t)
			return image->events[i];
	return NULL;
}

static bool are_in_one_function(const struct event *miss,
				const struct event *set)
{
	return event_has_source_line(miss) &&
	       sites_share_file(miss->site, set->site) &&
	       str_eq(miss->in, set->in);
}

static bool did_client_find(const struct reading *r, uint64_t after)
{
	for (const struct reading *o = r->image->readings; o; o = o->next) {
		if (o->outcome != READ_FOUND || !str_eq(o->name, r->name))
			continue;
		for (const struct call_site *s = o->call_sites; s; s = s->next)
			if (s->first->t > after &&
			    who_asks(r->image, s->first, r->name).who ==
				    ITS_CLIENT)
				return true;
	}
	return false;
}

/* setdefault, `??=`: one line asks and sets. */
static bool is_one_line(const struct event *miss, const struct event *set)
{
	return str_eq(miss->site, set->site);
}

bool is_own_default(const struct reading *r, const struct event *miss,
		    const struct asker *asker)
{
	const struct event *set = r->later_set;

	return asker->who == OWN_CODE && are_in_one_function(miss, set) &&
	       next_of_thread(r->image, miss) == set &&
	       (!model_failed(r->image) || is_one_line(miss, set) ||
		did_client_find(r, set->t));
}

/* ---- a function that reads an env file ------------------------------------
 */

static bool reads_env_file(const struct event *open)
{
	return !open->has_errno && !open->probe && !open->write &&
	       env_file_kind_of(open->path.at, open->path.len) ==
		       ENV_FILE_ASSIGNS;
}

/* The function in which `event` happened opened an env file before. */
static bool is_in_function_of_loader(const struct image *image,
				     const struct event *event)
{
	for (size_t i = 0; i < image->n_opens; i++) {
		const struct event *open = image->opens[i];
		struct asker by;

		if (open->t > event->t || open->thread != event->thread ||
		    !reads_env_file(open))
			continue;
		by = who_asks(image, open, STR(""));
		if (by.who == OWN_CODE && str_eq(by.function, event->in) &&
		    sites_share_file(by.site, event->site))
			return true;
	}
	return false;
}

static bool are_close(const struct event *ask, const struct event *set)
{
	unsigned long from = site_line(ask->site), to = site_line(set->site);

	return from && from <= to && to - from <= MOST_LINES;
}

bool is_own_loaders_probe(const struct reading *r, const struct event *miss,
			  const struct asker *asker)
{
	const struct event *set = r->later_set;

	return asker->who == OWN_CODE && set &&
	       are_in_one_function(miss, set) && are_close(miss, set) &&
	       next_of_thread(r->image, miss) == set &&
	       is_in_function_of_loader(r->image, miss);
}

bool is_own_loaders_echo(const struct reading *r)
{
	for (const struct call_site *s = r->call_sites; s; s = s->next)
		if (!is_echo_of_set(r->image, s->first) ||
		    !is_in_function_of_loader(r->image, s->first))
			return false;
	return r->outcome == READ_FOUND && r->call_sites;
}
