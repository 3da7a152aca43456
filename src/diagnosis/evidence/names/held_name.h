/* Names that a reader could have got instead of the one that it missed. */
#ifndef EVIDENCE_HELD_NAME_H
#define EVIDENCE_HELD_NAME_H

#include "model/finding.h"

struct held_name {
	struct named_value held;
	const struct image *holder; /* null: none */
	const struct event *set;    /* by which the holder set it, or passed it
				       to a program; null: nobody in the run
				       was seen to do so */
	const struct image *next;   /* on the way to the reader; or null */
};

/* The first name held by the reader at its miss, or by an ancestor when the
 * ancestor started the way to the reader, for which `fits` is true, and which
 * the reader did not find afterwards, as in a chain of fallbacks. The holder is
 * the program which set the name, or started a program with it, if one did. */
struct held_name find_held_name(const struct reading *,
				bool (*fits)(const struct reading *,
					     const struct named_value *held));

/* Fills the culprit: the program that set the name, else the first process of
 * the run, which held the name already. */
void set_holder_as_culprit(const struct model *, struct finding *,
			   const struct held_name *, const struct reading *);

/* "what app.py:3 sets is NAME", "what main.py:9 passes is NAME", by the line of
 * the holder or of an env file that it loaded, if one is known. */
struct str name_set_in_words(const struct model *, const struct held_name *);

/* " at .env:1", where the right name is to be set; len 0: no line is known. */
struct str place_to_set_in_words(const struct model *,
				 const struct held_name *);

/* True when the image found a value of an alternative of the name. */
bool found_alternative(const struct reading *);

#endif
