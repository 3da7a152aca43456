/* The variables held by this image, as last seen in environ.
 *
 * Two values are kept of each watched variable (watched_values.h). `current` is
 * the value known to the trace: a different value in environ is a change made
 * without a hook, or by a setter call that was folded. `inherited` is the value
 * at birth, or at the last fork of the parent: exec and spawn are compared with
 * the inherited values. Of all other variables only hashes are kept
 * (env_hashes.h). */
#ifndef RECORDER_ENV_STATE_H
#define RECORDER_ENV_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/process/env_state.h"
#include "recorder/trace/event_line.h"
#include "recorder/secrets/secret.h"

/* The fingerprint of a value, with the tag for comparing values within this
 * process. */
void env_state_fingerprint(struct secret, struct fingerprint *ret);

/* Takes the variables of envp as both inherited and current. */
void env_state_begin(char **envp);

/* Compares environ with the current values. Records a swap when environ
 * differs. */
void env_state_check(void);

/* Compares one variable just read. `found` is the fingerprint of the value,
 * NULL for a missing variable. */
void env_state_check_one(const char *name, size_t n,
			 const struct fingerprint *found);

/* Before a fork: does the work of env_state_check, and then makes all current
 * values inherited values. */
void env_state_inherit(void);

/* Puts "vars", and the counts of differences between envp and the inherited
 * variables. False when envp equals the inherited variables. */
bool env_state_put_difference(struct event_line *, char *const *envp);

/* The fingerprint of the current value, when the value has this tag; else NULL.
 * Taking a fingerprint anew costs a microsecond. */
const struct fingerprint *env_state_known_fingerprint(const char *name,
						      size_t n, uint64_t tag);

/* The effect of a setter call that is being recorded. */
void env_state_set(const char *name, size_t n, const struct fingerprint *p);
void env_state_unset(const char *name, size_t n);

/* The effect of a setter call that is folded. Reads no longer compare the
 * variable with the current value; a fork does. */
void env_state_fold(const char *name, size_t n);
void env_state_clear(void);

/* The array "cut": watched variables whose values in envp are beginnings of
 * those in environ (secret_is_cut). */
void env_state_put_cut(struct event_line *, char *const *envp);

/* Lists of a line. env: the watched variables of envp. again: the values of
 * second entries, when there are any. lost: inherited variables missing in
 * envp. now: the current values. */
void env_state_list_env(struct event_line *, const char *key,
			char *const *envp);
void env_state_list_again(struct event_line *, char *const *envp);
void env_state_list_lost(struct event_line *, char *const *envp);
void env_state_list_now(struct event_line *, const char *key);

#endif
