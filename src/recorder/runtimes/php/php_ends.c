/* PHP 8.1 and later. Two variables that PHP offers to extensions are replaced:
 * the callback for errors, and the hook for exceptions. What stood there is
 * called as before. A handler for the instruction `exit` is set, of which the
 * just-in-time compiler does not take notice. */
#include "recorder/runtimes/php/php_ends.h"

#include <sys/mman.h>

#include "recorder/lib/str.h"
#include "recorder/process/raise_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/exit_place.h"
#include "recorder/runtimes/php/php_thrown.h"

typedef void on_error(int kind, const struct php_string *file, uint32_t line,
		      const struct php_string *message);
typedef void on_throw(const struct php_object *);
typedef int on_instruction(struct php_frame *);

#define FUNCTIONS(F)                                                           \
	F(zend_get_executed_lineno, uint32_t, (void))                          \
	F(zend_get_executed_filename, const char *, (void))                    \
	F(zend_get_opcode_name, const char *, (uint8_t))                       \
	F(zend_get_user_opcode_handler, on_instruction *, (uint8_t))           \
	F(zend_set_user_opcode_handler, int, (uint8_t, on_instruction *))      \
	F(zend_fiber_init_context, void, (void)) /* since 8.1 */

static struct {
	FUNCTIONS(ELF_FUNCTION)
	on_error **zend_error_cb;
	on_throw **zend_throw_exception_hook;
	const char *const *sapi_module;
} php;

static struct module php_module;
static bool is_in_php(const void *at)
{
	return (uintptr_t)at >= php_module.from &&
	       (uintptr_t)at < php_module.to;
}

static on_error *original_error;
static on_throw *original_throw;

/* NULL outside of a program, and on a thread of the server's. */
static const struct php_frame *innermost(void)
{
	const uintptr_t *engine =
		is_main_thread() ? php_engine(&php_module) : NULL;
	uint32_t line = engine ? php.zend_get_executed_lineno() : 0;

	return line ? php_innermost(engine, php.zend_get_executed_filename(),
				    line)
		    : NULL;
}

/* ---- errors -------------------------------------------------------------- */

enum { E_ERROR = 1, E_PARSE = 4, E_UNCAUGHT = 1 << 15 /* E_DONT_BAIL */ };

/* The name of a fatal error; NULL for one that the program survives. */
static const char *fatal_name(int kind)
{
	static const struct {
		int kind;
		char name[20];
	} names[] = {
		{E_ERROR, "E_ERROR"},  {E_PARSE, "ParseError"},
		{16, "E_CORE_ERROR"},  {64, "E_COMPILE_ERROR"},
		{256, "E_USER_ERROR"}, {4096, "E_RECOVERABLE_ERROR"},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (kind & names[i].kind)
			return names[i].name;
	return NULL;
}

static void record_thrown(const struct php_thrown *t, bool is_handled)
{
	record_raise(&(struct raise_event){.type = t->class,
					   .place = &t->place,
					   .callers = &t->callers,
					   .by = t->is_by_c ? "operation" : "",
					   .is_handled = is_handled});
}

static void record_fatal(const char *name, const struct php_string *file,
			 uint32_t line)
{
	const struct php_frame *frame = innermost();
	struct callers callers = {.length = 0};
	struct source_pos place;
	bool is_here = frame && line == php_read_frame(frame).line;

	source_pos_set(&place, file ? file->text : NULL, line,
		       is_here ? php_read_frame(frame).function : NULL);
	if (is_here)
		php_find_callers_of(frame, &callers);
	record_raise(&(struct raise_event){
		.type = name, .place = &place, .callers = &callers});
}

/* An uncaught exception is an error at the place where it was made. */
static void record_error(int kind, const struct php_string *file, uint32_t line)
{
	const char *name = fatal_name(kind);
	const struct php_thrown *thrown;

	if (!name)
		return;
	thrown = kind & E_UNCAUGHT ? php_thrown_with(file) : NULL;
	exit_place()->is_set = false;
	if (thrown)
		record_thrown(thrown, false);
	else
		record_fatal(name, file, line);
}

static void on_php_error(int kind, const struct php_string *file, uint32_t line,
			 const struct php_string *message)
{
	int error = host_errno();

	if (globals && is_main_thread())
		record_error(kind, file, line);
	host_set_errno(error);
	original_error(kind, file, line, message);
}

static bool throws_in_c(void)
{
	const uintptr_t *engine = php_engine(&php_module);

	return engine && php_runs_c(engine);
}

static void on_php_throw(const struct php_object *exception)
{
	int error = host_errno();

	if (globals && exception && is_main_thread())
		php_throws_note(exception, innermost(), throws_in_c());
	host_set_errno(error);
	if (original_throw)
		original_throw(exception);
}

/* ---- exit ---------------------------------------------------------------- */

enum { EXIT_INSTRUCTION = 79, DISPATCH = 2 /* ZEND_USER_OPCODE_DISPATCH */ };

/* A server's process, or a host's, outlives the program that called exit. */
static bool is_command(void)
{
	return *php.sapi_module && str_equal(*php.sapi_module, "cli");
}

static void note_exit(void)
{
	const struct php_frame *frame = innermost();
	struct exit_place *note = exit_place();
	const struct php_thrown *thrown;
	struct caller_frame f;

	note->is_set = frame && is_command();
	if (!frame)
		return;
	thrown = php_thrown_in_handler(frame);
	if (thrown)
		record_thrown(thrown, true);
	f = php_read_frame(frame);
	note->status = EXIT_PLACE_ANY;
	source_pos_set(&note->place, f.file, f.line, f.function);
	php_find_callers_of(frame, &note->callers);
}

static int on_php_exit(struct php_frame *frame)
{
	int error = host_errno();

	(void)frame;
	if (globals)
		note_exit();
	host_set_errno(error);
	return DISPATCH;
}

/* The same as a function, since PHP 8.4. */
typedef void in_c(struct php_frame *, void *ret);
static in_c *original_exit;

static void on_exit_function(struct php_frame *frame, void *ret)
{
	int error = host_errno();

	if (globals && is_main_thread())
		note_exit();
	host_set_errno(error);
	original_exit(frame, ret);
}

/* The word before the module entry of the function, which lies in PHP's module
 * as the code does. */
static in_c **code_of(void *const *function)
{
	enum { FIRST = 5, WORDS = 16 };

	for (int i = FIRST; i < WORDS; i++)
		if (is_in_php(function[i]) && is_in_php(function[i + 1]) &&
		    elf_protection(function[i]) > 0 &&
		    elf_protection(function[i]) & PROT_EXEC)
			return (in_c **)&function[i];
	return NULL;
}

void php_ends_watch_function(void)
{
	void **(*find)(const char *, size_t) =
		(void **(*)(const char *, size_t))elf_in(
			&php_module, "zend_fetch_function_str");
	void **function;
	in_c **code;

	if (original_exit || !php.sapi_module || !is_command())
		return;
	function = find ? find("exit", 4) : NULL;
	code = function ? code_of(function) : NULL;
	if (!code)
		return;
	original_exit = *code;
	*code = on_exit_function;
}

/* ---- watching ------------------------------------------------------------ */

static void watch_exit(void)
{
	const char *name = php.zend_get_opcode_name(EXIT_INSTRUCTION);

	if (name && str_equal(name, "ZEND_EXIT") &&
	    !php.zend_get_user_opcode_handler(EXIT_INSTRUCTION))
		php.zend_set_user_opcode_handler(EXIT_INSTRUCTION, on_php_exit);
}

/* False as soon as an extension has put a function of its own before ours. */
static bool is_untouched(const struct module *module)
{
	uintptr_t callback = (uintptr_t)*php.zend_error_cb;

	return callback >= module->from && callback < module->to;
}

bool php_ends_watch(const struct module *module)
{
	if (!elf_in_all(module,
			FUNCTIONS(ELF_OWN_NAME) "zend_error_cb\0"
						"zend_throw_exception_hook\0"
						"sapi_module\0",
			(void **)&php) ||
	    !is_untouched(module))
		return false;
	php_module = *module;
	original_error = *php.zend_error_cb;
	*php.zend_error_cb = on_php_error;
	original_throw = *php.zend_throw_exception_hook;
	*php.zend_throw_exception_hook = on_php_throw;
	watch_exit();
	return true;
}
