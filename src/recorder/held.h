/* What this image holds, as we last saw it in environ.
 *
 * Two moments are kept of every watched variable: `now`, as the trace tells it,
 * to notice an environ that changed behind our back (or by one more of many
 * equal setter calls that are not told); and
 * `base`, what stood there at the birth or at the parent's last fork, which an
 * exec or spawn is judged against. Of the other variables only hashes. */
#ifndef RECORDER_HELD_H
#define RECORDER_HELD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "recorder/line.h"
#include "recorder/secret.h"

enum { HELD_WATCHED = 256, HELD_NAME = 128, HELD_FEW = 256, HELD_ALL = 8192 };

struct held_variable {
	char name[HELD_NAME];
	uint32_t length; /* of the name; 0: free */
	bool is_base, is_now;
	bool is_folded; /* it has a value since that is only counted */
	struct print base, now;
};

/* Any variable: hashes of its name and its value. */
struct held_entry {
	uint32_t name, value;
};

struct held {
	char **environ_seen;
	_Atomic uint32_t watched_count; /* places that are, or were, taken */
	_Atomic uint32_t version; /* odd while `all` is being written */
	uint32_t count, mask;	  /* mask 0: too many to keep */
	uint32_t born_with; /* how many stood there at the birth */
	struct held_entry *all; /* few or many */
	struct held_entry few[HELD_FEW];
	struct held_variable watched[HELD_WATCHED];
	struct held_entry many[HELD_ALL];
};

struct difference {
	bool is_known; /* false: too many variables, or just being written */
	uint32_t vars, held, unchanged, dropped, changed, added;
};

/* The print of a value, with the tag that compares it with others here. */
void held_take_print(struct secret, struct print *ret);

/* What stands in envp is what this image holds: base and now. */
void held_begin(char **envp);

/* Does environ hold what we think? If not, tells a swap. */
void held_check(void);

/* The same for one name that was just read; `found` may be NULL. */
void held_check_one(const char *name, size_t n, const struct print *found);

/* As held_check, and what stands there becomes the base: before a fork. */
void held_settle(void);

void held_compare(char *const *envp, struct difference *ret);

/* "vars", and the counts of how envp differs from the base; false when it
 * does not. */
bool held_put_difference(struct line *, char *const *envp);

/* The print of a value that is held, found by its tag: taking it anew costs a
 * microsecond. NULL when another is. */
const struct print *held_print(const char *name, size_t n, uint64_t tag);

/* What a setter call did that is being told. */
void held_set(const char *name, size_t n, const struct print *p);
void held_unset(const char *name, size_t n);

/* A set that is folded: `now` is told no more by who reads it, only before a
 * fork. */
void held_fold(const char *name, size_t n);
void held_clear(void);

/* Lists: what stands in envp; what of the base does not; what is held now. */
void held_list_env(struct line *, const char *key, char *const *envp);
void held_list_lost(struct line *, char *const *envp);
void held_list_now(struct line *, const char *key);

/* Does the value of a watched variable that is held stand in this text? */
bool held_value_is_in(const char *text, size_t n);

/* How many variables envp has, ours aside. */
uint32_t held_count(char *const *envp);

#endif
