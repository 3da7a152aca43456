/* Runs: which events are judged together.
 *
 * Each `keytrail run` into a directory is a run; those which overlap in time
 * are one. A run lasts until the last process that it started has ended.
 * Programs that record into the directory without `keytrail run` belong to
 * every run that they overlap. Without any `keytrail run` all events are one
 * run.
 *
 * Within a run, a root image is a restart when an earlier root with equal
 * command, working directory, user and cgroup ended before it began, be it
 * unseen (unseen_end.h): only the newest start which has ended, or has asked
 * for a variable, is judged. */
#ifndef MODEL_RUNS_H
#define MODEL_RUNS_H

#include "model/model.h"

enum { RUN_NEWEST = 0, RUN_ALL = -1 };

struct run_choice {
	long run;  /* the run that is judged, from 1; RUN_ALL */
	long runs; /* how many there are */
	size_t earlier_starts, failed_starts; /* of roots that are judged */
};

/* The events of one run, as a trace. `wanted`: a number from 1, RUN_NEWEST or
 * RUN_ALL. False when there is no such run; *ret_choice is set all the same. */
bool choose_run(struct arena *, const struct model *, long wanted,
		struct trace *ret, struct run_choice *ret_choice);

/* The same, for the run which the `run` event of `pid` belongs to. */
bool choose_run_of(struct arena *, const struct model *, uint64_t pid,
		   struct trace *ret, struct run_choice *ret_choice);

#endif
