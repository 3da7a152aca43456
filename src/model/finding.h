/* A finding: one cause and its effects. Rules and the diagnosis make findings,
 * formats print them. The words of each enum stand in reports. */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include "model/model.h"

enum severity { NOTE, WARNING, FAULT };
enum confidence { POSSIBLE, LIKELY, CERTAIN };
enum verdict { INCONCLUSIVE, HEALTHY, FAULTY };
enum state { STATE_UNSEEN, STATE_ABSENT, STATE_PRESENT, STATE_CHANGED };

struct step { /* one hop of a value's path */
	const struct image *image;
	enum state state;
	struct str fp; /* fingerprint, when present or changed */
};

struct finding {
	const char *code, *id;
	struct str variable; /* the name asked for */
	enum severity severity;
	enum confidence confidence;
	struct str summary;
	const struct image *victim;	  /* null: the report names no victim */
	struct str victim_site;		  /* len 0: not known */
	const struct event *victim_event; /* the victim's read, or null */
	const struct image *culprit;
	struct str operation, culprit_site;
	const struct event *culprit_event; /* or null */
	struct step *path;		   /* the root first */
	size_t n_path;
	struct str fix;
	uint64_t count; /* number of equal victims */

	/* From a rule to src/diagnosis/severity.c: */
	bool held_upstream; /* held by an ancestor, or by the reader itself */
	bool held_nearby;   /* held by another process of the run: the loss is
			       more than a guess */
	enum severity severity_if_no_failure; /* when the reader did not fail */
};

struct coverage_gap {
	const struct image *image;
	enum gap gap;
};

struct report {
	enum verdict verdict;
	struct str reason;	  /* of INCONCLUSIVE: the unseen part */
	struct finding *findings; /* the most probable root cause first */
	size_t n_findings;
	const struct model *model;
	size_t images, observed;
	struct coverage_gap *gaps;
	size_t n_gaps;
	uint64_t lost_events, broken_lines;
	const struct event *full; /* the trace may grow no more; or null */
	uint64_t full_wall;	  /* when, ms of CLOCK_REALTIME; 0: not known */
};

#endif
