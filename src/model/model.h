/* The model: who held what, when, and who asked for it.
 *
 * Built once from the ordered events of a trace; read-only afterwards. An
 * image is one program in one process, or a thread of it with an environment of
 * its own (see docs/trace-format.md); images form a tree over exec, fork, spawn
 * and such threads. An image that nobody saw being born, but
 * that some exec or spawn was about to make, is in the tree too, with
 * `observed` false and the reason. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/arena.h"
#include "trace/event.h"
#include "trace/trace.h"

/* Absent and unseen are different answers. */
enum presence { UNSEEN, ABSENT, PRESENT };

enum hop { HOP_ROOT, HOP_EXEC, HOP_FORK, HOP_SPAWN, HOP_THREAD };

struct image {
	struct str id;
	unsigned owner;		 /* whose word it is: trace->owners */
	uint64_t pid, ppid, uid; /* pid 0: `system` did not tell it */
	struct str exe, command,
		cwd;	      /* command: the masked arguments, joined */
	uint64_t born, ended; /* ns; ended 0: not known */
	uint64_t boot;	      /* pids and times count within one boot */
	bool observed;
	bool reads_observed; /* its language's own reads are in the trace */
	bool is_go; /* makes its own system calls: reads and starts unseen */
	const char *gap; /* contract's reason word, when not observed */

	struct image *parent; /* the image this one came out of, or null */
	enum hop hop;
	const struct event *birth; /* null when not observed */
	const struct event
		*handover; /* the exec or spawn that made it, or null */
	const struct event *forked; /* the fork that made it, or null */
	struct image *first_child, *next_sibling;
	struct image *root;	 /* itself, when it has no parent */
	uint32_t depth;		 /* hops from there */
	bool observed_from_root; /* every image and every hop from there to here
				  */
	bool is_command; /* `keytrail run` started it: nothing came before */
	bool has_unseen_origin; /* something made it, that nobody vouches for */
	const struct image *claimed; /* it, or one above it, of which only its
				      * own user says what it came out of */

	const struct event **events; /* its own, in order of time */
	size_t n_events;
	struct env_history
		*env_history;	  /* null: nothing changed after its birth */
	struct reading *readings; /* its own, linked by `next` */
	struct folded *folded;	  /* linked by `next_here` */

	bool has_status,
		has_signal; /* from its exit, a parent's wait, or `ran` */
	int64_t status, signal;
	struct image *waiter; /* who waited for it, or null */
	bool child_failed;    /* one that it waited for did */
	bool timed_out;	      /* one that it waited for ran out of time */

	size_t index; /* in model->images */
};

/* How an image came to be without a variable. */
enum loss_kind {
	LOST_NEVER_HELD, /* nobody held it, back to the root */
	LOST_UNSET,	 /* `event`: the unset */
	LOST_CLEARED,	 /* `event`: the clear, the swap, or a birth by clone */
	LOST_AT_HANDOVER, /* not passed on. `event`: the exec or spawn, or null
			   */
	LOST_THREAD,	  /* not put into a thread's own. `event`: its birth */
	LOST_UNSEEN,	  /* in `image`, which could not be observed */
	LOST_AT_EXTERNAL_LAUNCH, /* `image` had it; what it started was not seen
				  */
};

struct loss {
	enum loss_kind kind;
	struct image *image;	   /* who lost it */
	struct image *receiver;	   /* the first image that lacks it */
	const struct event *event; /* null when not seen */
	const struct value *value; /* what was held last, or null */

	/* LOST_HANDED: the clear or swap by which it was made ready, and the
	 * image that did that; or null */
	const struct event *cleared;
	struct image *clearer;
};

/* Nobody held it yet: a set that came too late, or all null. */
struct late_set {
	struct image *setter;
	struct image *started; /* by setter, before; the way to the reader */
	const struct event *set;
};

/* What one image's look at one variable came to. */
enum outcome {
	READ_MISSED, /* asked, was not there */
	READ_FOUND,  /* asked, was there (perhaps malformed) */
	READ_NONE,   /* nobody was seen to ask in this image */
};

struct reading {
	struct image *image;
	struct str name;
	enum outcome outcome;
	const struct event *event; /* first read of this outcome, or null */
	const struct event *later_found; /* a hit after a miss, or null */
	const struct event *later_set;	 /* a set after a miss, or null */
	uint64_t n;			 /* how often */
	const struct value *value;	 /* the last one found; null: missing */
	const struct event *found_by;	 /* the read that found it, or null */
	const struct loss *loss;  /* why it is missing; null: it is not */
	struct late_set late_set; /* of LOST_NEVER_HELD */
	struct variable *variable;
	struct reading *next; /* of the same image */
};

/* Alike events of one image that are counted, and of which only some are told:
 * the first, the last, and those at powers of two. */
struct folded {
	const struct image *image;
	const struct event *event; /* KT_FOLD; without a name: of any names */
	struct folded *next, *next_here;
};

struct owner_share { /* of one owner in a variable */
	unsigned owner;
	size_t holders;
	const struct reading *first; /* in a tree with a root of that owner */
	struct owner_share *next;
};

struct variable {
	struct str name;
	struct strs fingerprints; /* every value seen, in order of appearance */
	size_t holders, readers, missed;
	struct owner_share *shares;
	struct reading **readings;
	size_t n_readings;
};

struct model {
	struct arena *arena;
	const struct trace *trace;
	struct image **images; /* in order of birth */
	size_t n_images;
	struct reading *readings;
	size_t n_readings;
	struct variable *variables;
	size_t n_variables;
	struct folded *folded;
	struct strs watch; /* the user's own patterns, as believed ones say */
};

struct model *model_build(struct arena *, const struct trace *);

/* What `image` held of `name` at time `t`: at its birth, as later sets,
 * unsets, clears and swaps changed it. *ret_value is null unless PRESENT. */
enum presence model_held(const struct image *image, struct str name, uint64_t t,
			 const struct value **ret_value);

/* The last event up to `t` that gave, took or replaced `name` in `image`, or
 * null: then it is as it was at birth. */
const struct event *model_last_change(const struct image *image,
				      struct str name, uint64_t t);

/* The event that last took `name` away from `image`, which had it and lacks
 * it at `t`; null when it never had it. *ret_value: what it was, or null. */
const struct event *model_last_removal(const struct image *image,
				       struct str name, uint64_t t,
				       const struct value **ret_value);

/* What `image` was given of `name`, by its own birth or, where nobody saw
 * that, by the handover that made it. */
enum presence model_inherited(const struct image *image, struct str name,
			      const struct value **ret_value);

/* Did `name` stand in its environment for one call only, put there for what was
 * called? Then it did not hold it. */
bool model_held_for_one_call(const struct image *image, struct str name);

/* May `image` have set or taken away `name` without a word of its own? */
bool model_changes_folded(const struct image *, struct str name);

/* May anybody have asked for `name`, or found another value, likewise? */
bool model_reads_folded(const struct model *, struct str name);

/* Since when the trace may grow no more; null: it may. *ret_wall: the moment,
 * in ms of CLOCK_REALTIME, or 0. */
const struct event *model_full(const struct model *, uint64_t *ret_wall);

/* " of user 33" where only that user vouches for the image, else "". */
struct str model_user(struct arena *, const struct image *);

/* The image that a thread is part of; of all others, itself. */
const struct image *model_process(const struct image *image);

/* Did it begin as a part of the program that its parent is? */
bool model_is_fork_or_thread(const struct image *image);

/* When the hop to `image` was made: its parent is asked what it held then. */
uint64_t model_hop_time(const struct image *image);

/* How many held it, as far as what is said of `image` may rest on it: a
 * stranger says nothing of others. */
size_t model_holders(const struct variable *, const struct image *image);

/* The value of `name` in a list, or null. */
const struct value *find_value(const struct values *list, struct str name);

/* Is there something wrong with how it looks? */
bool model_is_malformed(const struct value *);

/* Did it end in failure? Being asked to stop (Ctrl-C, SIGTERM, timeout) is
 * none.
 */
bool model_failed(const struct image *image);

/* Was it asked to stop, and did? */
bool model_was_stopped(const struct image *image);

#endif
