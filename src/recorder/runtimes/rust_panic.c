#include "recorder/runtimes/rust_panic.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/process/raise_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/program_unwinder.h"

static struct {
	uint64_t image; /* the image's birth; 0: there is no panic */
	size_t count;
	uintptr_t frames[PROGRAM_FRAMES];
} noted;

/* An error that wants a backtrace (anyhow) asks for RUST_LIB_BACKTRACE and,
 * when that is missing, for RUST_BACKTRACE. */
static __thread bool is_error_with_backtrace;

/* Of this image: a forked child inherits the note of its parent. */
static bool is_noted(void)
{
	return noted.image && noted.image == atomic_load(&globals->life.born);
}

/* Rust's standard library asks with a copy of the name, on the stack or on the
 * heap, where a program in C has the name in its data. Interpreters ask with a
 * copy, too. */
static bool is_asked_by_rust(const char *name, const void *caller)
{
	static const char of_interpreters[][24] = {
		"uv_os_getenv", "rb_str_new", "zend_throw_exception",
		"Perl_mess", "PyErr_Occurred"};
	struct module module;

	if (elf_module(name, &module))
		return false;
	if (!elf_module(caller, &module))
		return true;
	for (size_t i = 0; i < ARRAY_LENGTH(of_interpreters); i++)
		if (elf_in(&module, of_interpreters[i]))
			return false;
	return true;
}

void rust_note_panic(const char *name, const char *value, const void *caller)
{
	int error;

	if (!globals || globals->settings.no_ends || thread.vforked ||
	    !is_asked_by_rust(name, caller))
		return;
	if (str_equal(name, "RUST_LIB_BACKTRACE")) {
		is_error_with_backtrace = !value;
		return;
	}
	if (!str_equal(name, "RUST_BACKTRACE") || is_noted() ||
	    is_error_with_backtrace) {
		is_error_with_backtrace = false;
		return;
	}
	error = host_errno();
	noted.count = program_frames(noted.frames);
	noted.image = atomic_load(&globals->life.born);
	host_set_errno(error);
}

bool rust_record_panic(void)
{
	if (!is_noted())
		return false;
	record_raise(&(struct raise_event){.type = "panic",
					   .frames = noted.frames,
					   .frame_count = noted.count,
					   .is_once = true});
	return true;
}

void rust_on_exit(void)
{
	if (globals && !thread.vforked)
		rust_record_panic();
}
