#include "commands/open_traces.h"

bool open_traces(struct arena *arena, const struct opts *opts,
		 const char *command, struct trace *ret)
{
	struct trace t = {0};
	const char *why;

	if (!opts->n_operands) {
		complain(arena,
			 "%s: no TRACE was named; see keytrail %s --help",
			 command, command);
		return false;
	}
	for (int i = 0; i < opts->n_operands; i++)
		if (!trace_load(arena, &t, opts->operands[i], &why)) {
			complain(arena,
				 "cannot read %s: %s; name the directory that "
				 "keytrail run made, or a packed file",
				 opts->operands[i], why);
			return false;
		}
	if (t.unreadable)
		complain(arena,
			 "%zu file%s of the trace may not be read; ask again "
			 "as the user who owns them",
			 t.unreadable, t.unreadable == 1 ? "" : "s");
	*ret = t;
	return true;
}
