#include "recorder/runtimes/python_api.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"

struct python_functions py;

static const struct wanted wanted[] = {
#define F(name, type, arguments)                                               \
	{#name, offsetof(struct python_functions, name) / sizeof(void *)},
	PYTHON_FUNCTIONS(F)
#undef F
};

bool python_api_find(void)
{
	/* Most programs have no Python: one lookup tells. */
	return elf_anywhere(wanted, 1, (void **)&py) &&
	       elf_anywhere(wanted, ARRAY_LENGTH(wanted), (void **)&py);
}

bool python_api_is_in(const struct module *module)
{
	return elf_in(module, wanted[0].name);
}

bool python_api_find_in(const struct module *module)
{
	bool whole = true;

	for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
		whole &= (((void **)&py)[wanted[i].place] =
				  elf_in(module, wanted[i].name)) != NULL;
	return whole;
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
