/* Malformed values, by the recorded shapes (KT_IS_...). */
#ifndef EVIDENCE_VALUE_SHAPE_H
#define EVIDENCE_VALUE_SHAPE_H

#include "diagnosis/evidence/origin.h"
#include "model/finding.h"

/* The culprit brought the value in; the place is the line of a script that set
 * the variable, where that is certain. */
void set_culprit_of_value(struct finding *, const struct origin *,
			  struct str name);

/* The whole of a rule's `explains`. True when the reading's value has one of
 * `shapes` and none of `except`; then *ret names the program which brought the
 * value in. */
bool explain_by_shape(const struct reading *, uint32_t shapes, uint32_t except,
		      struct finding *ret);

/* Sets the summary: the place that set the value, else the reader, and the
 * predicate `flaw` of the value, "ends in a line feed". */
void say_value(const struct model *, const struct reading *, struct finding *,
	       struct str flaw);

/* The fix, and the line of the env file that brought the value, if one did. */
struct str fix_value(const struct model *, const struct reading *,
		     struct str fix);

/* The line of a program that set the value or passed it, where no env file with
 * the value is known; len 0: no such line. */
struct str line_of_code_for_value(const struct model *, const struct reading *,
				  const struct finding *);

/* The file of the value, for a command line: of the culprit's place where that
 * is an env file or the file of an envdir. Else "FILE". */
struct str file_of_value(struct arena *, const struct reading *,
			 const struct finding *);

/* The whole of a rule's `describe`. */
void describe_shape(const struct model *, const struct reading *,
		    struct finding *, const char *flaw, const char *fix);

#endif
