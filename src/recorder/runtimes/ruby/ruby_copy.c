/* Methods of ENV read `environ` without libc. The function in C behind each
 * method is replaced where Ruby keeps its address: the method, its object and
 * what Ruby tells of it stay the same. */
#include "recorder/runtimes/ruby/ruby_copy.h"

#include "recorder/lib/str.h"
#include "recorder/process/copy_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/interpreter.h"
#include "recorder/runtimes/ruby/ruby.h"

#define FUNCTIONS(F)                                                           \
	F(rb_const_get, ruby_value, (ruby_value, ruby_value))                  \
	F(rb_intern, ruby_value, (const char *))                               \
	F(rb_id2sym, ruby_value, (ruby_value))                                 \
	F(rb_obj_method, ruby_value, (ruby_value, ruby_value))                 \
	F(rb_respond_to, int, (ruby_value, ruby_value))                        \
	F(rb_errinfo, ruby_value, (void))                                      \
	F(rb_set_errinfo, void, (ruby_value))                                  \
	F(rb_protect, ruby_value,                                              \
	  (ruby_value(*)(ruby_value), ruby_value, int *))                      \
	F(rb_check_typeddata, void *, (ruby_value, const void *))

static struct {
	FUNCTIONS(ELF_FUNCTION)
	const ruby_value *rb_cObject;
} rb;

static struct module ruby_module;

static const copy_path_part harmless[] = {
	"/bundler/",	    "/bundler.rb",     "/rubygems/", "/rubygems.rb",
	"/climate_control", "/childprocess/",  "/spring/",   "/dotenv",
	"/open3.rb",	    "/uri/generic.rb",
};

/* ---- a call -------------------------------------------------------------- */

static void record(void)
{
	int error = host_errno();
	struct interpreter_place place = {.find_callers = NULL};

	if (!thread.vforked &&
	    ruby_source_pos(&ruby_module, ACT_READ, &place) && place.pos.line &&
	    !copy_is_harmless(place.pos.file, harmless, ARRAY_LENGTH(harmless)))
		record_copy("ENV", &place.pos, place.find_callers, NULL);
	host_set_errno(error);
}

/* In registers, with whatever arguments: none, or a count and a list. */
typedef ruby_value method(ruby_value, ruby_value, ruby_value);

// clang-format off
#define METHODS(M)                                                             \
	M(to_h) M(to_hash) M(to_a) M(values) M(each) M(each_pair) M(select)    \
	M(filter) M(reject) M(invert) M(except)
// clang-format on

#define M(name)                                                                \
	static method *original_##name;                                        \
	static ruby_value on_##name(ruby_value a, ruby_value b, ruby_value c)  \
	{                                                                      \
		if (globals)                                                   \
			record();                                              \
		return original_##name(a, b, c);                               \
	}
METHODS(M)
#undef M

/* ---- where Ruby keeps the function --------------------------------------- */

/* As Ruby 2.7 to 3.4 lay out a method: rb_method_entry_t and the definition of
 * a method in C. The first words of the definition hold numbers. */
struct entry {
	ruby_value flags, class;
	struct definition *definition;
	ruby_value name, owner;
};

struct definition {
	uint64_t numbers;
	method *function;
	const void *invoker;
	int arguments;
};

/* T_DATA with a type, up to the type. */
struct typed_object {
	ruby_value flags, class;
	const void *type;
};

static bool is_in_ruby(const void *at)
{
	return (uintptr_t)at >= ruby_module.from &&
	       (uintptr_t)at < ruby_module.to;
}

/* A method of this object alone, not one of Object or Enumerable. */
static bool is_entry_of(ruby_value object, ruby_value v)
{
	enum { KIND = 31, INTERNAL = 0x1a, METHOD_ENTRY = 6 };
	const struct entry *e = (const struct entry *)v;

	return ruby_is_object(v) && (e->flags & KIND) == INTERNAL &&
	       (e->flags >> 12 & 15) == METHOD_ENTRY &&
	       e->owner == ((const ruby_value *)object)[1] && e->definition &&
	       !((uintptr_t)e->definition & 7);
}

/* The object of class Method begins with its receiver; the entry follows within
 * a few words, all of which are objects. */
static struct definition *definition_of(ruby_value object, const char *name)
{
	enum { WORDS = 6 };
	ruby_value id = rb.rb_intern(name), found;
	const ruby_value *words;

	if (!rb.rb_respond_to(object, id))
		return NULL;
	found = rb.rb_obj_method(object, rb.rb_id2sym(id));
	words = rb.rb_check_typeddata(
		found, ((const struct typed_object *)found)->type);
	if (!words || words[0] != object)
		return NULL;
	for (int i = 1; i < WORDS && ruby_is_object(words[i]); i++)
		if (is_entry_of(object, words[i]))
			return ((struct entry *)words[i])->definition;
	return NULL;
}

static method *replace(ruby_value object, const char *name, method *ours)
{
	struct definition *d = definition_of(object, name);
	method *original;

	if (!d || !is_in_ruby((const void *)d->function) ||
	    !is_in_ruby(d->invoker) || d->arguments < -1 || d->arguments > 0)
		return NULL;
	original = d->function;
	d->function = ours;
	return original;
}

/* ---- watching ------------------------------------------------------------ */

static ruby_value watch(ruby_value unused)
{
	ruby_value env = rb.rb_const_get(*rb.rb_cObject, rb.rb_intern("ENV"));

	if (!ruby_is_object(env))
		return unused;
#define M(name) original_##name = replace(env, #name, on_##name);
	METHODS(M)
#undef M
	return unused;
}

/* An exception in a Ruby that differs from all known ones is swallowed. */
void ruby_copy_watch(const struct module *module)
{
	ruby_value before;
	int failed = 0;

	if (!elf_in_all(module, FUNCTIONS(ELF_OWN_NAME) "rb_cObject\0",
			(void **)&rb))
		return;
	ruby_module = *module;
	before = rb.rb_errinfo();
	rb.rb_protect(watch, 0, &failed);
	if (failed)
		rb.rb_set_errinfo(before);
}
