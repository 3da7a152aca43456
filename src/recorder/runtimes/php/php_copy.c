#include "recorder/runtimes/php/php_copy.h"

#include "recorder/lib/str.h"
#include "recorder/process/copy_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/php/php_ends.h"
#include "recorder/runtimes/php/php_frames.h"

typedef void importer(void *array);

#define FUNCTIONS(F)                                                           \
	F(zend_get_executed_lineno, uint32_t, (void))                          \
	F(zend_get_executed_filename, const char *, (void))                    \
	F(zend_is_compiling, bool, (void))                                     \
	F(zend_get_compiled_filename, const struct php_string *, (void))       \
	F(zend_get_compiled_lineno, int, (void))

static struct {
	FUNCTIONS(ELF_FUNCTION)
	importer **php_import_environment_variables;
	const char *const *sapi_module;
} php;

static struct module php_module;
static importer *original_import;

static const copy_path_part harmless[] = {
	"/symfony/process/",	     "/symfony/component/process",
	"/symfony/dotenv/",	     "/symfony/component/dotenv/",
	"/sebastian/environment/",   "/phpunit/src/util/php/",
	"/composer/xdebug-handler/",
};

static const struct php_frame *innermost(void)
{
	const uintptr_t *engine = php_engine(&php_module);
	uint32_t line = engine ? php.zend_get_executed_lineno() : 0;

	return line ? php_innermost(engine, php.zend_get_executed_filename(),
				    line)
		    : NULL;
}

static void find_callers(struct callers *ret)
{
	const struct php_frame *frame = innermost();

	ret->length = ret->count = 0;
	if (frame)
		php_find_callers_of(frame, ret);
}

/* Who made PHP compile the file. */
static void find_includers(struct callers *ret)
{
	const struct php_frame *frame = innermost();

	ret->length = ret->count = 0;
	if (frame)
		php_find_callers_from(
			frame, php.zend_get_compiled_filename()->text, ret);
}

/* Line 0: PHP itself takes the environment, before any program. */
static callers_finder *find_place(struct source_pos *ret)
{
	uint32_t line = php.zend_get_executed_lineno();
	const struct php_frame *frame = innermost();

	source_pos_set(ret, NULL, 0, NULL);
	if (php.zend_is_compiling()) {
		source_pos_set(ret, php.zend_get_compiled_filename()->text,
			       (uint64_t)php.zend_get_compiled_lineno(), NULL);
		return find_includers;
	}
	if (line)
		source_pos_set(ret, php.zend_get_executed_filename(), line,
			       frame ? php_read_frame(frame).function : NULL);
	return find_callers;
}

static __attribute__((noinline)) void record(const char *fn)
{
	int error = host_errno();
	struct source_pos place;
	callers_finder *finder = find_place(&place);

	if (place.line &&
	    !copy_is_harmless(place.file, harmless, ARRAY_LENGTH(harmless)))
		record_copy(fn, &place, finder, NULL);
	host_set_errno(error);
}

/* The command takes all of $_SERVER at its start, a server when a program
 * mentions it. */
static const char *what_is_filled(void)
{
	const char *server = *php.sapi_module;

	if (php_is_in_function(php_engine(&php_module), "getenv"))
		return "getenv";
	return server && str_begins(server, "cli") ? "$_ENV"
						   : "$_ENV or $_SERVER";
}

static void on_import(void *array)
{
	if (globals && is_main_thread()) {
		php_ends_watch_function();
		record(what_is_filled());
	}
	original_import(array);
}

void php_copy_watch(const struct module *module)
{
	if (!elf_in_all(
		    module,
		    FUNCTIONS(ELF_OWN_NAME) "php_import_environment_variables\0"
					    "sapi_module\0",
		    (void **)&php))
		return;
	php_module = *module;
	original_import = *php.php_import_environment_variables;
	*php.php_import_environment_variables = on_import;
}
