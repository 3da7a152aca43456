/* A panic of Rust, heard when the panic's own handler asks for RUST_BACKTRACE:
 * with the stack still whole. Nothing of Rust is replaced. The standard library
 * asks at the first panic of a process only. */
#ifndef RECORDER_RUST_PANIC_H
#define RECORDER_RUST_PANIC_H

#include <stdbool.h>
#include <stddef.h>

#include "recorder/lib/str.h"

/* RUST_BACKTRACE, RUST_LIB_BACKTRACE. */
static inline bool rust_panics_with(const char *name, size_t n)
{
	return (n == 14 || n == 18) && bytes_equal(name, "RUST_", 5);
}

/* getenv was called with such a name. Notes the stack: the panic may be caught.
 */
void rust_note_panic(const char *name, const char *value, const void *caller);

/* Records the panic that was noted, once. False: there is none. */
bool rust_record_panic(void);

/* The program is about to end with the status that Rust gives for a panic. */
enum { RUST_PANICKED = 101 };
void rust_on_exit(void);

#endif
