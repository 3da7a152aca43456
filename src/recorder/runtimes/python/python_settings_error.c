#include "recorder/runtimes/python/python_settings_error.h"

#include "recorder/lib/str.h"
#include "recorder/runtimes/python/python_frames.h"

enum { NAME_BYTES = 128, MOST_FIELDS = 16, MOST_FRAMES = 256 };

/* --- objects ---------------------------------------------------------------
 */

/* New, or NULL. */
static object *item(object *mapping, const char *key)
{
	object *found =
		mapping ? py.PyMapping_GetItemString(mapping, key) : NULL;

	if (!found)
		py.PyErr_Clear();
	return found;
}

/* New, or NULL. */
static object *nth(object *sequence, long n)
{
	object *found = sequence ? py.PySequence_GetItem(sequence, n) : NULL;

	if (!found)
		py.PyErr_Clear();
	return found;
}

static bool has_text(object *of, const char *wanted)
{
	const char *text = python_text(of);

	return text && str_equal(text, wanted);
}

/* The class itself, not a class of the program with an equal name. */
static bool is_validation_error(object *class)
{
	object *modules = py.PySys_GetObject("modules");
	object *core = item(modules, "pydantic_core._pydantic_core");
	object *error = python_attribute(core, "ValidationError");
	bool is_so = error && class == error;

	python_release(error);
	python_release(core);
	return is_so;
}

/* --- the settings class -----------------------------------------------------
 */

static bool is_settings_file(const char *path)
{
	const char *const file = "/pydantic_settings/main.py";
	size_t n = str_length(path), end = str_length(file);

	return n > end && str_equal(path + n - end, file);
}

/* The locals of BaseSettings.__init__, when this is its frame. New, or NULL. */
static object *locals_of_settings(object *frame)
{
	struct caller_frame f;

	if (!frame || !python_read_frame(frame, &f) || !f.function ||
	    !str_equal(f.function, "__init__") || !is_settings_file(f.file))
		return NULL;
	return python_attribute(frame, "f_locals");
}

/* New, or NULL. */
static object *find_locals(object *traceback)
{
	object *found = NULL, *next;

	if (traceback)
		py.Py_IncRef(traceback);
	for (int i = 0; traceback && !found && i < MOST_FRAMES; i++) {
		object *frame = python_attribute(traceback, "tb_frame");

		found = locals_of_settings(frame);
		python_release(frame);
		next = python_attribute(traceback, "tb_next");
		python_release(traceback);
		traceback = next;
	}
	python_release(traceback);
	return found;
}

/* New, or NULL. */
static object *class_of_settings(object *locals)
{
	object *self = item(locals, "__pydantic_self__");
	object *class;

	if (!self)
		self = item(locals, "self");
	class = self ? py.PyObject_Type(self) : NULL;
	python_release(self);
	return class;
}

/* How the class makes the name of a variable from the name of a field. */
struct settings_class {
	object *fields;
	char prefix[NAME_BYTES];
	bool is_case_sensitive;
};

/* An argument of __init__, which is None where not given, or else
 * `model_config` of the class. New, or NULL. */
static object *option(object *locals, object *config, const char *argument)
{
	object *value = item(locals, argument);

	if (value && value != py._Py_NoneStruct)
		return value;
	python_release(value);
	return item(config, argument + 1);
}

static void read_options(object *locals, object *config,
			 struct settings_class *ret)
{
	object *prefix = option(locals, config, "_env_prefix");
	object *sensitive = option(locals, config, "_case_sensitive");
	const char *text = python_text(prefix);

	if (text)
		str_append(ret->prefix, sizeof ret->prefix, text);
	ret->is_case_sensitive = python_number(sensitive) > 0;
	python_release(sensitive);
	python_release(prefix);
}

/* False: the traceback has no settings. `fields` is new. */
static bool find_settings(object *traceback, struct settings_class *ret)
{
	object *locals = find_locals(traceback);
	object *class = locals ? class_of_settings(locals) : NULL;
	object *config = python_attribute(class, "model_config");

	*ret = (struct settings_class){
		.fields = python_attribute(class, "__pydantic_fields__")};
	if (config)
		read_options(locals, config, ret);
	python_release(config);
	python_release(class);
	python_release(locals);
	return ret->fields;
}

/* --- the fields --------------------------------------------------------------
 */

/* A field has the prefix; an alias has not. */
static void add_field(const struct settings_class *s, const char *field,
		      struct missing_names *ret)
{
	object *known = item(s->fields, field);
	char name[NAME_BYTES] = "";
	size_t n;

	if (known)
		str_append(name, sizeof name, s->prefix);
	python_release(known);
	if (!str_append(name, sizeof name, field))
		return;
	n = str_length(name);
	for (size_t i = 0; i < n && !s->is_case_sensitive; i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			name[i] -= 'a' - 'A';
	missing_names_add(ret, name, n);
}

/* One of the error's details: a field of the settings, not of a model inside,
 * that has no value. */
static void add_detail(const struct settings_class *s, object *detail,
		       struct missing_names *ret)
{
	object *type = item(detail, "type"), *place = item(detail, "loc");
	object *field = nth(place, 0), *inner = nth(place, 1);
	const char *text = python_text(field);

	if (has_text(type, "missing") && text && !inner)
		add_field(s, text, ret);
	python_release(inner);
	python_release(field);
	python_release(place);
	python_release(type);
}

static void add_details(const struct settings_class *s, object *error,
			struct missing_names *ret)
{
	object *method = python_attribute(error, "errors");
	object *all =
		method ? py.PyObject_CallFunctionObjArgs(method, NULL) : NULL;

	if (!all)
		py.PyErr_Clear();
	for (long i = 0; all && i < MOST_FIELDS; i++) {
		object *detail = nth(all, i);

		if (!detail)
			break;
		add_detail(s, detail, ret);
		python_release(detail);
	}
	python_release(all);
	python_release(method);
}

void python_find_missing_settings(object *class, object *value,
				  object *traceback, struct missing_names *ret)
{
	struct settings_class settings;

	if (!py.PySequence_GetItem || !py.PySys_GetObject || !value ||
	    !is_validation_error(class))
		return;
	if (find_settings(traceback, &settings))
		add_details(&settings, value, ret);
	python_release(settings.fields);
}
