/* How a model comes to be, step by step; model.c calls the steps in this
 * order. Each leaves the model richer and none undoes another's work. */
#ifndef MODEL_BUILD_H
#define MODEL_BUILD_H

#include "model/model.h"
#include "model/table.h"

struct build {
	struct arena *arena;
	const struct trace *trace;
	struct model *model;
	size_t room;		/* of model->images */
	struct image **speaker; /* of every event, by its index; or null */
	struct image **by_pid;	/* images by boot, pid and birth */
	size_t n_by_pid;
};

/* images.c: the images that speak, what they said, whom they were forked from.
 */
void build_images(struct build *);
struct image *build_image(struct build *, struct str id, uint64_t t);
struct str build_command(struct arena *, const struct strs *args);

/* folds.c: what is told by its number alone. */
void build_folds(struct build *);

/* handovers.c: which exec or spawn made which image, and which made one that
 * was never seen. */
void build_handovers(struct build *);

/* kin.c: pids, for what no event tells exactly: remaining parents, ends. */
void build_kin(struct build *);

/* The image that had `pid` just before `t`, or null. */
struct image *build_occupant(const struct build *, uint64_t boot, uint64_t pid,
			     uint64_t t);

/* ends.c: how images ended, and who learnt of it. */
void build_ends(struct build *);
void build_failures(struct build *);

/* holdings.c: what images held over time. */
void build_holdings(struct build *);

/* readings.c: who asked for what. */
void build_readings(struct build *);

/* loss.c: where the missing went missing. */
void build_losses(struct build *);

#endif
