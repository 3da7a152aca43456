#include "recorder/runtimes/node/node.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/process/source_pos.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/observed_event.h"
#include "recorder/runtimes/node/node_callers.h"
#include "recorder/runtimes/node/node_http_adapter.h"
#include "recorder/runtimes/node/node_worker.h"
#include "recorder/runtimes/node/node_worker_env.h"
#include "recorder/runtimes/sampling.h"
#include "recorder/runtimes/v8/v8.h"
#include "recorder/runtimes/v8/v8_frames.h"

static uintptr_t uv_spawn; /* 0: this process has no observed Node */

static bool is_observed;

static bool wrap_stores(void)
{
	struct vtable all = {.n = 0};

	return node_process_env_add(&all) && node_worker_env_add(&all) &&
	       v8_find() && node_worker_start() && sampling_start() &&
	       vtable_replace(&all);
}

void node_start(void)
{
	static bool started;

	if (!globals || started)
		return;
	started = true;
	if (!wrap_stores())
		return;
	is_observed = true;
	uv_spawn = (uintptr_t)elf_symbol("uv_spawn");
	record_hears("process.env");
}

char *node_options(char *value)
{
	return is_observed ? node_http_options(value) : value;
}

/* True for a fork by uv_spawn, which JavaScript called, or code outside any
 * JavaScript. A fork by other code may stand in a signal handler, where V8 must
 * not be called. */
static bool is_from_uv_spawn(const void *caller)
{
	enum { NEAR = 0x4000 }; /* parts of uv_spawn lie beside uv_spawn */

	return uv_spawn && (uintptr_t)caller - uv_spawn + NEAR < 2 * NEAR;
}

static void note_launch(void)
{
	if (v8_source_pos(v8_current(), source_pos_current()) == V8_OF_NODE)
		return;
	node_map_place(source_pos_current());
	node_note_launch_callers();
}

void node_before_fork(const void *caller)
{
	int error;

	if (!is_from_uv_spawn(caller))
		return;
	error = host_errno();
	if (v8_runs(v8_current()))
		note_launch();
	host_set_errno(error);
}

bool node_on_open(const void *caller, struct source_pos *ret)
{
	enum { MOST = 1000 }; /* a program may ask for a file in a loop */
	static _Atomic uint32_t asked;
	struct module module;

	if (!uv_spawn || atomic_load(&asked) >= MOST ||
	    !elf_module((const char *)caller - 1, &module) ||
	    uv_spawn - module.from >= module.to - module.from ||
	    !v8_runs(v8_current()))
		return false;
	atomic_fetch_add(&asked, 1);
	v8_source_pos(v8_current(), ret);
	return true;
}
