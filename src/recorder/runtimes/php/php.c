/* PHP 5.3 and later; functions and callers from 7.4 on. A build for threads has
 * symbols for each thread, or none. In other builds the symbols belong to the
 * thread that runs requests. */
#include <stdatomic.h>

#include "recorder/lib/elf_objects.h"
#include "recorder/runtimes/interpreter.h"
#include "recorder/runtimes/php/php_frames.h"

#define FUNCTIONS(F)                                                           \
	F(zend_get_executed_lineno, uint32_t, (void))                          \
	F(zend_get_executed_filename, const char *, (void))

struct functions {
	FUNCTIONS(ELF_FUNCTION)
};

static bool find_functions(const struct module *module, struct functions *ret)
{
	return elf_in_all(module, FUNCTIONS(ELF_OWN_NAME), (void **)ret);
}

/* An address inside PHP's module. */
static _Atomic uintptr_t inside;

static void find_callers(struct callers *ret)
{
	struct functions php;
	struct module module;
	const uintptr_t *engine;
	const struct php_frame *f;

	ret->length = ret->count = 0;
	if (!elf_module((void *)atomic_load(&inside), &module) ||
	    !find_functions(&module, &php))
		return;
	engine = php_engine(&module);
	f = engine ? php_innermost(engine, php.zend_get_executed_filename(),
				   php.zend_get_executed_lineno())
		   : NULL;
	if (f)
		php_find_callers_of(f, ret);
}

/* Line 0 outside of a request, or before the request's program begins. */
bool php_source_pos(const struct module *module, enum act act,
		    struct interpreter_place *ret)
{
	struct functions php;
	const uintptr_t *engine;
	const struct php_frame *f;
	const char *file;
	uint32_t line;

	if (!find_functions(module, &php))
		return false;
	if (act >= ACT_EXIT)
		return true; /* the frames are gone before an exit */
	engine = php_engine(module);
	if (!engine)
		return true;
	line = php.zend_get_executed_lineno();
	if (!line)
		return true;
	file = php.zend_get_executed_filename();
	f = php_innermost(engine, file, line);
	source_pos_set(&ret->pos, file, line,
		       f ? php_read_frame(f).function : NULL);
	atomic_store_explicit(&inside, module->from, memory_order_relaxed);
	if (f)
		ret->find_callers = find_callers;
	return true;
}
