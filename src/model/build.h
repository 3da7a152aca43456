/* How a model comes to be, step by step; model.c calls the steps in this
 * order. Each leaves the model richer and none undoes another's work. */
#ifndef MODEL_BUILD_H
#define MODEL_BUILD_H

#include "model/model.h"
#include "base/hashmap.h"

struct build {
	struct arena *arena;
	const struct trace *trace;
	struct model *model;
	size_t room;		    /* of model->images */
	struct image **event_image; /* of every event, by its index; or null */
	struct image **by_pid;	    /* images by boot, pid and birth */
	size_t n_by_pid;
	struct hashmap *crossings; /* users.c: images by boot and pid */
};

/* Strangers have pids of their own: what they say of one joins nothing that
 * another user said of it. */
struct process_id {
	uint64_t boot, pid;
	unsigned owner;
};

/* The owner, as a part of a table's key. */
static inline struct str build_tag(const struct build *b, unsigned owner)
{
	return owner ? b->trace->owners[owner].tag : STR("");
}

/* images.c: the images that speak, what they said, whom they were forked from.
 */
void build_images(struct build *);
struct image *add_image(struct build *, struct str id, uint64_t t);
struct str join_arguments(struct arena *, const struct strs *args);

/* folds.c: what is told by its number alone. */
void build_folds(struct build *);

/* handovers.c: which exec or spawn made which image, and which made one that
 * was never seen. */
void build_handovers(struct build *);

/* parent_links.c: pids, for what no event tells exactly: remaining parents,
 * ends. */
void build_parent_links(struct build *);

/* The image that had a pid just before `t`, or null. */
struct image *find_image_by_pid(const struct build *, struct process_id,
				uint64_t t);

/* users.c: images of strangers that those who are believed have made. */
uint64_t build_user_made(const struct event *handover, const struct image *by);
void build_cross(struct build *, struct image *stranger);
bool build_claims(struct build *); /* true: ends are to be told again */
struct image *build_ended(const struct build *, struct process_id, uint64_t t);

/* exit_status.c: how images ended, and who learnt of it. */
void build_exit_statuses(struct build *);
void build_failures(struct build *);

/* env_history.c: what images held over time. */
void build_env_histories(struct build *);

/* readings.c: who asked for what. */
void build_readings(struct build *);

/* loss.c: where the missing went missing. */
void build_losses(struct build *);

#endif
