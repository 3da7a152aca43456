#include "rules/rule.h"

#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

/* True for a client, as `docker run` or `ssh HOST`, which started a program
 * elsewhere with a new environment. */
static bool started_elsewhere(const struct image *image)
{
	return runtime_leads(image) == LEADS_TO_PLACE &&
	       model_arguments(image)->n > 1 &&
	       runtime_starts_new_environment(image);
}

/* --- the reader is in another trace ------------------------------------------
 */

/* On the clock of all machines, in ms; 0: not known. */
static uint64_t wall_at(const struct image *image, uint64_t t)
{
	const struct event *birth = image->root->birth;

	return birth && birth->wall && t >= birth->t
		       ? birth->wall + (t - birth->t) / 1000000
		       : 0;
}

/* The reader's trace began while the client ran. */
static bool began_during(const struct image *client, const struct image *reader)
{
	const uint64_t delay = 2000; /* of clocks, and of a client that left */
	uint64_t began = wall_at(reader, reader->root->born);
	uint64_t from = wall_at(client, client->born);
	uint64_t to = client->ended ? wall_at(client, client->ended) : began;

	return began && from && began + delay >= from && began <= to + delay;
}

/* Another machine, another root directory or another control group: not a
 * program of the same place that records into a directory of its own. */
static bool is_elsewhere(const struct image *a, const struct image *b)
{
	const struct event *x = a->root->birth, *y = b->root->birth;

	if (!x || !y || a->boot != b->boot)
		return x && y;
	if (x->root.len && y->root.len && !str_eq(x->root, y->root))
		return true;
	return x->cgroup.len && y->cgroup.len && !str_eq(x->cgroup, y->cgroup);
}

static const struct image *find_client(const struct model *m,
				       const struct reading *r)
{
	const struct value *value;

	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *client = m->images[i];

		if (client->source != r->image->source &&
		    started_elsewhere(client) &&
		    !arguments_mention(client, r->name) &&
		    arguments_are_complete(client) &&
		    model_inherited(client, r->name, &value) == PRESENT &&
		    !(value->is & KT_IS_EMPTY) &&
		    is_elsewhere(client, r->image) &&
		    began_during(client, r->image))
			return client;
	}
	return NULL;
}

static bool explain_reader(const struct model *m, const struct reading *r,
			   struct finding *ret)
{
	const struct image *client =
		was_never_held(r) ? find_client(m, r) : NULL;

	if (!client)
		return false;
	set_culprit(ret, client, NULL, client);
	ret->loss = LOSS_SEEN;
	ret->confidence = LIKELY;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct image *client = r->image;

	if (r->outcome == READ_MISSED)
		return explain_reader(m, r, ret);
	if (!is_external_launch(r) || !started_elsewhere(client) ||
	    arguments_mention(client, r->name))
		return false;
	set_culprit(ret, client, NULL, client);
	ret->severity = runtime_waits(client) ? FAULT : WARNING;
	if (!arguments_are_complete(client) || runtime_failed_itself(client))
		ret->severity = NOTE;
	ret->confidence = POSSIBLE;
	return true;
}

static const char *place_beyond(const struct image *client)
{
	switch (runtime_of(client)->id) {
	case RUNTIME_DOCKER:
		return "the container";
	case RUNTIME_KUBECTL:
		return "the pod";
	case RUNTIME_SSH:
		return "the other machine";
	case RUNTIME_SYSTEMD_RUN:
		return "the unit";
	case RUNTIME_CRONTAB:
		return "the jobs";
	default:
		return "the program that it starts elsewhere";
	}
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	say_culprit(m, r, f, "does not pass %.*s to %s",
		    STR_FMT(names_of(m->arena, f)), place_beyond(f->culprit));
	f->detail =
		arena_print(m->arena, "%.*s had it",
			    STR_FMT(process_in_sentence(m->arena, f->culprit)));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_BEYOND, r->name);
}

const struct rule rule_kt206 = {"KT206", "not-handed-over", LOSS_OUT_OF_SIGHT,
				220,	 explains,	    describe};
