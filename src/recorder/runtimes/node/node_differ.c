#include "recorder/runtimes/node/node_differ.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/process/language_copy.h"
#include "recorder/runtimes/node/node_store.h"
#include "recorder/runtimes/v8/v8_functions.h"

/* Each variable of environ is looked for among all names of the object. */
enum { MOST_COMPARED = 256 };

#define FUNCTIONS(F)                                                           \
	F(global, local, (local), "_ZN2v87Context6GlobalEv")                   \
	V8_TEXT(F)                                                             \
	F(descriptor, local, (local, local, local),                            \
	  "_ZN2v86Object24GetOwnPropertyDescriptorENS_5LocalINS_"              \
	  "7ContextEEENS1_INS_4NameEEE")                                       \
	V8_GET(F)                                                              \
	F(names, local, (local, local),                                        \
	  "_ZN2v86Object19GetOwnPropertyNamesENS_5LocalINS_7ContextEEE")       \
	F(has_interceptor, bool, (local),                                      \
	  "_ZNK2v86Object25HasNamedLookupInterceptorEv")                       \
	V8_IS_OBJECT(F)                                                        \
	V8_IS_FUNCTION(F)                                                      \
	F(is_proxy, bool, (local), "_ZNK2v85Value7IsProxyEv")                  \
	F(script, int, (local), "_ZNK2v88Function8ScriptIdEv")                 \
	V8_TYPE_OF(F)

static struct {
	FUNCTIONS(ELF_FUNCTION)
} of;

/* ---- properties, without a call of any getter ---------------------------- */

struct realm {
	void *isolate;
	local context;
};

static bool is_plain(local value)
{
	return value && of.is_object(value) && !of.is_proxy(value);
}

static local key_of(const struct realm *r, const char *name)
{
	return of.text(r->isolate, name, 0, -1);
}

/* A part of the property's descriptor: "value" or "get". NULL: there is none.
 */
static local part_of(const struct realm *r, local object, local key,
		     const char *part)
{
	local whole = key ? of.descriptor(object, r->context, key) : NULL;
	local name = key_of(r, part);

	return whole && of.is_object(whole) && name
		       ? of.get(whole, r->context, name)
		       : NULL;
}

/* The script of the getter of a global; 0: no getter. */
static int script_of_getter(const struct realm *r, local global,
			    const char *name)
{
	local getter = part_of(r, global, key_of(r, name), "get");

	return getter && of.is_function(getter) ? of.script(getter) : 0;
}

/* Node defines `process` by a getter, in the script that defines `Buffer`. A
 * getter of the program is not called. */
static local find_process(const struct realm *r)
{
	local global = of.global(r->context), key = key_of(r, "process");
	local process = part_of(r, global, key, "value");
	int script = script_of_getter(r, global, "process");

	if (is_plain(process))
		return process;
	if (!script || script != script_of_getter(r, global, "Buffer"))
		return NULL;
	process = of.get(global, r->context, key);
	return is_plain(process) ? process : NULL;
}

/* The object that the program put in the place of process.env; NULL: none. */
static local find_replacement(const struct realm *r)
{
	local process = find_process(r);
	local env =
		process ? part_of(r, process, key_of(r, "env"), "value") : NULL;

	return is_plain(env) && !of.has_interceptor(env) ? env : NULL;
}

/* ---- the object, variable by variable ------------------------------------ */

struct object_copy {
	struct realm realm;
	local object, names;
	uint32_t place, count;
	bool is_open;
	struct node_variable variable;
};

static void close_variable(struct object_copy *o)
{
	if (o->is_open)
		node_variable_close(&o->variable);
	o->is_open = false;
}

static void rewind(void *copy)
{
	struct object_copy *o = copy;

	close_variable(o);
	o->place = 0;
}

/* A text; other values would be asked for their text by a call. */
static bool is_text(const struct realm *r, local value)
{
	local type = value ? of.type_of(value, r->isolate) : NULL;
	struct v8_text word;
	bool is_so;

	v8_text(r->isolate, type, &word);
	is_so = word.bytes && str_equal(word.bytes, "string");
	v8_text_end(&word);
	return is_so;
}

static bool next(void *copy, const char **ret_name, struct secret *ret_value)
{
	struct object_copy *o = copy;
	local key, value;

	close_variable(o);
	if (o->place >= o->count)
		return false;
	*ret_name = NULL;
	*ret_value = secret_of(NULL);
	key = v8_element(o->realm.isolate, o->names, o->place++);
	value = part_of(&o->realm, o->object, key, "value");
	if (!is_text(&o->realm, key) || !is_text(&o->realm, value))
		return true;
	node_variable_open(o->realm.isolate, key, value, &o->variable);
	o->is_open = true;
	*ret_name = o->variable.name.bytes;
	*ret_value = secret_of(o->variable.value.bytes);
	return true;
}

static void compare(void *isolate, const struct source_pos *place,
		    bool is_partial)
{
	const struct callers none = {0};
	struct object_copy o = {.realm.isolate = isolate};
	struct language_copy copy = {.fn = "process.env",
				     .next = next,
				     .rewind = rewind,
				     .copy = &o,
				     .is_replaced = true,
				     .is_partial = is_partial};

	if (!of.type_of && !elf_symbols(FUNCTIONS(ELF_NAME), (void **)&of))
		return;
	o.realm.context = v8.context(isolate);
	o.object = find_replacement(&o.realm);
	o.names = o.object ? of.names(o.object, o.realm.context) : NULL;
	if (!o.names)
		return;
	o.count = v8_length(o.names);
	if (is_partial || o.count <= MOST_COMPARED)
		record_differ(&copy, place, &none);
	close_variable(&o);
}

void node_compare(void *isolate, const struct source_pos *place)
{
	compare(isolate, place, true);
}

void node_compare_at_error(void *isolate, const struct source_pos *place)
{
	compare(isolate, place, false);
}
