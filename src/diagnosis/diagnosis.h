/* The diagnosis: judges the causes found by the rules.
 *
 *	evaluation.c	   asks every rule about every reading
 *	who_asks.c	   did the program ask, or a library?
 *	need.c		   did the user name the variable? was the read extra?
 *	end.c		   what became of the reader
 *	end_by_error.c	   did its error come of the missing name?
 *	error_class.c	   what does the class of an error speak of?
 *	tolerated_failure.c	   did its launcher go on without it?
 *	handled_failure.c	   did its shell load the name then?
 *	later_find.c	   did what asked too early find the name later?
 *	relief.c	   why a missing variable did no harm
 *	own_loader.c	   does a function of the program load a file?
 *	severity.c	   the severity, from these answers
 *	launch_out_of_sight.c  readings on behalf of programs out of sight
 *	group.c, order.c   equal candidates become one finding; the worst first
 *	value_path.c	   the path of a value, hop by hop
 *	coverage.c	   the unobserved images
 *	verdict.c	   the verdict on the whole trace
 *	doubts.c	   why it can be neither healthy nor exonerated
 *	headline.c	   the sentence for a hurried reader
 *
 * Evidence used by several rules lies in evidence/. */
#ifndef DIAGNOSIS_DIAGNOSIS_H
#define DIAGNOSIS_DIAGNOSIS_H

#include "model/finding.h"

struct question {
	struct strs variables; /* of --variable: these names alone are judged,
				  and count as needed; n 0: all */
	struct strs ignored;   /* NAME or NAME@SITE: findings to leave out */
	long run;	       /* from 1; RUN_NEWEST, RUN_ALL */
	uint64_t pid; /* of the command whose run is judged; 0: `run` counts */
};

/* The report on a trace. Null when there is no such run: *ret_runs says how
 * many there are. */
struct report *diagnose(struct arena *, const struct trace *,
			const struct question *, long *ret_runs);

#endif
