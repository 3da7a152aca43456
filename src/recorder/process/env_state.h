/* What this image holds, as we last saw it in environ.
 *
 * Two moments are kept of every watched variable: `now`, as the trace tells it,
 * to notice an environ that changed behind our back (or by one more of many
 * equal setter calls that are not told); and
 * `base`, what stood there at the birth or at the parent's last fork, which an
 * exec or spawn is judged against. Of the other variables only hashes. */
#ifndef RECORDER_ENV_STATE_H
#define RECORDER_ENV_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/process/env_state.h"
#include "recorder/trace/event_line.h"
#include "recorder/secrets/secret.h"

/* The print of a value, with the tag that compares it with others here. */
void env_state_fingerprint(struct secret, struct fingerprint *ret);

/* What stands in envp is what this image holds: base and now. */
void env_state_begin(char **envp);

/* Does environ hold what we think? If not, tells a swap. */
void env_state_check(void);

/* The same for one name that was just read; `found` may be NULL. */
void env_state_check_one(const char *name, size_t n,
			 const struct fingerprint *found);

/* As env_state_check, and what stands there becomes the base: before a fork. */
void env_state_inherit(void);

/* "vars", and the counts of how envp differs from the base; false when it
 * does not. */
bool env_state_put_difference(struct event_line *, char *const *envp);

/* The print of a value that is held, found by its tag: taking it anew costs a
 * microsecond. NULL when another is. */
const struct fingerprint *env_state_known_fingerprint(const char *name,
						      size_t n, uint64_t tag);

/* What a setter call did that is being told. */
void env_state_set(const char *name, size_t n, const struct fingerprint *p);
void env_state_unset(const char *name, size_t n);

/* A set that is folded: `now` is told no more by who reads it, only before a
 * fork. */
void env_state_fold(const char *name, size_t n);
void env_state_clear(void);

/* Lists: what stands in envp; what of the base does not; what is held now. */
void env_state_list_env(struct event_line *, const char *key,
			char *const *envp);
void env_state_list_lost(struct event_line *, char *const *envp);
void env_state_list_now(struct event_line *, const char *key);

#endif
