#include "recorder/runtimes/node/node_listing.h"

#include "recorder/lib/str.h"
#include "recorder/process/copy_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_callers.h"
#include "recorder/runtimes/node/node_store.h"
#include "recorder/runtimes/v8/v8_frames.h"

static __thread struct {
	uint64_t function; /* with its file; 0: no listing yet */
	uint64_t line, column;
} listed;

__thread bool node_may_copy;

/* structuredClone() is a function of JavaScript in Node 18, 22 and later. Other
 * code of Node copies to start a program or to print. */
static bool is_copying(void *isolate, enum v8_whose whose)
{
	char file[SOURCE_POS_FILE];

	if (whose != V8_BEHIND_NODE)
		return whose == V8_OF_PROGRAM;
	v8_innermost_file(isolate, file);
	return str_equal(file, "node:internal/structured_clone") ||
	       str_equal(file, "node:internal/worker/js_transferable");
}

/* Libraries that list the names and then get each that fits, at another place:
 * nobody sees what else they look for. To add one: a part of the path, in lower
 * case. */
static const char selecting[][16] = {"/nconf/", "/rc/lib/utils",
				     "/yargs-parser/", "/vite/dist/"};

static bool is_selecting(const char *file)
{
	for (size_t i = 0; i < ARRAY_LENGTH(selecting); i++)
		if (str_mentions(file, str_length(file), selecting[i]))
			return true;
	return false;
}

static void record_copy_at(struct source_pos *place)
{
	node_map_place_of_hit(place);
	record_copy(node_fn(GET), place, node_find_callers,
		    node_worker_own_id());
}

void node_on_listing(void *isolate)
{
	int error = host_errno();
	struct source_pos place;

	node_may_copy = is_copying(isolate, v8_source_pos(isolate, &place));
	listed.function = place.line ? source_pos_function_hash(&place) : 0;
	listed.line = place.line;
	listed.column = place.column;
	if (place.line && is_selecting(place.file))
		record_copy_at(&place);
	host_set_errno(error);
}

static bool is_loop(const struct source_pos *p)
{
	enum { LINES = 3 };

	return p->line == listed.line
		       ? p->column < listed.column
		       : p->line < listed.line && listed.line - p->line < LINES;
}

bool node_is_of_listing(const struct source_pos *p, int which)
{
	if (!p->line || listed.function != source_pos_function_hash(p))
		return false;
	return (p->line == listed.line && p->column == listed.column) ||
	       (which == QUERY && is_loop(p));
}

__attribute__((noinline)) void node_on_get_after_listing(void *isolate)
{
	int error = host_errno();
	struct source_pos place;

	node_may_copy = false;
	if (!v8_runs(isolate))
		return;
	v8_source_pos(isolate, &place);
	if (node_is_of_listing(&place, GET))
		record_copy_at(&place);
	host_set_errno(error);
}
