/* For functions that qsort calls. */
#ifndef BASE_COMPARE_H
#define BASE_COMPARE_H

/* Returns from the function where `a` and `b` differ. */
#define COMPARE(a, b)                                                          \
	do {                                                                   \
		if ((a) != (b))                                                \
			return (a) < (b) ? -1 : 1;                             \
	} while (0)

/* -1, 0 or 1. */
#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

#endif
