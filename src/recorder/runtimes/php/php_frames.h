/* The running functions of a PHP program. PHP offers no function to ask for
 * them that would allocate nothing: the frames are read as they lie in
 * memory. */
#ifndef RECORDER_PHP_FRAMES_H
#define RECORDER_PHP_FRAMES_H

#include "recorder/lib/elf_objects.h"
#include "recorder/process/callers.h"

struct php_string { /* zend_string */
	uint64_t head[2];
	size_t length;
	char text[];
};

struct php_class { /* zend_class_entry, up to its name */
	char kind;
	const struct php_string *name;
};

/* zend_executor_globals of this thread. NULL when the thread runs no programs
 * in this module's PHP. */
const uintptr_t *php_engine(const struct module *);

/* True while a function written in C runs, called by the program. */
bool php_runs_c(const uintptr_t *engine);

/* The innermost frame of the program, which has this file (the pointer that
 * zend_get_executed_filename gives) and line. NULL: this PHP lays out its
 * frames in another way than is known. */
struct php_frame;
const struct php_frame *php_innermost(const uintptr_t *engine, const char *file,
				      uint32_t line);

/* True when the innermost function, be it written in C, has this name. */
bool php_is_in_function(const uintptr_t *engine, const char *name);

/* The next frame of the program outward; NULL: none. */
const struct php_frame *php_outward(const struct php_frame *);

/* The texts stay valid as long as the frame does. */
struct caller_frame php_read_frame(const struct php_frame *);

/* The first argument, when that is an object; for comparison only. */
const void *php_first_object(const struct php_frame *);

/* The callers of a frame. */
void php_find_callers_of(const struct php_frame *, struct callers *ret);

/* The same, the frame itself included: of a place in `site_file`. */
void php_find_callers_from(const struct php_frame *, const char *site_file,
			   struct callers *ret);

#endif
