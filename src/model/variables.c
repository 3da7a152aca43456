#include "model/reading_collector.h"

#include "base/array.h"
#include "trace/owner_list.h"

struct variable_node *find_variable(struct collector *c, struct str name)
{
	void **slot = hashmap_slot(c->names, NULL, name);
	struct variable_node *v = *slot;

	if (v)
		return v;
	v = *slot = TAKE(c->build->arena, struct variable_node, 1);
	v->variable.name = name;
	*c->end_variable = v;
	c->end_variable = &v->next;
	c->n_variables++;
	return v;
}

/* The variable, ready for `image`. Images are collected one after the other. */
struct variable_node *find_variable_for(struct collector *c,
					struct image *image, struct str name)
{
	struct variable_node *v = find_variable(c, name);

	if (v->image != image) {
		v->image = image;
		v->is_held = v->is_dropped = false;
		v->missed = v->found = NULL;
	}
	return v;
}

struct reading_node *add_reading(struct collector *c, struct variable_node *v,
				 struct image *image, enum outcome outcome)
{
	struct reading_node *node =
		TAKE(c->build->arena, struct reading_node, 1);

	node->reading.image = image;
	node->reading.name = v->variable.name;
	node->reading.outcome = outcome;
	v->variable.n_readings++;
	*c->end = node;
	c->end = &node->next;
	c->n_nodes++;
	return node;
}

/* --- values and their holders --------------------------------------------- */

/* Images are collected by birth, and a later image may have the earlier event.
 */
static struct value_use *seen_at(struct value_use *use, uint64_t t)
{
	if (t < use->first_seen)
		use->first_seen = t;
	return use;
}

/* Null for what is no value. */
struct value_use *use_of(struct collector *c, struct variable_node *v,
			 const struct image *image, const struct value *value,
			 uint64_t t)
{
	struct variable *of = &v->variable;
	struct strs *seen = &of->fingerprints;
	void **slot;

	if (!value->fp.len)
		return NULL;
	slot = hashmap_slot(c->fingerprints_seen, v, value->fp);
	if (*slot)
		return seen_at(&of->values[(uintptr_t)*slot - 1], t);
	*ARRAY_ADD(c->build->arena, seen->at, seen->n, v->room) = value->fp;
	*ARRAY_ADD(c->build->arena, of->values, of->n_values, v->values_room) =
		(struct value_use){.value = value,
				   .key = image->birth ? image->birth->key
						       : STR(""),
				   .first_seen = t};
	*slot = (void *)(uintptr_t)of->n_values;
	return &of->values[of->n_values - 1];
}

/* True at the first call for a process and a fingerprint. */
static bool is_new_process(struct collector *c, struct variable_node *v,
			   const struct image *image, struct str fp)
{
	void **slot;
	bool is_new;

	if (!v->processes)
		v->processes = hashmap_new(c->build->arena);
	slot = hashmap_slot(v->processes, model_first_program(image), fp);
	is_new = !*slot;
	*slot = v;
	return is_new;
}

/* Images are collected one after the other: each counts once. */
static void count_holder(struct collector *c, struct variable_node *v,
			 struct value_use *use, const struct image *image)
{
	if (!use || use->last_holder == image)
		return;
	use->holders++;
	use->processes += is_new_process(c, v, image, use->value->fp);
	use->last_holder = image;
}

void count_reader(struct value_use *use, const struct image *image)
{
	if (!use)
		return;
	use->readers += use->last_reader != image;
	use->last_reader = image;
}

struct owner_share *share_of(struct collector *c, struct variable *v,
			     unsigned owner)
{
	return OWNED(c->build->arena, v->shares, owner);
}

void add_holder(struct collector *c, struct image *image, struct str name,
		const struct value *value, uint64_t t)
{
	struct variable_node *v = find_variable_for(c, image, name);

	count_holder(c, v, use_of(c, v, image, value, t), image);
	if (v->is_held)
		return;
	share_of(c, &v->variable, image->owner)->holders++;
	v->variable.holders++;
	v->variable.processes += is_new_process(c, v, image, STR(""));
	*ARRAY_ADD(c->build->arena, v->variable.held_by, v->variable.n_held_by,
		   v->holders_room) = image;
	v->is_held = true;
}

/* A variable set for one call only is counted at the called program. */
void add_swap_holders(struct collector *c, struct image *image,
		      const struct event *e)
{
	const struct value *value;

	for (size_t i = 0; i < e->env.n; i++)
		if (model_held(image, e->env.at[i].name, e->t, &value) ==
		    PRESENT)
			add_holder(c, image, e->env.at[i].name,
				   &e->env.at[i].value, e->t);
}

void add_birth_holders(struct collector *c, struct image *image,
		       const struct values *list)
{
	for (size_t i = 0; i < list->n; i++)
		add_holder(c, image, list->at[i].name, &list->at[i].value,
			   image->born);
}

uint64_t model_first_seen(const struct variable *v, struct str fp)
{
	for (size_t i = 0; i < v->n_values; i++)
		if (str_eq(v->values[i].value->fp, fp))
			return v->values[i].first_seen;
	return 0;
}
