#include "recorder/runtimes/perl/perl_env.h"

#include "recorder/lib/env_entry.h"
#include "recorder/lib/str.h"
#include "recorder/process/copy_event.h"
#include "recorder/process/getenv_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/observed_event.h"
#include "recorder/runtimes/perl/perl_api.h"
#include "recorder/runtimes/perl/perl_env_change.h"
#include "recorder/runtimes/perl/perl_frames.h"
#include "recorder/runtimes/perl/perl_ops.h"
#include "recorder/secrets/watched_names.h"

/* For comparison only: a program may put another hash in the place of %ENV,
 * which has nothing to do with the environment. */
static const void *env_hash(void *self)
{
	static __thread struct {
		const void *interpreter, *hash;
	} known;

	if (!known.hash || known.interpreter != self) {
		known.hash = PERL_CALL(Perl_get_hv, self, "ENV", (size_t)0);
		known.interpreter = self;
	}
	return known.hash;
}

/* ---- a read -------------------------------------------------------------- */

static const char *text_of(const struct perl_value *v)
{
	return v && v->flags & PERL_HAS_TEXT ? v->text : NULL;
}

/* The value of an element; NULL: missing. */
static const struct perl_value *element(void *self, const void *hash,
					struct perl_value *key)
{
	enum { JUST_THE_VALUE = 0x20 };
	struct perl_value **found = PERL_CALL(
		Perl_hv_common, self, (void *)(uintptr_t)hash, key, NULL,
		(size_t)0, (size_t)0, (size_t)JUST_THE_VALUE, NULL, (size_t)0);

	return found ? *found : NULL;
}

/* Reads met lately, in code of the program: a module of Perl's reads for many
 * lines. A read that was met costs no look at the place. */
enum { READS = 256 };
static _Atomic uint64_t met[READS];

static bool was_met(uint64_t tag)
{
	return atomic_load_explicit(&met[tag % READS], memory_order_relaxed) ==
	       tag;
}

static void note_met(uint64_t tag)
{
	atomic_store_explicit(&met[tag % READS], tag, memory_order_relaxed);
}

static uint64_t tag_of(const struct perl_op *op, const char *name, size_t n,
		       const char *value)
{
	uint64_t tag =
		hash_word(atomic_load(&globals->life.born), (uintptr_t)op);

	tag = hash_bytes(tag, name, n);
	return value ? tag ^ secret_tag(secret_of(value), globals->seed) : tag;
}

/* A thread has an %ENV of its own, which may differ from environ. */
static bool is_as_environ(const char *name, size_t n, const char *value)
{
	const char *entry = env_entry(environ, name, n);

	if (!entry || !value)
		return !entry && !value;
	return str_equal(entry + n + 1, value);
}

static __attribute__((noinline)) void record_read(void *self, const char *name,
						  size_t n, const char *value,
						  uint64_t tag)
{
	struct source_pos place;
	struct callers callers;

	if (perl_find_place(self, &place, &callers))
		note_met(tag);
	if (place.line)
		record_getenv(&(struct getenv_event){
			.fn = "%ENV",
			.name = name,
			.length = n,
			.value = value,
			.place = &place,
			.find_callers = perl_find_callers});
}

static void read_element(void *self, const void *hash, struct perl_value *key)
{
	const char *name = text_of(key), *value = NULL;
	const struct perl_value *found;
	size_t n = name ? str_length(name) : 0;
	uint64_t tag;

	if (!n || !is_watched_name(name, n))
		return;
	found = element(self, hash, key);
	if (found)
		value = text_of(found) ? text_of(found) : "";
	tag = tag_of(perl_current_op(self), name, n, value);
	if (!was_met(tag) &&
	    (perl_is_first(self) || is_as_environ(name, n, value)))
		record_read(self, name, n, value, tag);
}

/* ---- ops that look into a hash ------------------------------------------- */

/* The order of perl_op_replace() below. */
enum op_name {
	MULTIDEREF,
	HELEM,
	EXISTS,
	RV2HV,
	VALUES,
	EACH,
	HSLICE,
	KVHSLICE,
	OPS
};
static perl_op_function *originals[OPS], *or_assign, *defined_or_assign;

/* $ENV{X} ||= 1 reads; $ENV{X} = 1 does not. An argument of a subroutine may
 * be changed there, and is mostly read. */
static bool is_read(const struct perl_op *op)
{
	enum { CHANGES = 32, MAY_CHANGE_LATER = 0x40 };
	const struct perl_op *next = op->next;

	return !(op->flags & CHANGES) || op->own_flags & MAY_CHANGE_LATER ||
	       (next && next->function &&
		(next->function == or_assign ||
		 next->function == defined_or_assign));
}

/* The hash of a glob. */
static const void *hash_of(const struct perl_value *glob)
{
	enum { HASH = 4 };

	return glob && glob->parts ? glob->parts[HASH] : NULL;
}

/* An item of multideref: with threads an index into the pad. */
static struct perl_value *item(void *self, const uintptr_t *items, int i)
{
	return perl.PL_thr_key ? perl_pad(self)[items[i]]
			       : (struct perl_value *)items[i];
}

/* The first item of multideref: what is looked into, and by what key. */
enum {
	ACTION = 0xf,
	OF_GLOB = 13,
	OF_LEXICAL_REFERENCE = 10,
	INDEX = 0x30,
	CONSTANT = 0x10,
	LEXICAL = 0x20,
	GLOBAL = 0x30
};

static bool multideref_is_env(void *self, const uintptr_t *items)
{
	const void *env = env_hash(self);
	const struct perl_value *v;

	if ((*items & ACTION) == OF_GLOB)
		return hash_of(item(self, items, 1)) == env;
	if ((*items & ACTION) != OF_LEXICAL_REFERENCE)
		return false;
	v = perl_pad(self)[items[1]];
	return v && v->flags & PERL_IS_REFERENCE && v->target == env;
}

static struct perl_value *multideref_key(void *self, const uintptr_t *items)
{
	const struct perl_value *glob;

	switch (*items & INDEX) {
	case CONSTANT:
		return item(self, items, 2);
	case LEXICAL:
		return perl_pad(self)[items[2]];
	case GLOBAL:
		glob = item(self, items, 2);
		return glob && glob->parts ? *glob->parts : NULL;
	}
	return *perl_stack_top(self);
}

/* A constant name is never another name. */
static bool is_of_no_interest(const uintptr_t *items,
			      const struct perl_value *key)
{
	const char *name = text_of(key);

	return (*items & INDEX) == CONSTANT && name &&
	       !is_watched_name(name, str_length(name));
}

static void restore(void *self, enum op_name name, perl_op_function *ours)
{
	perl_op_restore(perl_current_op(self), ours, originals[name]);
}

static __attribute__((noinline)) void look_at_multideref(void *self,
							 perl_op_function *ours)
{
	enum { DELETES = 0x20 };
	const struct perl_op *op = perl_current_op(self);
	const uintptr_t *items = op->items;

	struct perl_value *key;

	if (op->own_flags & DELETES || !is_read(op) ||
	    !multideref_is_env(self, items)) {
		restore(self, MULTIDEREF, ours);
		return;
	}
	key = multideref_key(self, items);
	if (is_of_no_interest(items, key))
		restore(self, MULTIDEREF, ours);
	else
		read_element(self, env_hash(self), key);
}

/* The key lies on the stack, and the hash below the key. */
static __attribute__((noinline)) void
look_at_element(void *self, enum op_name name, perl_op_function *ours)
{
	enum { IS_OF_SUB = 0x40 };
	const struct perl_op *op = perl_current_op(self);
	struct perl_value **top = perl_stack_top(self);
	bool is_other =
		name == EXISTS ? op->own_flags & IS_OF_SUB : !is_read(op);

	if (is_other || top[-1] != env_hash(self))
		restore(self, name, ours);
	else
		read_element(self, top[-1], top[0]);
}

/* ---- copies -------------------------------------------------------------- */

static bool wants_list(const struct perl_op *op)
{
	enum { WANT = 3, LIST = 3 };

	return (op->flags & WANT) == LIST;
}

/* All pairs of a hash: not where another op takes the hash itself. */
static bool flattens_env(void *self, const struct perl_op *op)
{
	enum { TAKES_HASH = 16 };
	const struct perl_value *top = *perl_stack_top(self);
	const void *env = env_hash(self);

	if (!wants_list(op) || op->flags & TAKES_HASH || !top)
		return false;
	if (top->flags & PERL_IS_REFERENCE)
		return top->target == env;
	return op->first && op->first->function &&
	       op->first->function == perl.PL_ppaddr[perl_op_number("gv")] &&
	       hash_of(top) == env;
}

/* %ENV{...} and @ENV{...} count as copies: the names are not looked at. */
static bool takes_env(void *self, enum op_name name)
{
	const struct perl_op *op = perl_current_op(self);
	enum { CHANGES = 32 };

	if (name == RV2HV)
		return flattens_env(self, op);
	return *perl_stack_top(self) == env_hash(self) &&
	       !(op->flags & CHANGES) &&
	       (name == HSLICE || name == KVHSLICE || wants_list(op));
}

static __attribute__((noinline)) void
look_at_copy(void *self, enum op_name name, perl_op_function *ours)
{
	struct source_pos place;
	struct callers callers;
	uint64_t tag = tag_of(perl_current_op(self), "", 0, NULL);

	if (!takes_env(self, name)) {
		restore(self, name, ours);
		return;
	}
	if (was_met(tag))
		return;
	if (perl_find_place(self, &place, &callers))
		note_met(tag);
	if (place.line)
		record_copy("%ENV", &place, perl_find_callers, NULL);
}

/* ---- the functions in place of Perl's ------------------------------------ */

#define OP_FUNCTION(name, id, look)                                            \
	static void *on_##name(void *self)                                     \
	{                                                                      \
		int error = host_errno();                                      \
                                                                               \
		if (globals && perl_is_running(self, on_##name))               \
			look;                                                  \
		host_set_errno(error);                                         \
		return originals[id](self);                                    \
	}

OP_FUNCTION(multideref, MULTIDEREF, look_at_multideref(self, on_multideref))
OP_FUNCTION(helem, HELEM, look_at_element(self, HELEM, on_helem))
OP_FUNCTION(exists, EXISTS, look_at_element(self, EXISTS, on_exists))
OP_FUNCTION(rv2hv, RV2HV, look_at_copy(self, RV2HV, on_rv2hv))
OP_FUNCTION(values, VALUES, look_at_copy(self, VALUES, on_values))
OP_FUNCTION(each, EACH, look_at_copy(self, EACH, on_each))
OP_FUNCTION(hslice, HSLICE, look_at_copy(self, HSLICE, on_hslice))
OP_FUNCTION(kvhslice, KVHSLICE, look_at_copy(self, KVHSLICE, on_kvhslice))

void perl_env_start(void)
{
	or_assign = perl_op_function_of("orassign");
	defined_or_assign = perl_op_function_of("dorassign");
	originals[HELEM] = perl_op_replace("helem", on_helem);
	if (!originals[HELEM])
		return;
	originals[MULTIDEREF] = perl_op_replace("multideref", on_multideref);
	originals[EXISTS] = perl_op_replace("exists", on_exists);
	originals[RV2HV] = perl_op_replace("rv2hv", on_rv2hv);
	originals[VALUES] = perl_op_replace("values", on_values);
	originals[EACH] = perl_op_replace("each", on_each);
	originals[HSLICE] = perl_op_replace("hslice", on_hslice);
	originals[KVHSLICE] = perl_op_replace("kvhslice", on_kvhslice);
	perl_env_change_start();
	record_hears("%ENV");
}
