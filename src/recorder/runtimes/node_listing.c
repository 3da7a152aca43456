#include "recorder/runtimes/node_listing.h"

#include "recorder/recorder.h"
#include "recorder/runtimes/node_store.h"
#include "recorder/runtimes/v8_frames.h"

static __thread struct {
	uint64_t function; /* with its file; 0: no listing yet */
	uint64_t line, column;
} listed;

void node_on_listing(void *isolate)
{
	int error = host_errno();
	struct source_pos place;

	v8_source_pos(isolate, &place);
	listed.function = place.line ? source_pos_function_hash(&place) : 0;
	listed.line = place.line;
	listed.column = place.column;
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
