#include "recorder/runtimes/python/python_api.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"

struct python_functions py;

#define PLACE(name)		 offsetof(struct python_functions, name) / sizeof(void *)
#define F(name, type, arguments) {#name, PLACE(name)},
#define O(name, type)		 {#name, PLACE(name)},
static const struct wanted wanted[] = {PYTHON_FUNCTIONS(F)};
static const struct wanted optional[] = {PYTHON_OPTIONAL(F) PYTHON_OBJECTS(O)};
#undef O
#undef F

bool python_api_find(void)
{
	/* Most programs have no Python: one lookup tells. */
	if (!elf_symbol(wanted[0].name) ||
	    !elf_anywhere(wanted, ARRAY_LENGTH(wanted), (void **)&py))
		return false;
	elf_anywhere(optional, ARRAY_LENGTH(optional), (void **)&py);
	return true;
}

bool python_api_is_in(const struct module *module)
{
	return elf_in(module, wanted[0].name);
}

static bool find_in(const struct module *module, const struct wanted *all,
		    size_t count)
{
	bool whole = true;

	for (size_t i = 0; i < count; i++)
		whole &= (((void **)&py)[all[i].place] =
				  elf_in(module, all[i].name)) != NULL;
	return whole;
}

bool python_api_find_in(const struct module *module)
{
	find_in(module, optional, ARRAY_LENGTH(optional));
	return find_in(module, wanted, ARRAY_LENGTH(wanted));
}

bool python_is_attached(void)
{
	void *(*of_lock)(void) = py._PyThreadState_UncheckedGet
					 ? py._PyThreadState_UncheckedGet
					 : py.PyThreadState_GetUnchecked;
	void *holder = of_lock ? of_lock() : NULL;

	return holder && py.PyGILState_GetThisThreadState &&
	       holder == py.PyGILState_GetThisThreadState();
}

object *python_attribute(object *of, const char *name)
{
	object *found = of ? py.PyObject_GetAttrString(of, name) : NULL;

	if (!found)
		py.PyErr_Clear();
	return found;
}

void python_release(object *o)
{
	if (o)
		py.Py_DecRef(o);
}

const char *python_text(object *o)
{
	const char *text = o ? py.PyUnicode_AsUTF8(o) : NULL;

	if (text || !o)
		return text;
	py.PyErr_Clear();
	text = py.PyBytes_AsString(o);
	if (!text)
		py.PyErr_Clear();
	return text;
}

long python_number(object *o)
{
	long n = o ? py.PyLong_AsLong(o) : 0;

	return n < 0 ? 0 : n;
}

struct python_exception python_take_exception(void)
{
	struct python_exception e;

	py.PyErr_Fetch(&e.type, &e.value, &e.traceback);
	return e;
}

void python_restore_exception(struct python_exception e)
{
	py.PyErr_Restore(e.type, e.value, e.traceback);
}
