#include "recorder/process/place_walk.h"

void place_walk_begin(struct place_walk *w, struct source_pos *place,
		      struct callers *callers)
{
	w->place = place;
	w->callers = callers;
	w->is_found = false;
	source_pos_set(place, NULL, 0, NULL);
	callers->length = callers->count = 0;
}

bool place_walk_add(struct place_walk *w, const struct caller_frame *f,
		    bool is_of_language)
{
	if (w->is_found)
		return is_of_language || callers_add(&w->choice, f);
	w->is_found = !is_of_language;
	if (w->is_found || !w->place->line)
		source_pos_set(w->place, f->file, f->line, f->function);
	if (w->is_found)
		callers_begin(&w->choice, w->callers, f->file);
	return true;
}

void place_walk_end(struct place_walk *w)
{
	if (w->is_found)
		callers_end(&w->choice);
}
