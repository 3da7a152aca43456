/* A finding: a cause with the effects. Rules and the diagnosis make findings,
 * formats print them. The words of each enum stand in reports. */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include "model/model.h"
#include "model/runs.h"

enum severity { NOTE, WARNING, FAULT };
enum confidence { POSSIBLE, LIKELY, CERTAIN };
enum verdict { INCONCLUSIVE, HEALTHY, EXONERATED, WARNED, FAULTY };
enum state { STATE_UNSEEN, STATE_ABSENT, STATE_PRESENT, STATE_CHANGED };

/* Kinds of loss: the rows of the table of severities. */
enum loss_class {
	LOSS_SEEN,	   /* lost on the way, and the reader is seen */
	LOSS_OUT_OF_SIGHT, /* ... or the reader, or its reads, are not seen */
	LOSS_ELSEWHERE,	   /* held by another program, file or name */
	LOSS_NOWHERE,	   /* held by nobody, ever */
	LOSS_MALFORMED,	   /* a value was read which cannot work */
	LOSS_FOREIGN,	   /* another provider's value was read */
	LOSS_OTHER_VALUE,  /* an older value, or another than it should be */
	LOSS_OVERWRITTEN,  /* a value which replaced another on the way */
	LOSS_REQUEST,	   /* a request was sent without the key, or astray */
	LOSS_NONE,	   /* accuses no program */
};

struct step { /* a hop of a value's path */
	const struct image *image;
	enum state state;
	struct str fp; /* fingerprint, when present or changed */
	bool is_empty; /* the value, when present or changed */
};

struct finding {
	const char *code, *id;
	struct str variable; /* the name asked for */
	enum severity severity;
	enum loss_class loss;
	enum confidence confidence;
	struct str summary;		  /* place, act, effect: a sentence */
	struct str detail;		  /* one more fact; len 0: none */
	const struct image *victim;	  /* null: the report names no victim */
	struct str victim_site;		  /* len 0: not known */
	const struct event *victim_event; /* the victim's read, or null */
	const struct image *culprit;
	struct str operation, culprit_site;
	/* `culprit_site` is a line in Go that was found in the program's
	 * source: the launch itself was not observed. */
	bool is_line_of_go;
	/* `culprit_site` begins in a directory that is not known: a shell's. */
	bool culprit_may_have_moved;
	const struct event *culprit_event; /* or null */
	struct step *path;		   /* the root first */
	size_t n_path;
	struct str fix;
	uint64_t count; /* number of equal victims */
	/* The number of images of the victim's program that asked for the
	 * variable; 0: not counted. */
	uint64_t readers;
	bool commands_differ; /* of the equal victims */

	/* Names missed by the same reader for this cause. The first
	 * n_asked_here of them were asked for in the same files, and, like the
	 * variable, never set or set in another branch of the run. */
	struct strs others;
	size_t n_asked_here;
	const char *end; /* the end of the victim; null: no victim */
	/* The value was meant for the reader: what had the reader started held
	 * the name, or the name has a character that cannot be seen. */
	bool is_meant;
	bool is_meant_for_client; /* the same, if a client of the name asked */
	bool has_own_fix;	  /* no tool has words for this cause */
	/* The reader looked in vain for a file, and another has the name. */
	bool was_looked_for;
	/* A note, or no finding at all, unless the user gave the name. */
	bool is_note_unless_given, is_none_unless_given;
	/* The line, in words, that asked a daemon to start the victim: of
	 * `tmux new-window`, of `at`. len 0: not known. */
	struct str asked_at;
	/* Of an older value: when the newer one was there, in ns; or 0. */
	uint64_t newer_since;
	/* In place of the rule's rank, where the evidence is stronger; or 0. */
	int rank;
	/* Of KT705: the name whose value was passed over. Need is that of this
	 * name. */
	struct str outranked;
	struct str victim_via; /* the library's own place, or len 0 */
	struct strs callers;   /* further places of the user's code */
	/* The request that tells what became of the value, or null. */
	const struct request *request;
	bool is_accepted;   /* a host took the value, and none refused */
	bool is_incidental; /* asked by a library which does without the name */
	struct str request_site; /* the user's own place, or len 0 */
};

struct coverage_gap {
	const struct image *image;
	enum gap gap;
};

/* What a user wants to see of a report for people. */
struct view {
	bool verbose;	      /* every note, name and caller */
	bool tree;	      /* of all processes, too */
	struct str directory; /* to which formats for programs make paths
				 relative; len 0: none */
	bool source; /* lines of the program's source, where they may be shown
		      */
};

struct report {
	struct view view;
	enum verdict verdict;
	struct str headline; /* the first line for people: place, act, effect */
	struct str reason;   /* of INCONCLUSIVE: the unseen part */
	const char *reason_code;  /* the same as a word; else null */
	struct finding *findings; /* the most probable root cause first */
	size_t n_findings;
	const struct model *model;
	struct run_choice run;
	size_t n_ignored; /* findings taken out by the user */
	size_t images, observed;
	/* An observed process has no unobserved image. */
	size_t processes, observed_processes;
	struct coverage_gap *gaps;
	size_t n_gaps;
	uint64_t lost_events, broken_lines;
	const struct event *full; /* the trace may grow no more; or null */
	uint64_t full_wall;	  /* when, ms of CLOCK_REALTIME; 0: not known */
};

#endif
