/* The model: who held what, when, and who asked for it.
 *
 * Built once from the ordered events of a trace; read-only afterwards. An
 * image is one program in one process (see docs/trace-format.md); images form
 * a tree over exec, fork and spawn. An image that nobody saw being born, but
 * that some exec or spawn was about to make, is in the tree too, with
 * `observed` false and the reason. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/arena.h"
#include "trace/event.h"
#include "trace/trace.h"

/* Absent and unseen are different answers. */
enum presence { UNSEEN, ABSENT, PRESENT };

enum hop { HOP_ROOT, HOP_EXEC, HOP_FORK, HOP_SPAWN };

struct image {
	struct str id;
	uint64_t pid, ppid, uid;
	struct str exe, command, cwd; /* command: the masked arguments, joined */
	uint64_t born, ended;	      /* ns; ended 0: not known */
	bool observed;
	const char *gap; /* contract's reason word, when not observed */

	struct image *parent; /* the image this one came out of, or null */
	enum hop hop;
	const struct event *birth;    /* null when not observed */
	const struct event *handover; /* the exec or spawn that made it, or null */
	struct image *first_child, *next_sibling;

	const struct event **events; /* its own, in order of time */
	size_t n_events;

	bool has_status, has_signal; /* from its exit, a parent's wait, or `ran` */
	int64_t status, signal;
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
	const struct event *event;	 /* first read of this outcome, or null */
	const struct event *later_found; /* a hit after a miss, or null */
	const struct event *later_set;	 /* a set after a miss, or null */
	uint64_t n;			 /* how often */
};

struct variable {
	struct str name;
	struct strs fingerprints; /* every value seen, in order of appearance */
	size_t holders, readers, missed;
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
	struct strs watch; /* the user's own patterns, of `run` and births */
};

struct model *model_build(struct arena *, const struct trace *);

/* What `image` held of `name` at time `t`: at its birth, as later sets,
 * unsets, clears and swaps changed it. *ret_value is null unless PRESENT. */
enum presence model_held(const struct image *image, struct str name, uint64_t t,
			 const struct value **ret_value);

#endif
