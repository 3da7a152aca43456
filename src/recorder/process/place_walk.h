/* The place of an event and its callers, by a walk outward over the frames of
 * the language. The place is the innermost frame outside of the language's own
 * library; where all frames are of that library, the innermost of all. */
#ifndef RECORDER_PLACE_WALK_H
#define RECORDER_PLACE_WALK_H

#include "recorder/process/callers.h"
#include "recorder/process/source_pos.h"

struct place_walk {
	struct source_pos *place;
	struct callers *callers;
	struct caller_choice choice;
	bool is_found; /* outside of the language's own library */
};

/* Both answers begin empty. */
void place_walk_begin(struct place_walk *, struct source_pos *place,
		      struct callers *callers);

/* Adds the next frame outward. False: more frames make no difference. */
bool place_walk_add(struct place_walk *, const struct caller_frame *,
		    bool is_of_language);

/* After the last frame. */
void place_walk_end(struct place_walk *);

#endif
