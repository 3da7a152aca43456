#include "recorder/runtimes/node/node_ends.h"

#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_exit.h"
#include "recorder/runtimes/node/node_rejections.h"
#include "recorder/runtimes/node/node_error_stack.h"
#include "recorder/runtimes/node/node_uncaught.h"

/* ---- which programs ------------------------------------------------------ */

/* node, nodejs, node-22: no embedder. */
static bool is_node(void)
{
	const char *name = base_name(globals->exe);

	return str_begins(name, "node") &&
	       (!name[4] || name[4] == '-' || is_digit(name[4]) ||
		str_equal(name, "nodejs"));
}

/* Node takes an underscore for a dash. */
static bool begins_option(const char *argument, const char *option)
{
	for (; *option; argument++, option++)
		if ((*argument == '_' ? '-' : *argument) != *option)
			return false;
	return true;
}

static bool writes_snapshot(void)
{
	char *const *argument = globals->argv;

	for (; argument && *argument; argument++)
		if (begins_option(*argument, "--build-snapshot") ||
		    begins_option(*argument, "--build-sea") ||
		    begins_option(*argument, "--experimental-sea-config"))
			return true;
	return !globals->argv;
}

/* ---- once in each isolate ------------------------------------------------ */

static bool may_replace(void)
{
	return !globals->settings.no_ends && is_node() && node_error_start();
}

/* The first isolate's program may write over its arguments later. */
static bool may_listen(void)
{
	static _Atomic int answer; /* 0: not known yet */

	if (!answer)
		answer = writes_snapshot() ? 1 : 2;
	return answer == 2;
}

static void watch(void *isolate)
{
	if (!may_replace())
		return;
	node_stacks_watch(isolate);
	node_rejections_watch(isolate);
	if (may_listen())
		node_uncaught_watch(isolate);
}

static void attach(void *isolate)
{
	if (!v8_runs(isolate) || !node_exit_watch(isolate))
		return;
	node_ends_isolate = isolate;
	node_ends = sys_memory(sizeof *node_ends);
	if (node_ends)
		watch(isolate);
}

__attribute__((noinline)) void node_ends_attach(void *isolate)
{
	int error = host_errno();

	attach(isolate);
	host_set_errno(error);
}

/* ---- the end ------------------------------------------------------------- */

static void record_error(struct node_ends *e, int status)
{
	if (e->thrown)
		node_error_record(e->thrown);
	else if (status)
		node_rejections_record(e);
}

bool node_on_exit(int status)
{
	struct node_ends *e = node_ends;

	if (!e || thread.vforked)
		return false;
	record_error(e, status);
	if (!e->has_exit)
		return false;
	*source_pos_current() = e->exit;
	*source_pos_callers() = e->exit_callers;
	return true;
}
