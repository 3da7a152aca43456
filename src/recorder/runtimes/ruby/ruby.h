/* What the files about Ruby share. */
#ifndef RECORDER_RUBY_H
#define RECORDER_RUBY_H

#include <stdbool.h>
#include <stdint.h>

typedef uintptr_t ruby_value; /* VALUE */

/* False for nil, true, numbers and symbols, which are no addresses. */
static inline bool ruby_is_object(ruby_value v)
{
	return v >= 4096 && !(v & 7);
}

/* The program has ended: Ruby is asked nothing more before an exit. */
void ruby_note_end(void);

/* True for a file of the standard library, and for Ruby's own code. */
bool ruby_is_library_code(const char *file);

#endif
