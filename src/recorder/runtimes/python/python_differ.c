#include "recorder/runtimes/python/python_differ.h"

#include "recorder/process/language_copy.h"
#include "recorder/runtimes/python/python_api.h"
#include "recorder/runtimes/python/python_environ.h"

/* A dict that is being stepped through. Nothing of Python runs meanwhile. */
struct dict {
	object *dict;
	long place;
};

static const char *text_of(object *o)
{
	object *type = py.PyObject_Type(o);
	bool is_bytes = type == py.PyBytes_Type;

	python_release(type);
	return is_bytes ? py.PyBytes_AsString(o) : python_text(o);
}

static bool next(void *copy, const char **ret_name, struct secret *ret_value)
{
	struct dict *d = copy;
	object *key, *value;

	if (!py.PyDict_Next(d->dict, &d->place, &key, &value))
		return false;
	*ret_name = text_of(key);
	*ret_value = secret_of(text_of(value));
	return true;
}

static void rewind(void *copy)
{
	((struct dict *)copy)->place = 0;
}

static bool is_dict(object *o)
{
	object *type = o ? py.PyObject_Type(o) : NULL;

	python_release(type);
	return type && type == py.PyDict_Type;
}

/* A sys.modules of the program's own class is asked nothing. */
static object *os_environ(void)
{
	object *modules = py.PySys_GetObject("modules"); /* borrowed */
	object *os = is_dict(modules)
			     ? py.PyMapping_GetItemString(modules, "os")
			     : NULL;
	object *found = python_attribute(os, "environ");

	python_release(os);
	return found;
}

static bool can_compare(void)
{
	return py.PyDict_Next && py.PyDict_Type && py.PyBytes_Type &&
	       py.PySys_GetObject && py.PyMapping_GetItemString;
}

bool python_is_environ_replaced(void)
{
	object *mapping;
	bool is_replaced;

	if (!python_environ_is_wrapped() || !can_compare())
		return false;
	mapping = os_environ();
	is_replaced = is_dict(mapping);
	python_release(mapping);
	return is_replaced;
}

/* A mapping of another class is left alone: to look inside would run its code.
 */
void python_compare(const struct source_pos *place,
		    const struct callers *callers)
{
	object *mapping, *data;
	bool is_own;

	if (!can_compare())
		return;
	mapping = os_environ();
	is_own = mapping && !is_dict(mapping) && python_is_environ(mapping);
	data = is_own ? python_attribute(mapping, "_data") : NULL;
	if (data || is_dict(mapping)) {
		struct dict d = {data ? data : mapping, 0};

		struct language_copy copy = {.fn = "os.environ",
					     .next = next,
					     .rewind = rewind,
					     .copy = &d,
					     .is_replaced = !is_own};

		if (is_dict(d.dict))
			record_differ(&copy, place, callers);
	}
	python_release(data);
	python_release(mapping);
}
