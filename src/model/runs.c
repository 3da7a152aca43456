#include "model/runs.h"

#include "base/array.h"
#include "base/hashmap.h"
#include "model/start_key.h"
#include "model/unseen_end.h"

static const uint64_t MENDING_TIME = 2000000000; /* ns */

struct window {
	uint64_t from, to; /* ns; of the first event to the last end */
	unsigned source;   /* the trace in which the run is */
	long number;	   /* in that trace, from 1 */
};

struct runs {
	struct arena *arena;
	const struct model *model;
	struct window *at; /* in order of time; of one trace without overlaps */
	size_t n, room;
	struct window *tree; /* of each root image, by index */
};

/* --- windows -----------------------------------------------------------------
 */

static uint64_t last_moment(const struct image *image)
{
	uint64_t last = image->born;

	if (image->n_events && image->events[image->n_events - 1]->t > last)
		last = image->events[image->n_events - 1]->t;
	return image->ended > last ? image->ended : last;
}

/* Parents come before children: a root's window grows by each image below. */
static void find_tree_windows(struct runs *r)
{
	const struct model *m = r->model;

	r->tree = TAKE(r->arena, struct window, m->n_images + 1);
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];
		struct window *w = &r->tree[image->root->index];
		uint64_t last = last_moment(image);

		if (image->root == image)
			*w = (struct window){.from = image->born,
					     .to = last,
					     .source = image->source};
		w->to = last > w->to ? last : w->to;
	}
}

static uint64_t end_of_command(const struct model *m, size_t run)
{
	const struct trace *t = m->trace;

	for (size_t i = run; i < t->n; i++)
		if (t->events[i].kind == KT_RAN &&
		    t->events[i].pid == t->events[run].pid)
			return t->events[i].t;
	return t->events[run].t;
}

static const struct image *command_of(const struct model *m,
				      const struct event *run)
{
	for (size_t i = 0; i < m->n_images; i++)
		if (m->images[i]->is_command && m->images[i]->pid == run->pid &&
		    m->images[i]->born >= run->t)
			return m->images[i]->root;
	return NULL;
}

static struct window window_of_run(const struct runs *r, size_t index)
{
	const struct event *run = &r->model->trace->events[index];
	const struct image *root = command_of(r->model, run);
	struct window w = {.from = run->t,
			   .to = end_of_command(r->model, index),
			   .source = run->source};

	if (root && r->tree[root->index].to > w.to)
		w.to = r->tree[root->index].to;
	return w;
}

/* The last window of a trace, or null. */
static struct window *last_of(const struct runs *r, unsigned source)
{
	for (size_t i = r->n; i > 0; i--)
		if (r->at[i - 1].source == source)
			return &r->at[i - 1];
	return NULL;
}

/* `run` events come in order of time: a window either grows the last one of its
 * trace, or follows it. */
static void add_window(struct runs *r, struct window w)
{
	struct window *last = last_of(r, w.source);

	w.number = last ? last->number + 1 : 1;
	if (!last || w.from > last->to)
		*ARRAY_ADD(r->arena, r->at, r->n, r->room) = w;
	else if (w.to > last->to)
		last->to = w.to;
}

/* The number of runs of the trace with the most. */
static long count_runs(const struct runs *r)
{
	long most = 1;

	for (size_t i = 0; i < r->n; i++)
		most = r->at[i].number > most ? r->at[i].number : most;
	return most;
}

static struct runs find_runs(struct arena *a, const struct model *m)
{
	struct runs r = {.arena = a, .model = m};

	find_tree_windows(&r);
	for (size_t i = 0; i < m->trace->n; i++)
		if (m->trace->events[i].kind == KT_RUN)
			add_window(&r, window_of_run(&r, i));
	return r;
}

static bool overlap(struct window a, struct window b)
{
	return a.source == b.source && a.from <= b.to && b.from <= a.to;
}

/* The judged run of a trace: the newest, or the one with the number;
 * null: the trace has no such run. */
static const struct window *judged_run(const struct runs *r, unsigned source,
				       long wanted)
{
	const struct window *last = last_of(r, source);

	for (size_t i = 0; i < r->n && wanted != RUN_NEWEST; i++)
		if (r->at[i].source == source && r->at[i].number == wanted)
			return &r->at[i];
	return wanted == RUN_NEWEST ? last : NULL;
}

/* A trace without any run counts as a run. */
static bool is_judged(const struct runs *r, struct window w, long wanted)
{
	const struct window *run = judged_run(r, w.source, wanted);

	return run ? overlap(w, *run) : !last_of(r, w.source);
}

/* --- restarts
 * ------------------------------------------------------------------ */

/* Equal starts of a program, of the roots with enough events to be judged. */
struct starts {
	uint64_t last_birth, first_end; /* first_end 0: none has ended */
	const struct image **at;	/* in order of birth */
	size_t n, room;
};

/* By index: the root has ended, or an image of its tree has asked. */
static bool *find_telling_roots(const struct runs *r)
{
	const struct model *m = r->model;
	bool *tells = TAKE(r->arena, bool, m->n_images + 1);

	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];

		if (image->readings ||
		    (image->root == image &&
		     model_has_ended(model_last_program(image))))
			tells[image->root->index] = true;
	}
	return tells;
}

static struct starts *starts_of(const struct runs *r, struct hashmap *known,
				const struct image *root)
{
	void **slot = hashmap_slot(known, NULL, start_key(r->arena, root));

	if (!*slot)
		*slot = TAKE(r->arena, struct starts, 1);
	return *slot;
}

static bool is_start(const struct image *image)
{
	return image->root == image && !image->is_command && image->command.len;
}

static struct hashmap *find_starts(const struct runs *r, const bool *tells,
				   const bool *dropped)
{
	struct hashmap *known = hashmap_new(r->arena);

	for (size_t i = 0; i < r->model->n_images; i++) {
		const struct image *root = r->model->images[i];
		uint64_t end = r->tree[i].to;
		struct starts *s;

		if (!is_start(root) || dropped[i] || !tells[i])
			continue;
		s = starts_of(r, known, root);
		if (root->born > s->last_birth)
			s->last_birth = root->born;
		if (model_last_program(root)->ended &&
		    (!s->first_end || end < s->first_end))
			s->first_end = end;
		*ARRAY_ADD(r->arena, s->at, s->n, s->room) = root;
	}
	return known;
}

static bool are_given_the_same(const struct image *a, const struct image *b)
{
	const struct values *x = &a->birth->env, *y = &b->birth->env;

	for (size_t i = 0; i < x->n; i++) {
		const struct value *other = find_value(y, x->at[i].name);

		if (!other || !str_eq(other->fp, x->at[i].value.fp))
			return false;
	}
	return x->n == y->n;
}

/* True for a replica that failed before the last replicas began: another one
 * lives on, and the next begins soon, with an environment of its own. A person
 * who mends a start needs longer, and a supervisor mends nothing. */
static bool is_failed_replica(const struct runs *r, const struct starts *s,
			      const struct image *root)
{
	uint64_t end = r->tree[root->index].to;
	const struct image *next = NULL, *beside = NULL;

	for (size_t i = 0; i < s->n && !next; i++)
		if (s->at[i]->born > end)
			next = s->at[i];
	for (size_t i = 0; i < s->n && next && !beside; i++)
		if (s->at[i]->born < end &&
		    r->tree[s->at[i]->index].to > next->born)
			beside = s->at[i];
	return beside && next->born - end < MENDING_TIME && root->birth &&
	       next->birth && !are_given_the_same(root, next);
}

static const struct image *find_newest(const struct starts *s)
{
	const struct image *newest = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (!newest || s->at[i]->born > newest->born)
			newest = s->at[i];
	return newest;
}

static bool is_over(const struct runs *r, const struct starts *s,
		    const struct image *root)
{
	return r->tree[root->index].to < s->last_birth &&
	       (model_last_program(root)->ended ||
		has_ended_unseen(r->model, root, find_newest(s)));
}

/* Of equal roots, one after the other, keeps the newest that tells enough.
 * Roots that run beside the newest are replicas: all are kept. */
static void drop_earlier_starts(const struct runs *r, bool *dropped,
				struct run_choice *choice)
{
	const bool *tells = find_telling_roots(r);
	struct hashmap *known = find_starts(r, tells, dropped);

	for (size_t i = 0; i < r->model->n_images; i++) {
		const struct image *root = r->model->images[i];
		const struct starts *s;

		if (!is_start(root) || dropped[i])
			continue;
		s = starts_of(r, known, root);
		if (is_over(r, s, root) && !is_failed_replica(r, s, root)) {
			dropped[i] = true;
			choice->earlier_starts++;
			choice->failed_starts +=
				model_failed(model_last_program(root));
		} else if (!tells[i] && s->first_end &&
			   s->first_end <= root->born) {
			dropped[i] = true;
		}
	}
}

/* --- choosing
 * -------------------------------------------------------------------- */

static void drop_other_runs(const struct runs *r, long wanted, bool *dropped)
{
	for (size_t i = 0; i < r->model->n_images; i++)
		if (r->model->images[i]->root == r->model->images[i])
			dropped[i] = !is_judged(r, r->tree[i], wanted);
}

static void mark_events(const struct model *m, const bool *dropped, bool *keep)
{
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];

		for (size_t e = 0; e < image->n_events; e++)
			keep[image->events[e] - m->trace->events] =
				!dropped[image->root->index];
	}
}

/* `keytrail run` looks at files when its command has ended: the time is that of
 * the last run which began before. */
static uint64_t time_of_look(const struct runs *r, const struct event *file)
{
	const struct window *last = NULL;

	for (size_t i = 0; i < r->n; i++)
		if (r->at[i].source == file->source && r->at[i].from <= file->t)
			last = &r->at[i];
	return last && last->to < file->t ? last->to : file->t;
}

/* Events of no image: those of `keytrail run` belong to their time. */
static bool is_in_run(const struct runs *r, long wanted, const struct event *e)
{
	uint64_t t = e->kind == KT_FILE ? time_of_look(r, e) : e->t;
	struct window w = {.from = t, .to = t, .source = e->source};

	if (e->image.len ||
	    (e->kind != KT_RUN && e->kind != KT_RAN && e->kind != KT_FILE))
		return true;
	return is_judged(r, w, wanted);
}

static void copy_events(const struct runs *r, long wanted, const bool *dropped,
			struct trace *ret)
{
	const struct trace *t = r->model->trace;
	bool *keep = TAKE(r->arena, bool, t->n + 1);

	*ret = *t;
	ret->events = TAKE(r->arena, struct event, t->n + 1);
	ret->n = 0;
	for (size_t i = 0; i < t->n; i++)
		keep[i] = is_in_run(r, wanted, &t->events[i]);
	mark_events(r->model, dropped, keep);
	for (size_t i = 0; i < t->n; i++)
		if (keep[i])
			ret->events[ret->n++] = t->events[i];
}

static void choose(const struct runs *r, long wanted, struct trace *ret,
		   struct run_choice *choice)
{
	bool *dropped = TAKE(r->arena, bool, r->model->n_images + 1);

	choice->run = wanted == RUN_NEWEST ? choice->runs : wanted;
	drop_other_runs(r, wanted, dropped);
	drop_earlier_starts(r, dropped, choice);
	copy_events(r, wanted, dropped, ret);
}

/* An image of a single run is told nothing by other runs of the trace. */
static void number_images(const struct runs *r)
{
	for (size_t i = 0; i < r->model->n_images; i++) {
		struct image *image = r->model->images[i];
		struct window tree = r->tree[image->root->index];

		image->run = 0;
		for (size_t j = 0; j < r->n; j++) {
			if (!overlap(tree, r->at[j]))
				continue;
			if (image->run) { /* of several runs */
				image->run = 0;
				break;
			}
			image->run = r->at[j].number;
		}
	}
}

bool choose_run(struct arena *a, const struct model *m, long wanted,
		struct trace *ret, struct run_choice *ret_choice)
{
	struct runs r = find_runs(a, m);

	*ret_choice =
		(struct run_choice){.run = RUN_ALL, .runs = count_runs(&r)};
	*ret = *m->trace;
	if (wanted == RUN_ALL) {
		number_images(&r);
		return true;
	}
	if (wanted > ret_choice->runs)
		return false;
	choose(&r, wanted, ret, ret_choice);
	return true;
}

bool choose_run_of(struct arena *a, const struct model *m, uint64_t pid,
		   struct trace *ret, struct run_choice *ret_choice)
{
	struct runs r = find_runs(a, m);
	const struct event *run = NULL;
	long wanted = 1;

	for (size_t i = 0; i < m->trace->n; i++)
		if (m->trace->events[i].kind == KT_RUN &&
		    m->trace->events[i].pid == pid)
			run = &m->trace->events[i];
	for (size_t i = 0; run && i < r.n; i++)
		if (run->source == r.at[i].source && run->t >= r.at[i].from)
			wanted = r.at[i].number;
	return choose_run(a, m, run ? wanted : RUN_NEWEST, ret, ret_choice);
}
