#include "commands/doctor/doctor.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/default_trace.h"
#include "formats/words.h"
#include "model/model.h"

/* Anybody can make a directory of this name in /tmp. */
static bool is_own(const char *dir)
{
	struct stat st;

	return !lstat(dir, &st) && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid();
}

static void tell(struct checkup *c, const char *dir, const struct event *full,
		 uint64_t wall)
{
	if (!full)
		checkup_add(
			c, ANSWER_OK,
			arena_print(c->arena, "the trace in %s has room", dir),
			NULL);
	else
		checkup_add(
			c, ANSWER_PART,
			arena_print(c->arena,
				    "the trace in %s is full (%llu KiB) "
				    "since %.*s",
				    dir, (unsigned long long)full->max >> 10,
				    STR_FMT(moment_in_words(c->arena, wall))),
			"remove it when its processes have ended, or "
			"allow more with max=BYTES in KEYTRAIL");
}

void check_trace(struct checkup *c)
{
	const char *dir = preloaded_trace_directory(c->arena), *why;
	const struct event *full;
	struct trace trace = {0};
	uint64_t wall = 0;

	if (!is_own(dir) || !trace_load(c->arena, &trace, dir, &why))
		return; /* nothing recorded yet */
	trace_sort_and_fold(c->arena, &trace);
	full = model_full(model_build(c->arena, &trace), &wall);
	tell(c, dir, full, wall);
}
