/* The line of the user's for which a library asks: a client that is made in one
 * line may ask again in a task, where no frame of that line is left. */
#include "diagnosis/evaluation.h"

#include "model/place.h"
#include "trace/caller.h"
#include "trace/site.h"

enum { MOST_LOOKS = 64 };

/* The package of a frame which asks for itself; len 0: another frame. */
static struct str asking_package(struct caller f)
{
	if (reader_of(site_file(f.site)) == READER_GETTER)
		return (struct str){NULL, 0};
	return place_library(f.site);
}

static bool has_asking_package(const struct event *e, struct str package)
{
	for (size_t i = 0; i < count_frames(e); i++)
		if (str_eq(asking_package(nth_frame(e, i)), package))
			return true;
	return false;
}

static bool share_library(const struct event *a, const struct event *b)
{
	for (size_t i = 0; i < count_frames(a); i++) {
		struct str package = asking_package(nth_frame(a, i));

		if (package.len && has_asking_package(b, package))
			return true;
	}
	return false;
}

struct str earlier_own_place(const struct reading *r, const struct event *read)
{
	struct str found = {NULL, 0};
	size_t looks = MOST_LOOKS;

	for (const struct call_site *s = r->call_sites; s && looks--;
	     s = s->next) {
		struct str place = own_place(r->image, s->first, 0);

		if (s->first->t > read->t || !place.len ||
		    !share_library(s->first, read))
			continue;
		if (found.len && !str_eq(found, place))
			return (struct str){NULL, 0};
		found = place;
	}
	return found;
}
