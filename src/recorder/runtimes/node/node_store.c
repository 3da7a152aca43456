#include "recorder/runtimes/node/node_store.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/secret.h"
#include "recorder/secrets/watched_names.h"

struct store_methods node_process_env, node_worker_env;

bool node_store_add(struct vtable *all, const char *table_symbol,
		    const char *symbols, struct store_methods *originals,
		    const struct store_methods *wrappers)
{
	void **table = elf_symbol(table_symbol);
	void **original = (void **)originals;
	void *const *wrapper = (void *const *)wrappers;

	if (!table)
		return false;
	for (const char *s = symbols; *s; s += str_length(s) + 1)
		vtable_add(all, table, s, original++, *wrapper++);
	return true;
}

void node_variable_open(void *isolate, local key, local value,
			struct node_variable *ret)
{
	v8_text(isolate, key, &ret->name);
	v8_text(isolate, value, &ret->value);
}

void node_variable_close(struct node_variable *v)
{
	v8_text_end(&v->value);
	v8_text_end(&v->name);
}

bool node_is_watched(const struct node_variable *v)
{
	const char *name = v->name.bytes, *value = v->value.bytes;

	return name && (is_watched_name(name, str_length(name)) ||
			(value && secret_is_key_shaped(secret_of(value))));
}
