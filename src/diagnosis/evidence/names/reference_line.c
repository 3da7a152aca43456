#include "diagnosis/evidence/names/reference_line.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/names/similar_names.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/sentence.h"

struct reference {
	struct origin from;
	struct loaded_file file; /* by null: none */
	struct str other;	 /* len 0: not known */
};

static bool contains(struct str a, struct str b)
{
	return a.len >= b.len && memmem(a.at, a.len, b.at, b.len);
}

/* A loader without lines asks for nothing else meanwhile. */
static bool may_be_other(const struct reading *o, struct str name)
{
	return o->outcome == READ_MISSED && o->event && was_never_held(o) &&
	       !str_eq(o->name, name) &&
	       (!event_has_source_line(o->event) || contains(o->name, name) ||
		is_substitute(o->name, name));
}

/* A loader asks for the name in the reference, and then whether its own name is
 * free: when the loader missed its own name, else when the value went on. */
static uint64_t end_of_line(const struct reference *r, struct str name)
{
	for (const struct reading *o = r->from.image->readings; o; o = o->next)
		if (o->outcome == READ_MISSED && o->event &&
		    o->event->t > r->file.open->t && str_eq(o->name, name))
			return o->event->t;
	return r->from.event->t;
}

/* The last name that the loader missed in between. */
static struct str name_in_reference(const struct reference *r, struct str name)
{
	uint64_t until = end_of_line(r, name);
	const struct reading *last = NULL;

	for (const struct reading *o = r->from.image->readings; o; o = o->next)
		if (may_be_other(o, name) && o->event->t > r->file.open->t &&
		    o->event->t < until &&
		    !file_variable(r->file.file, o->name) &&
		    (!last || o->event->t > last->event->t))
			last = o;
	return last ? last->name : (struct str){NULL, 0};
}

static struct reference find_reference(const struct model *m,
				       const struct reading *r)
{
	struct reference found = {.file = {.by = NULL}};

	found.from = find_origin(r);
	if (!found.from.event || !(r->value->is & KT_IS_EMPTY))
		return found;
	found.file = find_vain_reference(m, found.from.image, r->name,
					 found.from.event->t);
	if (found.file.by)
		found.other = name_in_reference(&found, r->name);
	return found;
}

bool set_culprit_of_reference(const struct model *m, const struct reading *r,
			      struct finding *ret)
{
	struct reference found = find_reference(m, r);

	if (!found.file.by)
		return false;
	set_culprit(ret, found.from.image, found.from.event, found.from.next);
	ret->culprit_site = site_of_file(m->arena, &found.file);
	ret->confidence = LIKELY;
	return true;
}

bool describe_reference(const struct model *m, const struct reading *r,
			struct finding *f)
{
	struct reference found = find_reference(m, r);
	bool is_known = found.other.len;
	struct str other = STR("a variable without a value");

	if (!found.file.by)
		return false;
	if (is_known)
		other = arena_print(m->arena, "%.*s, which was never set",
				    STR_FMT(found.other));
	say_culprit(m, r, f, "takes %.*s from %.*s", STR_FMT(r->name),
		    STR_FMT(other));
	set_own_fix(
		m, f,
		"set %.*s where this command is given, or write the value "
		"of %.*s at %.*s",
		STR_FMT(is_known ? found.other
				 : STR("the variable in that line")),
		STR_FMT(r->name),
		STR_FMT(line_of_file(m->arena, found.file.by, &found.file)));
	return true;
}
