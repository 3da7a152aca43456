/* A name that is set after a first read in vain (KT401): who finds it later? */
#include "diagnosis/evaluation.h"

/* True for a read at the top level of a module. */
static bool is_at_import(const struct event *read)
{
	return str_eq(read->in, STR("<module>"));
}

static bool is_same_asker(const struct ask *early, const struct asker *later,
			  const struct event *found)
{
	const struct asker *asker = &early->asker;

	if (event_has_source_line(found) &&
	    str_eq(found->site, early->event->site))
		return true;
	if (asker->who != ITS_CLIENT)
		return false;
	return later->who == OWN_CODE
		       ? is_at_import(early->event)
		       : asker->package.len &&
				 str_eq(asker->package, later->package);
}

bool found_later_by_asker(const struct reading *r, const struct ask *ask)
{
	for (const struct reading *o = r->image->readings; o && ask->event;
	     o = o->next) {
		if (o->outcome != READ_FOUND || is_nothing(o) ||
		    !str_eq(o->name, r->name))
			continue;
		for (const struct call_site *s = o->call_sites; s;
		     s = s->next) {
			struct asker later =
				who_asks(r->image, s->first, r->name);

			if (s->first->t > ask->event->t &&
			    is_same_asker(ask, &later, s->first))
				return true;
		}
	}
	return false;
}

/* The line of the program that led to the miss led to the find. */
static bool is_from_same_line(const struct image *image,
			      const struct event *miss,
			      const struct event *find)
{
	struct str line = own_place(image, miss, 0);

	return find->t > miss->t && find->thread == miss->thread && line.len &&
	       str_eq(own_place(image, find, 0), line);
}

bool found_later_from_line(const struct reading *r, const struct ask *ask)
{
	for (const struct reading *o = r->image->readings; o && ask->event;
	     o = o->next) {
		if (o->outcome != READ_FOUND || is_nothing(o) ||
		    !str_eq(o->name, r->name))
			continue;
		for (const struct call_site *s = o->call_sites; s; s = s->next)
			if (is_from_same_line(r->image, ask->event, s->first))
				return true;
	}
	return false;
}
