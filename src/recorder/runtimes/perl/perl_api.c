#include "recorder/runtimes/perl/perl_api.h"

#include "recorder/lib/str.h"
#include "recorder/recorder.h"

struct perl_api perl;

#define PLACE(name) offsetof(struct perl_api, name) / sizeof(void *)
#define F(name)	    {#name, PLACE(name)},
static const struct wanted wanted[] = {
	F(PL_ppaddr) F(PL_op_name) F(PL_version) F(PL_magic_vtable_names)
		F(PL_magic_vtables) PERL_FUNCTIONS(F)};
static const struct wanted with_threads[] = {F(PL_thr_key) F(PL_curinterp)};
static const struct wanted optional[] = {F(PL_use_safe_putenv)};
static const struct wanted without[] = {F(PL_op) F(PL_stack_sp) F(PL_curpad)};
#undef F

static bool find(const struct wanted *all, size_t count)
{
	return elf_anywhere(all, count, (void **)&perl);
}

bool perl_api_find(void)
{
	enum { OLDEST = 24 };

	/* Most programs have no Perl: one lookup tells. */
	if (!find(wanted, 1) || !find(wanted, ARRAY_LENGTH(wanted)) ||
	    *perl.PL_version < OLDEST)
		return false;
	find(optional, ARRAY_LENGTH(optional));
	return find(with_threads, ARRAY_LENGTH(with_threads)) ||
	       find(without, ARRAY_LENGTH(without));
}

/* As pthread-specific data. Every version sets this key, although
 * Perl_get_context reads a thread-local variable since 5.36. */
void *perl_interpreter(const unsigned *key)
{
	void *(*get)(unsigned) =
		(void *(*)(unsigned))elf_symbol("pthread_getspecific");

	return get ? get(*key) : NULL;
}

bool perl_is_first(void *self)
{
	return perl.PL_thr_key ? self == *perl.PL_curinterp : is_main_thread();
}

/* With threads these are the first fields of the interpreter. */
enum { STACK_TOP, CURRENT_OP, PAD };

struct perl_op *perl_current_op(void *self)
{
	return perl.PL_thr_key ? ((struct perl_op **)self)[CURRENT_OP]
			       : *perl.PL_op;
}

struct perl_value **perl_stack_top(void *self)
{
	return perl.PL_thr_key ? ((struct perl_value ***)self)[STACK_TOP]
			       : *perl.PL_stack_sp;
}

struct perl_value **perl_pad(void *self)
{
	return perl.PL_thr_key ? ((struct perl_value ***)self)[PAD]
			       : *perl.PL_curpad;
}

int perl_op_number(const char *name)
{
	enum { MOST = 1024 };

	for (int i = 0; i < MOST && perl.PL_op_name[i]; i++) {
		if (str_equal(perl.PL_op_name[i], name))
			return i;
		if (str_equal(perl.PL_op_name[i], "freed"))
			break; /* the last */
	}
	return -1;
}
