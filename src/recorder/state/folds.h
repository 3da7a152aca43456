/* Counts of folded events (process/fold.h): events counted in place of being
 * recorded. */
#ifndef RECORDER_FOLDS_H
#define RECORDER_FOLDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Five last events are promised: the sixth slot may be half written. */
enum { FOLD_LAST = 6, FOLDS = 64, FOLD_KINDS = 8 };

struct fold {
	_Atomic uint64_t tag;	   /* 0: free */
	_Atomic uint64_t n;	   /* events folded */
	_Atomic uintptr_t counter; /* address in the segment; 0: none yet */
	char *slots;
	uint32_t slot_bytes;
	atomic_bool busy[FOLD_LAST]; /* slots being written by a thread */
};

struct folds {
	struct fold one[FOLDS];	      /* of one name, or one call site */
	struct fold kind[FOLD_KINDS]; /* of one kind of event */
};

#endif
