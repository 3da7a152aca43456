/* Sentences for a verdict that is inconclusive because reads were not seen. */
#include "diagnosis/doubts.h"

#include "diagnosis/evidence/culprit.h"
#include "model/place.h"
#include "model/process_name.h"
#include "model/request_words.h"
#include "runtimes/runtime.h"

struct doubt doubt_hidden(struct arena *a, const struct reading *r)
{
	return new_doubt(a, "reads-hidden",
			 "%.*s lacked %.*s and failed, but what %s reads of "
			 "%sits environment cannot be seen",
			 STR_FMT(process_in_sentence(a, r->image)),
			 STR_FMT(r->name), runtime_of(r->image)->name,
			 may_look_in_copy(r->image) ? "a copy of " : "");
}

struct doubt doubt_looks_in_copy(struct arena *a, const struct image *image)
{
	return new_doubt(a, "reads-hidden",
			 "%.*s; a name that was looked for there was not "
			 "seen",
			 STR_FMT(copy_in_words(a, image)));
}

/* How a name may have been looked for unseen. */
static struct str look_in_words(struct arena *a, const struct reading *r)
{
	struct str site = place_of_expansion(r->image, r->name);

	if (find_hiding_copy(r->image))
		return copy_in_words(a, r->image);
	if (site.len)
		return arena_print(a, "%.*s expands it",
				   STR_FMT(place_in_words(a, r->image, site)));
	return arena_print(a, "what %s %s cannot be seen",
			   runtime_of(r->image)->name,
			   runtime_of(r->image)->id == RUNTIME_SHELL ? "expands"
								     : "reads");
}

struct doubt doubt_lost_unseen(struct arena *a, const struct report *report,
			       const struct reading *r)
{
	const struct finding *cause = find_cause(report, r);
	struct str loss = cause ? act_of(cause->summary)
				: arena_print(a, "%.*s was lost before",
					      STR_FMT(r->name));

	return new_doubt(a, "reads-hidden",
			 "%.*s, and %.*s; a look for the name was not seen, a "
			 "refusal would be: keytrail run --http",
			 STR_FMT(loss), STR_FMT(look_in_words(a, r)));
}

struct doubt doubt_refused_empty(struct arena *a, const struct request *q)
{
	struct str line = line_of_start(q->image);
	struct str by = place_has_line(line) ? place_in_words(a, q->image, line)
					     : process_in_sentence(a, q->image);

	return new_doubt(a, "reads-hidden",
			 "%.*s sends a request to %.*s with an empty "
			 "credential, and is refused (%.*s); the name that was "
			 "to fill it was not seen",
			 STR_FMT(by), STR_FMT(host_in_words(a, q)),
			 STR_FMT(answer_in_words(a, q)));
}
