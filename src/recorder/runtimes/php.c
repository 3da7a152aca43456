/* PHP 5.3 and later. A build for threads has symbols for each thread, or none.
 * In other builds the symbols belong to the thread that runs requests. */
#include "recorder/runtimes/interpreter.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"

#define FUNCTIONS(F)                                                           \
	F(zend_get_executed_lineno, uint32_t, (void))                          \
	F(zend_get_executed_filename, const char *, (void))

struct functions {
#define F(name, type, arguments) type(*name) arguments;
	FUNCTIONS(F)
#undef F
};

static bool is_in_thread_of_its_own(const struct module *module)
{
	void *(*symbols)(void) =
		(void *(*)(void))elf_in(module, "tsrm_get_ls_cache");

	if (symbols)
		return symbols();
	return elf_in(module, "executor_globals") && is_main_thread();
}

/* Line 0 outside of a request, or before the request's program begins. */
bool php_source_pos(const struct module *module, enum act act,
		    struct source_pos *ret)
{
	struct functions php;
	uint32_t line;

	if (!elf_in_all(module,
#define F(name, type, arguments) #name "\0"
			FUNCTIONS(F),
#undef F
			(void **)&php))
		return false;
	if (act >= ACT_EXIT || !is_in_thread_of_its_own(module))
		return true; /* the frames are gone before an exit */
	line = php.zend_get_executed_lineno();
	if (line)
		source_pos_set(ret, php.zend_get_executed_filename(), line,
			       NULL);
	return true;
}
