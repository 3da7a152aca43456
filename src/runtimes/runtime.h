/* Runtimes: programs which run or start other programs, and their use of the
 * environment: whether reads can be seen, what started programs are given, and
 * how to fix a loss in the language.
 *
 * To add a runtime or remedy: a row in runtimes.def. */
#ifndef RUNTIMES_RUNTIME_H
#define RUNTIMES_RUNTIME_H

#include "model/model.h"

enum runtime_id {
#define RUNTIME(id, name, reads, programs) RUNTIME_##id,
#include "runtimes/runtimes.def"
	RUNTIME_COUNT
};

/* How much the recorder sees inside a runtime. */
enum depth { DEPTH_UNKNOWN, DEPTH_FULL, DEPTH_PART, DEPTH_NONE };

struct runtime {
	enum runtime_id id;
	const char *name; /* as in a sentence: "Python" */
	bool hides_reads; /* copies the environment, and reads the copy */
	bool has_adapter; /* ... but the recorder sees reads of the copy */
	bool runs_tasks;  /* make, npm: each task is a command of its own */
	bool has_own_tls; /* what is sent through TLS is not seen */
	bool runs_parents_exec; /* only carries out an exec for its parent */
	enum depth depth;
	const char *depth_text;	 /* the visible part, or null */
	const char *starts_text; /* how to record what it starts, or null */
};

/* The runtime of a running image. Never null: a program without a row has the
 * row OTHER. */
const struct runtime *runtime_of(const struct image *);

/* The same for the executable of a program before its start. */
const struct runtime *runtime_of_program(struct str exe);

/* True for a program that runs code in a language of its own. */
bool runtime_interprets(const struct image *);

/* The path of a shell's script, as in the arguments. len 0: the image is no
 * shell, reads commands elsewhere, or the script is not certain. A command of
 * the script may stand in a file sourced by the script. */
struct str runtime_script(const struct image *);

/* The place in the arguments where those of the shell's script begin; 0: the
 * image runs no script. */
size_t runtime_script_arguments(const struct image *);

/* What the process runs, without arguments: "once" of `./once 7`, "node
 * worker.js" of `node /srv/worker.js 7`. len 0: not certain. */
struct str runtime_program_words(struct arena *, const struct image *);

/* The name of a script that an interpreter runs and the user did not write:
 * "uvicorn". len 0: another program. */
struct str runtime_packaged_program(const struct image *);

/* True for a relative path that a shell, or what the shell started, has told:
 * the shell may have gone to another directory before. */
bool runtime_may_have_moved(const struct image *, struct str path);

/* The masked text which a shell was given by -c. len 0: none. */
struct str runtime_shell_text(const struct image *);

/* True when the image may have read a variable without an event in the trace.
 */
bool runtime_hides_reads(const struct image *);

/* True when a program of this runtime may have copied the environment unseen,
 * and may read the copy. */
bool runtime_may_hide_copies(const struct image *);

/* True when threads of the image may have environments of their own, unseen by
 * the recorder. */
bool runtime_hides_threads(const struct image *);

/* Where the programs started by a runtime run. */
enum leads {
	LEADS_NOWHERE,	/* here, as its children */
	LEADS_TO_USER,	/* here, with other rights and their environment */
	LEADS_TO_PLACE, /* on another machine, in a container, or under a
			   service manager */
};
enum leads runtime_leads(const struct image *);

/* True when the arguments say that started programs get a new environment, as
 * far as the row of the runtime lists options. */
bool runtime_starts_new_environment(const struct image *);

/* True when the exit status reports a failure of the runtime itself, not of the
 * started program. */
bool runtime_failed_itself(const struct image *);

/* True when the runtime ends with the status of the started program. */
bool runtime_waits(const struct image *);

enum remedy {
	REMEDY_REPLACED, /* passed a new environment */
	REMEDY_FILTERED, /* passed a part of the environment */
	REMEDY_DROPPED,	 /* passed all variables but one */
	REMEDY_THREAD,	 /* made a thread without the variable */
	REMEDY_UNSET,
	REMEDY_CLEARED,
	REMEDY_OVERWRITTEN, /* replaced an older value, which is right */
	REMEDY_LOADED_OVER, /* the same, from a file */
	REMEDY_EARLY,	    /* read before the set */
	REMEDY_COPIED,	    /* set in one of two environments */
	REMEDY_LATE,	    /* set after the start of the program in need */
	REMEDY_STALE,	    /* kept an older value */
	REMEDY_SOME,	    /* given to some of several equal programs */
	REMEDY_PARSED,	    /* read in a file, and not set */
	REMEDY_SHADOWED,    /* in a file, and the older value was kept */
	REMEDY_WRONG_PLACE, /* looked for a file that lies elsewhere */
	REMEDY_NOT_LOADED,  /* in a file that nobody opened */
	REMEDY_NEVER_SET,   /* by nobody: `culprit` is the first program */
	REMEDY_BEYOND,	    /* not passed to another user or place */
	REMEDY_UNSENT,	    /* held, and not put on a request */
	REMEDY_REPEATED,    /* passed two entries */
	REMEDY_COUNT,
};

/* `text` with the variable's name in place of each `@`. */
struct str with_name(struct arena *, const char *text, struct str variable);

/* What to change in `culprit` so that `variable` arrives. */
struct str runtime_remedy(struct arena *, const struct image *culprit,
			  enum remedy, struct str variable);

/* The same for a program of which the runtime is known otherwise. */
struct str runtime_remedy_in(struct arena *, enum runtime_id, enum remedy,
			     struct str variable);

#endif
