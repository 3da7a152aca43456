/* Which worker thread sent the requests of a thread. The recorder names the
 * image of the process and a number; a worker thread with an environment has an
 * image without a number. */
#include "model/build.h"
#include "model/place.h"

static bool is_worker(const struct image *image)
{
	return image->hop == HOP_THREAD && image->birth;
}

static struct thread_sender *sender_of(struct thread_senders *s,
				       const struct event *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].thread == e->thread)
			return &s->at[i];
	if (s->n == MOST_SENDERS)
		return NULL;
	s->at[s->n] = (struct thread_sender){e->thread, e->t, NULL};
	return &s->at[s->n++];
}

static bool is_taken(const struct thread_senders *s, const struct image *worker)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].worker == worker)
			return true;
	return false;
}

static bool may_send(const struct thread_senders *s, const struct image *worker,
		     uint64_t t)
{
	return is_worker(worker) && worker->born <= t && !is_taken(s, worker);
}

/* The worker was started with a value that the request carries. */
static bool was_given(const struct image *worker, const struct event *request)
{
	const struct request q = {.event = request};
	const struct values *env = &worker->birth->env;

	for (size_t i = 0; i < env->n; i++)
		if (request_carries(&q, &env->at[i].value))
			return true;
	return false;
}

static void match_by_value(struct thread_senders *s, const struct image *image,
			   const struct event *e)
{
	struct thread_sender *sender = sender_of(s, e);

	for (struct image *c = image->first_child;
	     sender && !sender->worker && c; c = c->next_sibling)
		if (may_send(s, c, sender->since) && was_given(c, e))
			sender->worker = c;
}

/* The remaining worker; of several, the first where all were started at one
 * place, and are equal for a report. */
static struct image *only_remaining(const struct thread_senders *s,
				    const struct image *image, uint64_t t)
{
	struct image *found = NULL;

	for (struct image *c = image->first_child; c; c = c->next_sibling) {
		if (!may_send(s, c, t))
			continue;
		if (found && !str_eq(found->birth->site, c->birth->site))
			return NULL;
		found = found && found->born < c->born ? found : c;
	}
	return found;
}

static bool has_workers(const struct image *image)
{
	for (struct image *c = image->first_child; c; c = c->next_sibling)
		if (is_worker(c))
			return true;
	return false;
}

/* The thread reads the environment of the process. */
static bool shares_environment(const struct image *image, uint64_t thread)
{
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_READ &&
		    image->events[i]->thread == thread &&
		    event_has_source_line(image->events[i]))
			return true;
	return false;
}

void find_thread_senders(const struct image *image, struct thread_senders *s)
{
	s->n = 0;
	if (!has_workers(image))
		return;
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if (e->kind == KT_REQUEST && e->thread > 1)
			match_by_value(s, image, e);
	}
	for (size_t i = 0; i < s->n; i++)
		if (!s->at[i].worker &&
		    !shares_environment(image, s->at[i].thread))
			s->at[i].worker =
				only_remaining(s, image, s->at[i].since);
}

const struct image *sender_of_thread(const struct thread_senders *s,
				     const struct event *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].thread == e->thread)
			return s->at[i].worker;
	return NULL;
}
