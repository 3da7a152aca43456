#include "diagnosis/evidence/echo_of_set.h"

static const struct event *last_of_thread(const struct image *image,
					  const struct event *before)
{
	const struct event *last = NULL;

	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->thread == before->thread &&
		    image->events[i]->t < before->t)
			last = image->events[i];
	return last;
}

bool is_echo_of_set(const struct image *image, const struct event *read)
{
	const struct event *set = last_of_thread(image, read);

	return set && set->kind == KT_SET && str_eq(set->name, read->name) &&
	       event_has_source_line(read) && str_eq(set->site, read->site);
}
