/* What a trace shows for and against each verdict. */
#ifndef DIAGNOSIS_VERDICT_EVIDENCE_H
#define DIAGNOSIS_VERDICT_EVIDENCE_H

#include "diagnosis/evaluation.h"

/* Requests with a credential that no variable of the run held; each may be
 * null. */
struct unheld_credential {
	const struct request *refused, *accepted;
};

/* Of each kind of sign the first reading or image. */
struct verdict_evidence {
	const struct reading *found; /* a reader got a value: of the name that
					is needed most */
	enum need found_need;
	bool is_found_by_tool; /* a compiled program that is not the user's */
	const struct reading *found_needed; /* ... which it needed */
	const struct reading *unclear; /* found, and the way was not seen */
	struct loaded_file taken; /* missed, and taken from a file; or by null
				   */
	const struct reading *taker;
	/* Missed, and a host accepted another credential. */
	const struct reading *accepted_instead;
	const struct reading *missed; /* needed, and not relieved */
	const struct reading *asked;  /* asked for, and nobody had it: the name
					 that is needed most */
	enum need asked_need;
	const struct reading *spoilt;	   /* the value itself is in doubt */
	const struct reading *formless;	   /* ... without its provider's form */
	const struct reading *changed;	   /* more than one value in the run */
	const struct reading *unmet;	   /* wanted by a failed reader */
	const struct reading *setting;	   /* of a found key: lost or empty */
	const struct reading *bad_setting; /* ... or malformed */
	const struct reading
		*failed_reader;	       /* read, and failed; or its child */
	const struct reading *refused; /* a host refused a request with it */
	const struct reading *unread;  /* its requests cannot be read */
	const struct reading *unseen;  /* lost where nothing was seen */
	const struct reading *hidden;  /* failed without the variable, and the
					  reads are not seen */
	const struct reading *maybe_hidden; /* ... or may read a copy */
	const struct reading *lost_unseen;  /* a key, by a program of the user's
					       own whose read may be unseen */
	/* Refused, with an empty credential that a shell put there. */
	const struct request *refused_empty;
	struct unheld_credential unheld;
	const struct image *copied;	/* looked in a copy, unseen */
	const struct image *copy_held;	/* ... of a settings library, which held
					   a key, and ended well */
	const struct image *failed;	/* a failure that was not tolerated */
	const struct image *gap;	/* not observed */
	const struct image *failed_gap; /* ... and failed */
	const struct image *launcher;	/* of unseen programs */
	const struct image *silent;	/* without events */
	const struct image *running;	/* a root without an end */
	const struct image *sender;	/* of requests that cannot be read */
	bool any_reader;
	bool found_key;	 /* found, and more than a setting */
	bool is_ignored; /* something that is not optional, by the user */
	bool lost_events;
	bool folded; /* reads of the variable may be only counted */
};

struct verdict_evidence find_verdict_evidence(const struct evaluation *);

#endif
