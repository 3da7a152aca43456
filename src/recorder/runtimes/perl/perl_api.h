/* Perl 5.24 and later: the functions that Perl exports for its extensions, and
 * the first fields of five structures. Those fields stand where they stood in
 * 5.24 (perl_layout_is_known compares). A Perl with threads passes the
 * interpreter as the first argument of each function. */
#ifndef RECORDER_PERL_API_H
#define RECORDER_PERL_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/lib/elf_objects.h"

typedef void *perl_function(void *, ...);

/* The function behind an op. Returns the next op. */
typedef void *perl_op_function(void *interpreter);

struct perl_op {
	struct perl_op *next, *sibling;
	perl_op_function *function;
	size_t target;
	uint16_t bits;
	uint8_t flags, own_flags;
	uint32_t line; /* of a statement alone */
	union {
		struct perl_op *first; /* child */
		size_t pad;	       /* with threads: index of `value` */
		void *value;
		void *package; /* of a statement */
	};
	union {
		void *items; /* of multideref */
		void *file;  /* of a statement: a text, or a glob */
	};
};

/* A running subroutine or eval. */
struct perl_context {
	uint8_t kind;
	uint8_t more[15];
	const struct perl_op *statement; /* which called */
	void *later[8];
};

struct perl_value {
	void *body;
	uint32_t references, flags;
	union {
		const char *text;
		struct perl_value *target; /* of a reference */
		void **parts;		   /* of a glob: the scalar first */
	};
};

enum { PERL_HAS_TEXT = 0x400, PERL_IS_REFERENCE = 0x800 };

/* In both builds. `self` is the interpreter of this thread. */
#define PERL_CALL(name, self, ...)                                             \
	(perl.PL_thr_key ? perl.name(self, __VA_ARGS__)                        \
			 : perl.name((void *)__VA_ARGS__))

#define PERL_FUNCTIONS(F)                                                      \
	F(Perl_mess)                                                           \
	F(Perl_sv_2pv_flags)                                                   \
	F(Perl_caller_cx)                                                      \
	F(Perl_find_runcv)                                                     \
	F(Perl_cv_name)                                                        \
	F(Perl_sv_isobject)                                                    \
	F(Perl_sv_reftype)                                                     \
	F(Perl_get_hv)                                                         \
	F(Perl_hv_common)

struct magic_functions;

struct perl_api {
#define F(name) perl_function *name;
	PERL_FUNCTIONS(F)
#undef F
	perl_op_function **PL_ppaddr; /* by number of the op */
	const char *const *PL_op_name;
	const uint8_t *PL_version;
	const bool *PL_use_safe_putenv; /* NULL: as true */
	void **PL_curinterp;
	const char *const *PL_magic_vtable_names;
	struct magic_functions *PL_magic_vtables;
	/* One of both: with threads, and without. */
	const unsigned *PL_thr_key;
	struct perl_op **PL_op;
	struct perl_value ***PL_stack_sp, ***PL_curpad;
};
extern struct perl_api perl;

/* Once, at birth. False in a program without Perl, or with one that is older
 * than 5.24. */
bool perl_api_find(void);

/* The interpreter of this thread; any value where Perl has one interpreter. */
void *perl_interpreter(const unsigned *key);

/* False for the interpreter of a thread that the program made. */
bool perl_is_first(void *self);

/* The registers of an interpreter. */
struct perl_op *perl_current_op(void *self);
struct perl_value **perl_stack_top(void *self);
struct perl_value **perl_pad(void *self);

/* The number of an op; -1 when this Perl has no such op. */
int perl_op_number(const char *name);

#endif
