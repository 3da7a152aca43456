/* Which script of package.json started a program, as npm, pnpm and yarn tell
 * by variables. */
#ifndef RECORDER_NPM_SCRIPT_H
#define RECORDER_NPM_SCRIPT_H

#include "recorder/trace/event_line.h"

/* These tools start `sh -c TEXT`. Inline: the birth of any other program
 * touches no page more. */
static inline bool npm_script_may_start(char *const *argv)
{
	return argv[0] && argv[1] && argv[1][0] == '-' && argv[1][1] == 'c' &&
	       !argv[1][2];
}

/* "npm_lifecycle_event" and "npm_package_json", where the environment has them.
 */
void npm_script_put(struct event_line *, char *const *envp);

#endif
