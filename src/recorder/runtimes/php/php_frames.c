#include "recorder/runtimes/php/php_frames.h"

#include <stdatomic.h>

#include "recorder/lib/str.h"
#include "recorder/recorder.h"

/* As PHP 7.4 to 8.4 lay them out: zend_op, zend_function and
 * zend_execute_data. What lies behind `scope` differs between versions. */
struct instruction {
	const void *handler;
	uint32_t operands[3], extended;
	uint32_t line;
};

struct function {
	uint8_t kind; /* odd: written in C */
	const struct php_string *name;
	const struct php_class *scope;
	const void *rest[];
};

struct php_frame {
	const struct instruction *instruction;
	const struct php_frame *call;
	void *result;
	const struct function *function;
	const void *object;
	uint32_t kind, arguments;
	const struct php_frame *back;
	void *symbols, *cache, *padding; /* then the arguments */
};

enum {
	LINKS = 512,   /* frames of C functions count, too */
	GLOBALS = 96,  /* words of zend_executor_globals that are looked at */
	FUNCTION = 20, /* words of zend_op_array behind `scope` */
};

/* ---- where things lie ---------------------------------------------------- */

const uintptr_t *php_engine(const struct module *module)
{
	const uintptr_t *engine = elf_in(module, "executor_globals");
	char *(*thread_memory)(void);
	const size_t *offset;

	if (engine)
		return is_main_thread() ? engine : NULL;
	thread_memory = (char *(*)(void))elf_in(module, "tsrm_get_ls_cache");
	offset = elf_in(module, "executor_globals_offset");
	return thread_memory && offset && *offset && thread_memory()
		       ? (const uintptr_t *)(thread_memory() + *offset)
		       : NULL;
}

/* The stack of the program lies before the innermost frame: top, end, page,
 * size of a page. No other words look like that. */
static bool is_stack(const uintptr_t *at)
{
	enum { TOP, END, PAGE, SIZE };

	return at[PAGE] && !(at[PAGE] & 7) && at[PAGE] < at[TOP] &&
	       at[TOP] <= at[END] && at[SIZE] >= 4096 &&
	       !(at[SIZE] & (at[SIZE] - 1)) && at[END] - at[PAGE] == at[SIZE];
}

static const struct php_frame *current(const uintptr_t *engine)
{
	static _Atomic unsigned known; /* index, for all threads */
	unsigned i = atomic_load_explicit(&known, memory_order_relaxed);

	for (unsigned at = 4; !i && at < GLOBALS; at++)
		if (is_stack(engine + at - 4))
			i = at;
	atomic_store_explicit(&known, i, memory_order_relaxed);
	return i ? (const struct php_frame *)engine[i] : NULL;
}

static bool is_of_program(const struct php_frame *f)
{
	return f->function && !(f->function->kind & 1);
}

bool php_runs_c(const uintptr_t *engine)
{
	const struct php_frame *f = current(engine);

	return f && f->function && f->function->kind & 1;
}

static _Atomic unsigned file_index; /* in `rest`, plus 1; 0: not known */

static const struct php_string *file_of(const struct function *function)
{
	return function
		->rest[atomic_load_explicit(&file_index, memory_order_relaxed) -
		       1];
}

/* Only compares, and follows no pointer. */
static bool find_file_index(const struct function *function, const char *file)
{
	for (unsigned i = 0; i < FUNCTION; i++) {
		const struct php_string *string = function->rest[i];

		if ((uintptr_t)string + sizeof *string == (uintptr_t)file) {
			atomic_store(&file_index, i + 1);
			return true;
		}
	}
	return false;
}

/* ---- frames -------------------------------------------------------------- */

/* `f` itself, or the first frame of the program outside. */
static const struct php_frame *next_of_program(const struct php_frame *f)
{
	for (int i = 0; f && i < LINKS; i++, f = f->back)
		if (is_of_program(f))
			return f;
	return NULL;
}

const struct php_frame *php_outward(const struct php_frame *f)
{
	return next_of_program(f->back);
}

const struct php_frame *php_innermost(const uintptr_t *engine, const char *file,
				      uint32_t line)
{
	const struct php_frame *f = next_of_program(current(engine));

	if (!f || !f->instruction || f->instruction->line != line)
		return NULL;
	if (!atomic_load(&file_index) && !find_file_index(f->function, file))
		return NULL;
	return file_of(f->function)->text == file ? f : NULL;
}

const void *php_first_object(const struct php_frame *f)
{
	enum { IS_OBJECT = 8 };
	const uint64_t *argument = (const uint64_t *)(f + 1);

	return f->arguments && (argument[1] & 255) == IS_OBJECT
		       ? (const void *)argument[0]
		       : NULL;
}

bool php_is_in_function(const uintptr_t *engine, const char *name)
{
	const struct php_frame *f = engine ? current(engine) : NULL;

	return f && f->function && f->function->name &&
	       str_equal(f->function->name->text, name);
}

struct caller_frame php_read_frame(const struct php_frame *f)
{
	const struct function *function = f->function;

	return (struct caller_frame){
		.file = file_of(function)->text,
		.function = function->name ? function->name->text : NULL,
		.line = f->instruction ? f->instruction->line : 0};
}

void php_find_callers_from(const struct php_frame *f, const char *site_file,
			   struct callers *ret)
{
	struct caller_choice choice;

	callers_begin(&choice, ret, site_file);
	for (int i = 1; f && i < CALLERS_FRAMES; i++, f = php_outward(f)) {
		struct caller_frame frame = php_read_frame(f);

		if (frame.line && !callers_add(&choice, &frame))
			break;
	}
	callers_end(&choice);
}

void php_find_callers_of(const struct php_frame *f, struct callers *ret)
{
	php_find_callers_from(php_outward(f), php_read_frame(f).file, ret);
}
