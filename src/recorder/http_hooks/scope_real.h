/* The real function behind a hook of a library that the program may load late,
 * or several times: wheels of Python bring a libssl each. */
#ifndef RECORDER_SCOPE_REAL_H
#define RECORDER_SCOPE_REAL_H

#include <stddef.h>
#include <stdint.h>

enum { SCOPES = 8 };

/* Never changed after `module` is set: another thread may read meanwhile. */
struct scope_real {
	_Atomic uintptr_t module; /* base of a caller's module; 0: free */
	void *function;		  /* in `library`, which may be unloaded */
	uintptr_t library;	  /* base */
};

/* The function of this name that the module around `caller` would call without
 * the hook. NULL: no loaded library has it. `known`: SCOPES places, for this
 * name alone. */
void *scope_real_find(struct scope_real *known, const char *name,
		      const void *caller);

/* SCOPE_REAL(SSL_write, ssl, ...): the call of the real function. Fails like a
 * broken connection where no library has the function. */
#define SCOPE_REAL(function, failure, ...)                                     \
	__extension__({                                                        \
		static struct scope_real known[SCOPES]                         \
			__attribute__((section(".bss.seldom")));               \
		void *real = scope_real_find(known, #function, CALLER);        \
		real ? ((__typeof__(function) *)real)(__VA_ARGS__) : failure;  \
	})

#endif
