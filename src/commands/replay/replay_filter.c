#include "commands/replay/replay_filter.h"

#include <inttypes.h>
#include <stdio.h>

#include "commands/command.h"
#include "commands/event_variables.h"

static bool is_pid(const char *word)
{
	return *word >= '1' && *word <= '9' && strlen(word) < 20 &&
	       !word[strspn(word, "0123456789")];
}

static bool is_number_of(const char *word, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRIu64, number);
	return !strcmp(word, digits);
}

/* Also the child of a launch or wait, and the target of a signal. */
static bool concerns(const struct event *e, const char *pid)
{
	return str_eq(image_pid(e->image), str_of(pid)) ||
	       is_number_of(pid, e->pid) ||
	       (e->has_child && is_number_of(pid, e->child)) ||
	       (e->has_to && !e->group && is_number_of(pid, e->to));
}

static bool has_pid(const struct trace *t, const char *pid)
{
	for (size_t i = 0; i < t->n; i++)
		if (concerns(&t->events[i], pid))
			return true;
	return false;
}

bool replay_filter_fits(struct arena *arena, const struct replay_filter *f,
			const struct trace *t)
{
	for (size_t i = 0; i < f->pids.n; i++) {
		const char *pid = f->pids.at[i];

		if (!is_pid(pid)) {
			complain(arena,
				 "replay: --pid %s: give the number of a "
				 "process",
				 pid);
			return false;
		}
		if (!has_pid(t, pid)) {
			complain(arena,
				 "replay: no process %s in the trace; keytrail "
				 "report --tree shows them",
				 pid);
			return false;
		}
	}
	return names_are_in_trace(arena, "replay", &f->variables, t);
}

static bool concerns_any(const struct event *e, const struct texts *pids)
{
	for (size_t i = 0; i < pids->n; i++)
		if (concerns(e, pids->at[i]))
			return true;
	return false;
}

bool replay_filter_takes(const struct replay_filter *f, const struct event *e)
{
	return (!f->variables.n || event_has_name(e, &f->variables)) &&
	       (!f->pids.n || concerns_any(e, &f->pids));
}
