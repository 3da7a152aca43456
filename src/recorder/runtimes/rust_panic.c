#include "recorder/runtimes/rust_panic.h"

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

void rust_note_panic(const char *name, const char *value)
{
	int error;

	if (!globals || globals->settings.no_ends || thread.vforked)
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
