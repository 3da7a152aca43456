#include "trace/decode_env_file.h"

#include "base/array.h"
#include "trace/decode_value.h"

static const struct str reason_words[] = {KT_FILE_REASONS(WORD_OF){0}};
static const struct str relation_words[] = {KT_RELATIONS(WORD_OF){0}};

/* Null when the line names too many: a search through all of them must stay
 * short. */
static struct file_variable *variable_of(struct arena *a, struct env_file *f,
					 struct str name)
{
	struct file_variable *v;

	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->variables[i].name, name))
			return &f->variables[i];
	if (f->n == KT_FILE_VARIABLES)
		return NULL;
	v = ARRAY_ADD(a, f->variables, f->n, f->room);
	*v = (struct file_variable){.name = name};
	return v;
}

static void take_relation(struct json *j, struct relation *r)
{
	struct str key;

	*r = (struct relation){.is = KT_RELATION_COUNT};
	json_open(j, JSON_OBJECT);
	while (json_key(j, &key))
		if (json_peek(j) != JSON_STRING)
			json_skip(j);
		else if (str_eq(key, STR("fp")))
			r->fp = json_string(j);
		else if (str_eq(key, STR("is")))
			r->is = index_of_word(relation_words, json_string(j));
		else
			json_skip(j);
}

static void take_relations(struct arena *a, struct json *j,
			   struct file_variable *v)
{
	size_t room = 0;

	v->relations = NULL;
	v->n_relations = 0;
	json_open(j, JSON_ARRAY);
	while (json_item(j))
		if (json_peek(j) == JSON_OBJECT)
			take_relation(j, ARRAY_ADD(a, v->relations,
						   v->n_relations, room));
		else
			json_skip(j);
}

/* The kind of an item of the list `key`; JSON_NOTHING when no list has this
 * key. */
static enum json_kind kind_of_item(struct str key)
{
	if (str_eq(key, STR("lines")))
		return JSON_NUMBER;
	if (str_eq(key, STR("relations")))
		return JSON_ARRAY;
	if (str_eq(key, STR("values")) || str_eq(key, STR("whole")))
		return JSON_OBJECT;
	return JSON_NOTHING;
}

static void take_item(struct arena *a, struct json *j, struct str list,
		      struct file_variable *v)
{
	if (str_eq(list, STR("lines")))
		v->line = json_unsigned(j);
	else if (str_eq(list, STR("relations")))
		take_relations(a, j, v);
	else if (str_eq(list, STR("whole")))
		v->whole = take_value(j);
	else
		v->value = take_value(j);
}

static void take_list(struct arena *a, struct json *j, struct str list,
		      struct env_file *f)
{
	struct file_variable *v;
	struct str name;

	json_open(j, JSON_OBJECT);
	while (json_key(j, &name)) {
		v = json_peek(j) == kind_of_item(list) ? variable_of(a, f, name)
						       : NULL;
		if (v)
			take_item(a, j, list, v);
		else
			json_skip(j);
	}
}

static void take_names(struct arena *a, struct json *j, struct str list,
		       struct env_file *f)
{
	struct file_variable *v;

	json_open(j, JSON_ARRAY);
	while (json_item(j)) {
		if (json_peek(j) != JSON_STRING) {
			json_skip(j);
			continue;
		}
		v = variable_of(a, f, json_string(j));
		if (v && str_eq(list, STR("comment")))
			v->comment = true;
		else if (v && str_eq(list, STR("fell_away")))
			v->dropped = true;
		else if (v && str_eq(list, STR("unclosed")))
			v->unclosed = true;
		else if (v)
			v->spaced = true;
	}
}

static void take_text(struct json *j, struct str key, struct env_file *f)
{
	struct str text = json_string(j);

	if (str_eq(key, STR("why")))
		f->why = index_of_word(reason_words, text);
	else if (str_eq(key, STR("for")))
		f->for_path = text;
	else if (str_eq(key, STR("syntax")))
		f->syntax = text;
}

void take_part_of_file(struct arena *a, struct json *j, struct str key,
		       struct env_file **file)
{
	enum json_kind kind = json_peek(j);

	if (!*file) {
		*file = TAKE(a, struct env_file, 1);
		(*file)->why = KT_FILE_REASON_COUNT;
	}
	if (kind == JSON_STRING)
		take_text(j, key, *file);
	else if (kind == JSON_ARRAY &&
		 str_is_listed(key, "comment spaced fell_away unclosed"))
		take_names(a, j, key, *file);
	else if (kind == JSON_OBJECT)
		take_list(a, j, key, *file);
	else
		json_skip(j);
}
