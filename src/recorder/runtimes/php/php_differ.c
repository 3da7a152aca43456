#include "recorder/runtimes/php/php_differ.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/process/language_copy.h"
#include "recorder/recorder.h"

/* PHP 7 and 8. The arrays stand in a table inside executor_globals, behind a
 * cache of tables. The fields of a table are checked before the first look. */
enum { TABLE_AT = 304, TEXT_AT = 24 };
enum { TYPE_MASK = 15, IS_TEXT = 6, IS_TABLE = 7 };

struct table { /* the beginning of zend_array */
	uint32_t references, type, flags, mask;
	void *data;
	uint32_t used, count, size;
};

struct zval {
	void *value;
	uint32_t type, more;
};

#define FUNCTIONS(F)                                                           \
	F(zend_hash_str_find, struct zval *,                                   \
	  (struct table *, const char *, size_t))                              \
	F(zend_hash_internal_pointer_reset_ex, void,                           \
	  (struct table *, uint32_t *))                                        \
	F(zend_hash_get_current_key_ex, int,                                   \
	  (struct table *, char **, uint64_t *, uint32_t *))                   \
	F(zend_hash_get_current_data_ex, struct zval *,                        \
	  (struct table *, uint32_t *))                                        \
	F(zend_hash_move_forward_ex, int, (struct table *, uint32_t *))

static struct {
	FUNCTIONS(ELF_FUNCTION)
} php;

static bool is_sound(const struct table *t)
{
	return (t->type & TYPE_MASK) == IS_TABLE && t->references &&
	       t->size >= 8 && !(t->size & (t->size - 1)) &&
	       t->mask == (uint32_t)-2 * t->size && t->used <= t->size &&
	       t->count <= t->used && t->data;
}

/* A build for threads has a table for each. */
static struct table *find_globals(const struct module *module)
{
	char *globals_of_php = elf_in(module, "executor_globals");
	struct table *table = (struct table *)(globals_of_php + TABLE_AT);

	if (!globals_of_php || elf_in(module, "tsrm_get_ls_cache") ||
	    !is_main_thread() || !is_sound(table))
		return NULL;
	return elf_in_all(module, FUNCTIONS(ELF_OWN_NAME), (void **)&php)
		       ? table
		       : NULL;
}

static struct table *find_array(struct table *in, const char *name)
{
	struct zval *found = php.zend_hash_str_find(in, name, str_length(name));

	return found && (found->type & TYPE_MASK) == IS_TABLE ? found->value
							      : NULL;
}

/* ---- one array ----------------------------------------------------------- */

struct array {
	struct table *table;
	uint32_t place;
	bool began;
};

static void rewind(void *copy)
{
	((struct array *)copy)->began = false;
}

static bool next(void *copy, const char **ret_name, struct secret *ret_value)
{
	struct array *a = copy;
	uint64_t number;
	struct zval *v;
	char *key;

	if (!a->began)
		php.zend_hash_internal_pointer_reset_ex(a->table, &a->place);
	else
		php.zend_hash_move_forward_ex(a->table, &a->place);
	a->began = true;
	v = php.zend_hash_get_current_data_ex(a->table, &a->place);
	if (!v)
		return false;
	*ret_name = NULL;
	*ret_value = secret_of(NULL);
	if (php.zend_hash_get_current_key_ex(a->table, &key, &number,
					     &a->place) != 1 ||
	    (v->type & TYPE_MASK) != IS_TEXT)
		return true;
	*ret_name = key + TEXT_AT;
	*ret_value = secret_of((char *)v->value + TEXT_AT);
	return true;
}

static bool compare(struct table *in, const char *array, const char *name,
		    size_t n, const struct source_pos *place)
{
	const struct callers none = {0};
	struct array a = {find_array(in, array + 1), 0, false};

	if (!a.table || (name && !php.zend_hash_str_find(a.table, name, n)))
		return false;
	record_differ_inside(&(struct language_copy){.fn = array,
						     .next = next,
						     .rewind = rewind,
						     .copy = &a,
						     .is_partial = true},
			     place, &none);
	return true;
}

/* False for most repetitions of a read. */
static bool is_due(const char *name, size_t n, const struct source_pos *place)
{
	uint64_t tag = hash_word(source_pos_hash(place), KT_DIFFER);

	return !name || count_event(hash_bytes(tag, name, n), DEDUP_READS);
}

static void compare_arrays(const void *caller, const char *name, size_t n,
			   const struct source_pos *place)
{
	struct module module;
	struct table *table;

	if (!place->line || !is_due(name, n, place) ||
	    !elf_module((const char *)caller - 1, &module))
		return;
	table = find_globals(&module);
	if (table && !compare(table, "$_ENV", name, n, place))
		compare(table, "$_SERVER", name, n, place);
}

/* The hook of a launch has entered the recorder already. */
void php_compare(const void *caller, const char *name, size_t n,
		 const struct source_pos *place)
{
	bool enters = name && recorder_enter();
	int error = host_errno();

	if (enters || !name)
		compare_arrays(caller, name, n, place);
	host_set_errno(error);
	if (enters)
		recorder_leave();
}
