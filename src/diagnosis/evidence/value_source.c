#include "diagnosis/evidence/value_source.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/origin.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

bool was_set_within_run(const struct reading *r)
{
	struct origin from = find_origin(r);

	return from.event || from.image->parent;
}

/* The line of the assignment, else of the command, else of the call. */
static struct str site_of_event(const struct event *e, struct str name)
{
	struct str site = line_of_change(e, name);

	if (!site.len)
		site = e->command_site;
	return site.len ? site : event_site(e);
}

static struct str place_of(struct arena *a, const struct origin *from,
			   struct str name)
{
	struct str site = {NULL, 0}, script = runtime_script(from->image);

	if (from->event)
		site = site_of_event(from->event, name);
	if (place_has_line(site))
		return place_in_words(a, from->image, site);
	if (from->event && script.len)
		return place_in_words(a, from->image, script);
	if (!from->event && !from->image->parent)
		return STR("the start of the run");
	return process_in_sentence(a, from->image);
}

struct str value_source_in_words(const struct model *m, const struct reading *r)
{
	struct origin from = find_origin(r);
	struct loaded_file file = {.by = NULL};

	if (from.event && from.event->kind == KT_SET)
		file = find_file_of_set(m, from.image, from.event, r->value);
	return file.by ? line_of_file(m->arena, file.by, &file)
		       : place_of(m->arena, &from, r->name);
}
