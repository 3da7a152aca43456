#include "recorder/runtimes/program_unwinder.h"

#include <stdbool.h>

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"

typedef int frame_function(void *context, void *walk);

struct walk {
	uintptr_t *frames;
	size_t count;
	uintptr_t (*address)(void *context);
	struct module recorder;
};

static bool is_of_recorder(const struct walk *w, uintptr_t at)
{
	return at >= w->recorder.from && at < w->recorder.to;
}

/* A number other than 0 ends the walk. */
static int on_frame(void *context, void *walk)
{
	struct walk *w = walk;
	uintptr_t at = w->address(context) - 1; /* within the call */

	if (!is_of_recorder(w, at))
		w->frames[w->count++] = at;
	return w->count == PROGRAM_FRAMES;
}

size_t program_frames(uintptr_t frames[PROGRAM_FRAMES])
{
	struct {
		int (*walk)(frame_function *, void *);
		uintptr_t (*address)(void *);
	} unwinder;
	struct walk w = {.frames = frames};

	if (!elf_symbols("_Unwind_Backtrace\0_Unwind_GetIP\0",
			 (void **)&unwinder) ||
	    !elf_module((const void *)program_frames, &w.recorder))
		return 0;
	w.address = unwinder.address;
	unwinder.walk(on_frame, &w);
	return w.count;
}
