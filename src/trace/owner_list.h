/* Lists with an entry for each owner of a trace: every entry has the members
 * `owner` and `next`. */
#ifndef TRACE_OWNER_LIST_H
#define TRACE_OWNER_LIST_H

#include "base/arena.h"

/* The entry of `list` for this owner. A new entry of zeroes is put in front. */
#define OWNED(arena, list, who)                                                \
	__extension__({                                                        \
		__typeof__(list) entry = (list);                               \
                                                                               \
		while (entry && entry->owner != (who))                         \
			entry = entry->next;                                   \
		if (!entry) {                                                  \
			entry = TAKE(arena, __typeof__(*entry), 1);            \
			entry->owner = (who);                                  \
			entry->next = (list);                                  \
			(list) = entry;                                        \
		}                                                              \
		entry;                                                         \
	})

#endif
