/* CPython's C API, found in the running process by name: building needs no
 * header of Python, and a process without Python pays nothing.
 *
 * The interpreter's lock must be held for every call. */
#ifndef RECORDER_PYTHON_API_H
#define RECORDER_PYTHON_API_H

#include <stdbool.h>
#include <stddef.h>

struct module;

typedef struct object object; /* PyObject */
typedef int audit_hook(const char *event, object *args, void *data);

struct allocator { /* PyMemAllocatorEx */
	void *ctx;
	void *(*malloc)(void *ctx, size_t size);
	void *(*calloc)(void *ctx, size_t count, size_t size);
	void *(*realloc)(void *ctx, void *at, size_t size);
	void (*free)(void *ctx, void *at);
};

struct method { /* PyMethodDef */
	const char *name;
	object *(*call)(object *self, object *args);
	int flags;
	const char *doc;
};
enum { METH_VARARGS = 1, METH_NOARGS = 4, METH_O = 8, RAW_MEMORY = 0 };

#define PYTHON_FUNCTIONS(F)                                                    \
	F(PySys_AddAuditHook, int, (audit_hook *, void *))                     \
	F(PyMem_GetAllocator, void, (int, struct allocator *))                 \
	F(PyMem_SetAllocator, void, (int, struct allocator *))                 \
	F(PyImport_ImportModule, object *, (const char *))                     \
	F(PyObject_GetAttrString, object *, (object *, const char *))          \
	F(PyObject_SetAttrString, int, (object *, const char *, object *))     \
	F(PyObject_HasAttrString, int, (object *, const char *))               \
	F(PyObject_CallFunctionObjArgs, object *, (object *, ...))             \
	F(PyDescr_NewMethod, object *, (object *, struct method *))            \
	F(PyObject_Type, object *, (object *))                                 \
	F(PyTuple_GetItem, object *, (object *, long))                         \
	F(PyTuple_Size, long, (object *))                                      \
	F(PyErr_Fetch, void, (object **, object **, object **))                \
	F(PyErr_Restore, void, (object *, object *, object *))                 \
	F(PyErr_Clear, void, (void))                                           \
	F(PyUnicode_AsUTF8, const char *, (object *))                          \
	F(PyBytes_AsString, char *, (object *))                                \
	F(PyLong_AsLong, long, (object *))                                     \
	F(PyEval_GetFrame, object *, (void))                                   \
	F(Py_IncRef, void, (object *))                                         \
	F(Py_DecRef, void, (object *))

/* Functions that some versions lack: NULL there. The last two are one function
 * under the names of 3.12 and of 3.13. */
#define PYTHON_OPTIONAL(F)                                                     \
	F(PyFrame_GetCode, object *, (object *))                               \
	F(PyFrame_GetBack, object *, (object *))                               \
	F(PyFrame_GetLineNumber, int, (object *))                              \
	F(PyMapping_GetItemString, object *, (object *, const char *))         \
	F(PySequence_GetItem, object *, (object *, long))                      \
	F(PyErr_GetExcInfo, void, (object **, object **, object **))           \
	F(PySys_GetObject, object *, (const char *))                           \
	F(PyDict_Next, int, (object *, long *, object **, object **))          \
	F(PyCFunction_GetFunction, void *, (object *))                         \
	F(PyType_GetSlot, void *, (object *, int))                             \
	F(PyGILState_GetThisThreadState, void *, (void))                       \
	F(PyEval_RestoreThread, void, (void *))                                \
	F(PyEval_SaveThread, void *, (void))                                   \
	F(_PyThreadState_UncheckedGet, void *, (void))                         \
	F(PyThreadState_GetUnchecked, void *, (void))

/* Objects; the exceptions are variables that hold one. */
#define PYTHON_OBJECTS(O)                                                      \
	O(_Py_NoneStruct, object *)                                            \
	O(PyType_Type, object *)                                               \
	O(PyCFunction_Type, object *)                                          \
	O(PyDict_Type, object *)                                               \
	O(PyBytes_Type, object *)                                              \
	O(PyExc_BaseException, object **)                                      \
	O(PyExc_SystemExit, object **)                                         \
	O(PyExc_SyntaxError, object **)

struct python_functions {
#define F(name, type, arguments) type(*name) arguments;
#define O(name, type)		 type name;
	PYTHON_FUNCTIONS(F)
	PYTHON_OPTIONAL(F)
	PYTHON_OBJECTS(O)
#undef O
#undef F
};
extern struct python_functions py __attribute__((visibility("hidden")));

/* Fill `py`, from whatever object defines the functions or from one module.
 * True when every function was found that is not optional. */
bool python_api_find(void);
bool python_api_find_in(const struct module *);

/* True when the module is a CPython of 3.8 or later. */
bool python_api_is_in(const struct module *);

/* The helpers below accept NULL for an object, and leave no exception set. */

object *python_attribute(object *of, const char *name); /* new, or NULL */
void python_release(object *);
long python_number(object *); /* 0 when negative or not a number */

/* The bytes of a str or bytes object, owned by the object; NULL for others. */
const char *python_text(object *);

/* True when this thread holds the interpreter's lock, so that functions of `py`
 * may be called. For hooks that any thread in any state may call. */
bool python_is_attached(void);

/* The exception that the interpreter is raising: every hook takes the
 * exception away before the first call of `py`, and restores it at the end. */
struct python_exception {
	object *type, *value, *traceback;
};
struct python_exception python_take_exception(void);
void python_restore_exception(struct python_exception);

#endif
