#include "recorder/runtimes/cxx_exception.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/process/raise_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/program_unwinder.h"

enum { NAME_BYTES = 128 };

/* ---- names --------------------------------------------------------------- */

/* Types without a name of their own. To add a type: a row. */
static const char builtin[][2][12] = {
	{"i", "int"},	{"j", "unsigned"},	{"l", "long"},
	{"c", "char"},	{"b", "bool"},		{"d", "double"},
	{"f", "float"}, {"PKc", "const char*"}, {"Pc", "char*"},
};

/* "4Lost" adds Lost. Returns the place behind, or NULL. */
static const char *add_part(const char *linked, char *to, size_t size)
{
	static const char anonymous[] = "_GLOBAL__N_1";
	size_t n = 0, used = str_length(to);

	for (; is_digit(*linked) && n < size; linked++)
		n = n * 10 + (size_t)(*linked - '0');
	for (size_t i = 0; i < n; i++)
		if (!linked[i])
			return NULL;
	if (!n || used + n >= size)
		return NULL;
	if (str_begins(linked, anonymous) && n == sizeof anonymous - 1) {
		str_append(to, size, "(anonymous)");
		return linked + n;
	}
	__builtin_memcpy(to + used, linked, n);
	to[used + n] = '\0';
	return linked + n;
}

/* "NSt10filesystem16filesystem_errorE", "St9bad_alloc", "4Lost". False: of
 * another form. */
static bool spell(const char *linked, char *to, size_t size)
{
	bool is_nested = *linked == 'N';

	linked += is_nested;
	if (str_begins(linked, "St")) {
		str_append(to, size, "std::");
		linked += 2;
	}
	linked = add_part(linked, to, size);
	while (linked && is_nested && *linked != 'E') {
		str_append(to, size, "::");
		linked = add_part(linked, to, size);
	}
	return linked && !linked[is_nested];
}

void cxx_type_name(const char *linked, char *to, size_t size)
{
	linked += *linked == '*'; /* compared by address alone */
	to[0] = '\0';
	for (size_t i = 0; i < ARRAY_LENGTH(builtin); i++)
		if (str_equal(builtin[i][0], linked)) {
			str_append(to, size, builtin[i][1]);
			return;
		}
	if (spell(linked, to, size))
		return;
	to[0] = '\0';
	str_append(to, size, linked);
}

/* ---- the exception ------------------------------------------------------- */

struct type { /* std::type_info */
	void *functions;
	const char *name;
};

/* Leaves out the frames of the C++ library and its unwinder. */
static size_t skip_library(const uintptr_t *frames, size_t count,
			   const struct module *library)
{
	struct module m;
	size_t i = 0;

	while (i < count && elf_module((const void *)frames[i], &m) &&
	       (m.from == library->from || elf_in(&m, "_Unwind_Backtrace")))
		i++;
	return i;
}

static __attribute__((noinline)) void record(const struct type *type,
					     const struct module *library,
					     const void *caller)
{
	uintptr_t frames[PROGRAM_FRAMES];
	size_t count = program_frames(frames);
	size_t skipped = skip_library(frames, count, library);
	char name[NAME_BYTES] = "abort";

	if (type)
		cxx_type_name(type->name, name, sizeof name);
	record_raise(&(struct raise_event){.fn = type ? NULL : "abort",
					   .type = name,
					   .caller = caller,
					   .frames = frames + skipped,
					   .frame_count = count - skipped});
}

bool cxx_record_abort(const void *caller)
{
	const struct type *(*current)(void);
	struct module library;

	if (globals->settings.no_ends ||
	    !elf_module((const char *)caller - 1, &library))
		return false;
	current = (const struct type *(*)(void))elf_in(
		&library, "__cxa_current_exception_type");
	if (current)
		record(current(), &library, caller);
	return current;
}
