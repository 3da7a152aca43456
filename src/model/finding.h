/* A finding: one cause, told once. Rules make them, formats tell them. The
 * words of each enum are the contract's. */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include "model/model.h"

enum severity { NOTE, WARNING, FAULT };
enum confidence { POSSIBLE, LIKELY, CERTAIN };
enum verdict { INCONCLUSIVE, HEALTHY, FAULTY };
enum state { STATE_UNSEEN, STATE_ABSENT, STATE_PRESENT, STATE_CHANGED };

struct step { /* one hop of the path of a value, root first */
	const struct image *image;
	enum state state;
	struct str fp; /* when present or changed */
};

struct finding {
	const char *code, *id;
	struct str variable; /* the name that the reader asked for */
	enum severity severity;
	enum confidence confidence;
	struct str summary;
	const struct image *victim;	  /* null: the key is left out */
	struct str victim_site;		  /* len 0: not known */
	const struct event *victim_event; /* the victim's read, or null */
	const struct image *culprit;
	struct str operation, culprit_site;
	const struct event *culprit_event; /* what the culprit did, or null */
	struct step *path;
	size_t n_path;
	struct str fix;
	uint64_t count; /* equal victims that this finding stands for */

	/* From a rule to the judge: */
	bool held_upstream; /* it stood where it should have come from */
	bool held_nearby;   /* ... or beside it: more than a guess */
	enum severity severity_if_no_failure; /* where no failure is known */
};

struct gap {
	const struct image *image;
	const char *reason;
};

struct report {
	enum verdict verdict;
	struct str reason;	  /* inconclusive: what was not seen */
	struct finding *findings; /* the most probable root cause first */
	size_t n_findings;
	const struct model *model; /* its variables are reported too */
	size_t images, observed;
	struct gap *gaps;
	size_t n_gaps;
	uint64_t lost_events, broken_lines;
	const struct event *full; /* the trace may grow no more; or null */
	uint64_t full_wall;	  /* when, ms of CLOCK_REALTIME; 0: not known */
};

#endif
