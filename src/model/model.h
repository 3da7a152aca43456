/* The model: which program held which variable at which time, and which program
 * asked for a variable.
 *
 * Built once from the ordered events of a trace, and read-only afterwards. An
 * image is one program in one process, or a thread with its own environment
 * (docs/trace-format.md). exec, fork, spawn and such threads link the images to
 * a tree. The tree also has images without any event, known only by the exec or
 * intended spawn: `observed` is false, and `gap` says why. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/arena.h"
#include "model/gap.h"
#include "trace/event.h"
#include "trace/trace.h"

/* ABSENT: the trace shows no such variable. UNSEEN: the trace does not tell. */
enum presence { UNSEEN, ABSENT, PRESENT };

/* How an image came out of its parent. HOP_ROOT: no parent is known. */
enum hop { HOP_ROOT, HOP_EXEC, HOP_FORK, HOP_SPAWN, HOP_THREAD };

/* A request of HTTP sent by an image, or received as a server. */
struct request {
	const struct image *image;
	const struct event *event;
	const struct event *response; /* the last; null: none was seen */
	struct str code;	      /* of the answer, or len 0 */
	/* The host later accepted a request of the image with a credential; a
	 * request to the same path. */
	bool host_accepts_later, path_accepts_later;
};

struct image {
	struct str id;
	unsigned owner;		 /* of the file: index in trace->owners */
	uint64_t pid, ppid, uid; /* pid 0: started by `system`, not recorded */
	struct str exe, cwd;
	struct str program;   /* the package of its script, or else the name of
				 the executable: `pm2` of pm2/lib/Daemon.js and
				 of node_modules/.bin/pm2 */
	struct str command;   /* the masked arguments, joined by blanks */
	uint64_t born, ended; /* ns; ended 0: not known */
	uint64_t boot;	      /* pids and times count within one boot */
	bool observed;	      /* the trace has its birth */
	bool reads_observed;  /* the language's own reads are in the trace */
	/* Sent requests which the recorder cannot read; or null. */
	const struct event *unseen_requests;
	enum gap gap; /* GAP_NONE when observed */

	struct image *parent; /* or null */
	enum hop hop;
	const struct event *birth; /* null when not observed */
	/* The exec or spawn which made the image, or null. */
	const struct event *handover;
	const struct event *forked; /* the fork which made the image, or null */
	struct image *first_child, *next_sibling;
	uint32_t depth;		 /* number of hops from the root */
	struct image *root;	 /* the image itself, when no parent is known */
	bool observed_from_root; /* every image and hop, from the root to here
				  */
	bool has_unseen_origin;	 /* made by a program which is not known */
	/* This image or an ancestor, when only a stranger tells the way out
	 * of the parent; or null. */
	const struct image *claimed;
	bool is_command;   /* `keytrail run` started this image */
	struct strs above; /* of a command: the programs above the wrapper, the
			      nearest first */
	unsigned source;   /* the TRACE with the first event */
	/* Under --run all, of an image of one run alone: the number of the run.
	 * Else 0. */
	long run;

	const struct event **events; /* of this image, in order of time */
	size_t n_events;
	size_t first_copy; /* in events: of its environment; SIZE_MAX: none */
	struct env_history *env_history; /* null: no change after the birth */
	struct reading *readings;	 /* of this image, linked by `next` */
	struct folded *folded;		 /* linked by `next_here` */
	struct request *requests;	 /* in order of time */
	size_t n_requests;
	/* Of env and secret files, in order of time. */
	const struct event **opens;
	size_t n_opens;
	/* When the language's own environment and libc's differed. */
	const struct event **differs;
	size_t n_differs;

	/* From the image's exit, a parent's wait, or the `ran` event. */
	bool has_status, has_signal;
	int64_t status, signal;
	struct image *waiter; /* which waited for this image, or null */
	bool child_failed;    /* a child failed for which this image waited */
	bool timed_out; /* a child ran out of time for which this image waited
			 */
	const struct event *exit;  /* the ending call, or null */
	const struct event *raise; /* the uncaught error, or null */
	const struct event
		*killed; /* a stop signal in the last 30 s, or null */

	size_t index; /* in model->images */
};

/* How an image came to lack a variable. */
enum loss_kind {
	LOST_NEVER_HELD, /* held by no image, back to the root */
	LOST_UNSET,	 /* `event`: the unset */
	LOST_CLEARED,	 /* `event`: the clear, the swap, or a birth by clone */
	LOST_AT_HANDOVER, /* not passed on. `event`: exec or spawn, or null */
	LOST_BETWEEN_COPIES, /* `image` held it in one of two environments, and
				the other was asked or passed on. `event`: the
				set of one, or the difference */
	LOST_THREAD, /* not in a thread's environment. `event`: the birth */
	LOST_UNSEEN, /* in `image`, which could not be observed */
	LOST_AT_EXTERNAL_LAUNCH, /* `image` had it; no program that `image`
				    started was observed */
};

struct loss {
	enum loss_kind kind;
	struct image *image;	   /* the place of the loss */
	struct image *receiver;	   /* the first image without */
	const struct event *event; /* null when not seen */
	const struct value *value; /* the last value held, or null */

	/* LOST_AT_HANDOVER: the clear or swap that prepared the environment
	 * for the handover, and the image that called it; or null. */
	const struct event *cleared;
	struct image *clearer;
};

/* A late set: `setter` had already started `started`, an ancestor
 * of the reader or the reader itself. All null: no late set. */
struct late_set {
	struct image *setter;
	struct image *started;
	const struct event *set;
};

/* The result of one image's reads of one variable. */
enum outcome {
	READ_MISSED, /* asked, and the variable was not set */
	READ_FOUND,  /* asked, and the variable was set, perhaps malformed */
	READ_NONE,   /* no read was seen in this image */
};

/* Where an image asks for a variable. Equal reads share a call site: the
 * event's count is cumulative. */
struct call_site {
	const struct event *first;
	const struct event *found_later; /* by the same thread, or null */
	uint64_t n;
	struct call_site *next;
};

/* The reads of one variable in one image with one outcome, up to a change of
 * the variable by the image. */
struct reading {
	struct image *image;
	struct str name;
	enum outcome outcome;
	const struct event *event; /* first read of this outcome, or null */
	const struct call_site *call_sites;
	const struct event *later_found; /* a hit after a miss, or null */
	const struct event *later_set;	 /* a set after a miss, or null */
	uint64_t n;			 /* number of reads */
	const struct value *value;	 /* the last value found; null: none */
	const struct event *found_by;	 /* the read of `value`, or null */
	const struct loss *loss;	 /* null: not missing */
	struct late_set late_set;	 /* of LOST_NEVER_HELD */
	struct variable *variable;
	/* READ_NONE: the image looks in a copy, and a file with the name was
	 * not loaded. */
	bool unloaded;
	/* READ_NONE: the image holds the value, failed, and nobody read it but
	 * a build, whose reading is `build` (null: nobody at all). */
	bool unread;
	const struct reading *build;
	/* READ_NONE: the image works with another object in the place of its
	 * language's environment, which lacks the name (KT_DIFFER); or null. */
	const struct event *replaced;
	struct reading *next; /* of the same image */
};

/* An event of the model, to be written to: the trace is the caller's, and the
 * model a view of the trace. */
static inline struct event *model_event_to_write(const struct event *e)
{
	return (struct event *)e;
}

/* True when the variable was found, and was not empty. */
static inline bool model_found_value(const struct reading *r)
{
	return r->outcome == READ_FOUND && !(r->value->is & KT_IS_EMPTY);
}

/* The first reading of the name by the image, whatever the outcome; or null. */
const struct reading *model_reading(const struct image *, struct str name);

/* True when the image was seen to ask for the name. */
bool model_asked_for(const struct image *, struct str name);

/* True for a reading without a value, or with an empty value. */
static inline bool is_nothing(const struct reading *r)
{
	return r->outcome == READ_MISSED || r->replaced ||
	       (r->value && (r->value->is & KT_IS_EMPTY));
}

/* Equal events of one image which the recorder only counted. The first, the
 * last and the events at powers of two are in the trace. */
struct folded {
	const struct image *image;
	const struct event *event; /* KT_FOLD; without a name: of any names */
	struct folded *next, *next_here;
};

struct owner_share { /* of one owner in a variable */
	unsigned owner;
	size_t holders;		     /* number of images */
	const struct reading *first; /* in a tree whose root has this owner */
	struct owner_share *next;
};

/* A value of a variable. */
struct value_use {
	const struct value *value;		       /* as first seen */
	struct str key;				       /* of the fingerprint */
	size_t holders, readers;		       /* numbers of images */
	size_t processes;			       /* with the value */
	uint64_t first_seen;			       /* ns */
	const struct image *last_holder, *last_reader; /* while counting */
};

struct variable {
	struct str name;
	struct value_use *values; /* every value seen, in order of appearance */
	size_t n_values;
	struct strs fingerprints; /* every value seen, in order of appearance */
	size_t holders, readers, missed; /* numbers of images */
	size_t processes;		 /* with the variable */
	struct owner_share *shares;
	const struct image **held_by; /* as many as `holders` */
	size_t n_held_by;
	struct reading **readings;
	size_t n_readings;
};

struct model {
	struct arena *arena;
	const struct trace *trace;
	struct image **images; /* in order of birth; parents before children */
	size_t n_images;
	struct reading *readings;
	size_t n_readings;
	struct variable *variables;
	size_t n_variables;
	struct folded *folded;
	size_t n_requests;		/* of all images */
	const struct event **env_files; /* KT_FILE, in order of time */
	size_t n_env_files;
	struct strs watch; /* the user's own patterns, of trusted events */
};

struct model *model_build(struct arena *, const struct trace *);

struct variable *model_variable(const struct model *, struct str name);

/* The value of `name` in the environment of `image` at time `t`. *ret_value is
 * null unless PRESENT. */
enum presence model_held(const struct image *image, struct str name, uint64_t t,
			 const struct value **ret_value);

/* The value of `name` at the start of `image`: from the birth or, when the
 * birth was not seen, from the handover. *ret_value is null unless PRESENT. */
enum presence model_inherited(const struct image *image, struct str name,
			      const struct value **ret_value);

/* The last event up to `t` which set, removed or replaced `name` in `image`.
 * Null: no change since the birth. */
const struct event *model_last_change(const struct image *image,
				      struct str name, uint64_t t);

/* The event which last removed `name` from `image`. Null when `image` still has
 * the variable at `t`, or never had it. *ret_value: the removed value, or null
 * when the trace does not show the value. */
const struct event *model_last_removal(const struct image *image,
				       struct str name, uint64_t t,
				       const struct value **ret_value);

/* True when `name` was in the environment of `image` for one call only, for the
 * called program. Then `image` itself did not hold the variable. */
bool model_held_for_one_call(const struct image *image, struct str name);

/* True when `image` may have set or removed `name` by an event which was only
 * counted. An empty name in the event stands for any name. */
bool model_changes_folded(const struct image *, struct str name);

/* True when a read of `name` may have been only counted. */
bool model_reads_folded(const struct model *, struct str name);

/* The event after which the trace could not grow; null: the trace is not full.
 * *ret_wall: the time in ms of CLOCK_REALTIME, or 0. */
const struct event *model_full(const struct model *, uint64_t *ret_wall);

/* " of user 33" for an image of a stranger, " in web-3" for an image with a
 * label; else "". */
struct str model_origin(struct arena *, const struct image *);

/* What was started: the image itself, or the one that forked it, or made the
 * thread. */
const struct image *model_program(const struct image *);

/* The first argument other than an option; len 0: none. */
struct str model_first_operand(const struct image *);

/* The path of a script in the image's arguments, which was relative when the
 * program began. */
struct str model_script_path(struct arena *, const struct image *,
			     struct str script);

/* True when facts of one image may tell of the other: not for images of two
 * runs of one trace. */
bool model_is_evidence(const struct image *, const struct image *about);

/* The number of images which held the variable, without images of strangers.
 * The owner of `image` is no stranger here. */
size_t model_holders(const struct variable *, const struct image *image);

/* When the value appeared first in the trace, in ns; 0: not a value of the
 * variable. Before a run, values have no age. */
uint64_t model_first_seen(const struct variable *, struct str fp);

/* The image of the process to which a thread belongs. For any other image: the
 * image itself. */
const struct image *model_process(const struct image *image);

/* True when the image began a process: it came by fork or spawn, or is a root.
 */
bool model_is_first_program(const struct image *image);

/* The first image of the process of any image, also of a thread. */
const struct image *model_first_program(const struct image *image);

/* What the process became by its last exec, or the image itself. */
const struct image *model_last_program(const struct image *image);

/* True when the image began as a copy of its parent's program. */
bool model_is_fork_or_thread(const struct image *image);

/* When the parent forked, spawned or became `image`, in ns. */
uint64_t model_hop_time(const struct image *image);

/* When the program of the image began, in ms of CLOCK_REALTIME; 0: not known.
 */
uint64_t model_wall(const struct image *image);

/* The time of the trace's clock `t`, in ns, as the same clock would tell; 0:
 * not known. */
uint64_t model_wall_at(const struct image *, uint64_t t);

/* A moment of CLOCK_REALTIME, in ms, as ns of the trace's clock; 0: before the
 * image began, or not known. */
uint64_t model_time_of(const struct image *, uint64_t wall);

/* The masked arguments of the process, from the birth or else from the
 * handover. Never null. */
const struct strs *model_arguments(const struct image *image);

/* True for a Go program: Go makes its own system calls, so neither its reads
 * nor the programs started by it are seen. */
bool model_bypasses_libc(const struct image *image);

/* The value of `name` in a list, or null. */
const struct value *find_value(const struct values *list, struct str name);

/* Why an image lacks the variable of a reading that was made after the model.
 */
const struct loss *model_explain_miss(struct arena *, const struct reading *);

/* True for equal values, and where they differ only by blanks or quotes around.
 */
bool value_is(const struct value *, const struct value *);

/* True for a status from 200 to 299. */
bool request_is_accepted(const struct request *);

/* True when the request has a credential for its host. */
bool request_has_credential(const struct request *);

/* The credential of the request with the value, or null. */
const struct sent_credential *request_carries(const struct request *,
					      const struct value *);

/* True when a value is empty, quoted, a placeholder or otherwise malformed.
 * What is malformed for some names alone (an assignment, a header, JSON,
 * `true`) is not. */
bool model_is_malformed(const struct value *);

/* True when a status or a signal tells how the image ended. */
bool model_has_ended(const struct image *image);

/* True when the image ended with a failure. An end on request (Ctrl-C,
 * SIGTERM, timeout) is no failure. */
bool model_failed(const struct image *image);

/* True when the image ended because another process asked for the end. */
bool model_was_stopped(const struct image *image);

#endif
