#include "rules/rule.h"

#include "runtimes/runtime.h"

/* True when the reader, on an observed way, got the value of the root of its
 * tree. */
static bool got_roots_value(const struct reading *r)
{
	const struct image *root = r->image->root;
	const struct value *held = NULL;

	return r->outcome == READ_FOUND && r->image->observed_from_root &&
	       model_inherited(root, r->name, &held) == PRESENT &&
	       str_eq(held->fp, r->value->fp) &&
	       str_eq(root->birth->key, r->image->birth->key);
}

/* True for a failed process without the variable whose reads may be hidden. */
static bool may_have_missed(const struct reading *r)
{
	return r->loss && model_failed(r->image) &&
	       runtime_may_hide_reads(r->image);
}

/* False for the tree of another owner who is a stranger: such a tree says
 * nothing about `r`. */
static bool concerns(const struct reading *r, const struct reading *other)
{
	unsigned owner = other->image->root->owner;

	return !owner || owner == r->image->root->owner;
}

/* True for the first reading of the variable by this owner. */
static bool is_first(const struct reading *r)
{
	const struct owner_share *s = r->variable->shares;

	while (s && s->owner != r->image->root->owner)
		s = s->next;
	return s && s->first == r;
}

static bool all_got_roots_value(const struct reading *first,
				const struct variable *v)
{
	for (size_t i = 0; i < v->n_readings; i++) {
		const struct reading *r = v->readings[i];

		if (!concerns(first, r))
			continue;
		if (r->outcome == READ_NONE ? may_have_missed(r)
					    : !got_roots_value(r))
			return false;
	}
	return true;
}

/* Fires once for a variable and owner, at the first reader. */
static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	if (!is_first(r) || !all_got_roots_value(r, r->variable) ||
	    model_reads_folded(m, r->name) ||
	    trace_lost(m->trace, r->image->root->owner))
		return false;
	ret->severity = NOTE;
	ret->confidence = CERTAIN;
	return true;
}

static bool all_concern(const struct reading *r)
{
	const struct variable *v = r->variable;

	for (size_t i = 0; i < v->n_readings; i++)
		if (!concerns(r, v->readings[i]))
			return false;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	f->summary = arena_print(
		m->arena,
		"every process that asked for %.*s%s got the value that the "
		"run began with",
		STR_FMT(r->name),
		all_concern(r) ? "" : ", other users' apart,");
	f->fix = STR("look beyond the environment: is the key itself valid, "
		     "and is it sent where it belongs?");
}

const struct rule rule_kt901 = {"KT901", "environment-exonerated", RANK_ACQUITS,
				explains, describe};
