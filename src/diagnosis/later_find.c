/* A name set after a first read in vain (KT401): finds by later reads. */
#include "diagnosis/evaluation.h"

/* True for a read at the top level of a module. */
static bool is_at_import(const struct event *read)
{
	return str_eq(read->in, STR("<module>"));
}

/* True when the later find of a reading relieves the miss. */
typedef bool find_test(const struct ask *miss, const struct reading *,
		       const struct event *find);

static bool is_by_same_asker(const struct ask *miss,
			     const struct reading *found,
			     const struct event *find)
{
	const struct asker *asker = &miss->asker;
	struct asker later;

	if (find->t <= miss->event->t)
		return false;
	if (event_has_source_line(find) &&
	    str_eq(find->site, miss->event->site))
		return true;
	if (asker->who != ITS_CLIENT)
		return false;
	later = who_asks(found->image, find, found->name);
	return later.who == OWN_CODE
		       ? is_at_import(miss->event)
		       : asker->package.len &&
				 str_eq(asker->package, later.package);
}

/* The same line of the program led to the miss and to the find. */
static bool is_from_same_line(const struct ask *miss,
			      const struct reading *found,
			      const struct event *find)
{
	struct str line = own_place(found->image, miss->event, 0);

	return find->t > miss->event->t &&
	       find->thread == miss->event->thread && line.len &&
	       str_eq(own_place(found->image, find, 0), line);
}

static bool is_found_later(const struct reading *r, const struct ask *miss,
			   find_test *fits)
{
	for (const struct reading *o = r->image->readings; o && miss->event;
	     o = o->next) {
		if (!model_found_value(o) || !str_eq(o->name, r->name))
			continue;
		for (const struct call_site *s = o->call_sites; s; s = s->next)
			if (fits(miss, o, s->first))
				return true;
	}
	return false;
}

bool found_later_by_asker(const struct reading *r, const struct ask *ask)
{
	return is_found_later(r, ask, is_by_same_asker);
}

bool found_later_from_line(const struct reading *r, const struct ask *ask)
{
	return is_found_later(r, ask, is_from_same_line);
}
