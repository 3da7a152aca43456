/* Runtimes: which program runs another program's code, whether its reads of
 * the environment can be seen, and how one mends things in its language.
 *
 * To add one, or a remedy: a row in runtimes.def. */
#ifndef RUNTIMES_RUNTIME_H
#define RUNTIMES_RUNTIME_H

#include "model/model.h"

struct runtime {
	const char *name; /* as in a sentence: "Python" */
	bool hides_reads; /* it copies the environment, and reads the copy */
	bool runs_parents_exec; /* it merely carries out its parent's exec */
};

/* Never null: what no row names is a program of its own. */
const struct runtime *runtime_of(const struct image *);

/* Its command line, as it or whoever started it told it; never null. */
const struct strs *image_arguments(const struct image *);

/* The same as runtime_of, of a program that does not run yet. */
const struct runtime *runtime_of_program(struct str exe);

/* The script that a shell runs, as it was given to it; len 0: no shell, or one
 * that reads its commands elsewhere, or that is not certain. A command of it
 * may stand in a file that it sources. */
struct str runtime_script(const struct image *);

/* May this image have read a variable without a word in the trace? Not when
 * its language's own reads were heard. */
bool runtime_hides_reads(const struct image *);

/* The same, where a program may have copied all of its environment: then what
 * it reads of the copy is not heard either. */
bool runtime_may_hide_reads(const struct image *);

/* May its threads have environments of their own that the trace does not show?
 */
bool runtime_hides_threads(const struct image *);

/* Where a program takes what it starts. */
enum leads {
	LEADS_NOWHERE,
	LEADS_TO_USER,	/* to other rights, which have an environment of theirs
			 */
	LEADS_TO_PLACE, /* to another machine, container or service manager */
};
enum leads runtime_leads(const struct image *);

enum remedy {
	REMEDY_REPLACED, /* passed a new environment */
	REMEDY_FILTERED, /* passed a part of it */
	REMEDY_DROPPED,	 /* passed all but one */
	REMEDY_THREAD,	 /* made a thread without it */
	REMEDY_UNSET,
	REMEDY_CLEARED,
	REMEDY_OVERWRITTEN,
	REMEDY_EARLY,  /* read before it was set */
	REMEDY_LATE,   /* set after what needs it was started */
	REMEDY_BEYOND, /* not taken along to where it leads */
	REMEDY_COUNT,
};

/* What to change in `culprit` so that `variable` arrives. */
struct str runtime_remedy(struct arena *, const struct image *culprit,
			  enum remedy, struct str variable);

#endif
