#include "recorder/runtimes/node/node_exit.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_end_state.h"
#include "recorder/runtimes/node/node_rejections.h"
#include "recorder/runtimes/v8/v8_frames.h"
#include "recorder/runtimes/v8/v8_functions.h"

struct registers { /* v8::RegisterState */
	void *pc, *sp, *fp, *lr;
	uint64_t more[8];
};

struct sample { /* v8::SampleInfo; `state` is an int in Node 18 */
	size_t frames;
	void *callback, *context, *embedder;
	uint16_t state;
	uint64_t more[16];
};

#define FUNCTIONS(F)                                                           \
	F(environment, void *, (local),                                        \
	  "_ZN4node21GetCurrentEnvironmentEN2v85LocalINS0_7ContextEEE")        \
	F(at_exit, void, (void *, void (*)(void *), void *),                   \
	  "_ZN4node6AtExitEPNS_11EnvironmentEPFvPvES2_")                       \
	F(sample, void,                                                        \
	  (void *, const struct registers *, void **, size_t,                  \
	   struct sample *),                                                   \
	  "_ZN2v87Isolate14GetStackSampleERKNS_13RegisterStateEPPvmPNS_"       \
	  "10SampleInfoE")

static struct {
	FUNCTIONS(ELF_FUNCTION)
} of_exit;

/* Node 24 and later call back under a SealHandleScope when nothing is left to
 * do: every function of V8 that makes a handle aborts the program then. V8's
 * sampler is made for signal handlers and makes none. */
static __attribute__((noinline)) bool has_javascript(void *isolate)
{
	struct registers here = {.pc = CALLER,
				 .sp = __builtin_frame_address(0),
				 .fp = __builtin_frame_address(0)};
	struct sample sample = {.frames = 0};
	void *frames[4];

	of_exit.sample(isolate, &here, frames, 4, &sample);
	return sample.frames > 0;
}

static void note_exit(void *isolate, struct node_ends *e)
{
	e->has_exit = v8_source_pos(isolate, &e->exit) != V8_OF_NODE;
	v8_map_source_pos(isolate, true, &e->exit);
	v8_callers(isolate, &e->exit_callers);
}

static void on_exit_of(void *isolate)
{
	int error = host_errno();

	if (!node_ends || isolate != node_ends_isolate)
		return;
	if (v8_runs(isolate) && has_javascript(isolate))
		note_exit(isolate, node_ends);
	else
		node_rejections_record(node_ends);
	if (!is_main_thread())
		node_ends_forget();
	host_set_errno(error);
}

bool node_exit_watch(void *isolate)
{
	void *environment;

	if (!of_exit.sample &&
	    !elf_symbols(FUNCTIONS(ELF_NAME), (void **)&of_exit))
		return true;
	environment = of_exit.environment(v8.context(isolate));
	if (environment)
		of_exit.at_exit(environment, on_exit_of, isolate);
	return environment;
}
