#include "model/runs.h"

#include "base/array.h"
#include "base/hashmap.h"

struct window {
	uint64_t from, to; /* ns; of the first event to that of the last end */
};

struct runs {
	struct arena *arena;
	const struct model *model;
	struct window *at; /* in order of time, without overlaps */
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
			*w = (struct window){image->born, last};
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
	struct window w = {run->t, end_of_command(r->model, index)};

	if (root && r->tree[root->index].to > w.to)
		w.to = r->tree[root->index].to;
	return w;
}

/* `run` events come in order of time: a window either grows the last one, or
 * follows it. */
static void add_window(struct runs *r, struct window w)
{
	struct window *last = r->n ? &r->at[r->n - 1] : NULL;

	if (!last || w.from > last->to)
		*ARRAY_ADD(r->arena, r->at, r->n, r->room) = w;
	else if (w.to > last->to)
		last->to = w.to;
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
	return a.from <= b.to && b.from <= a.to;
}

/* --- restarts
 * ------------------------------------------------------------------ */

/* Equal starts of one program, of the roots that tell enough to be judged. */
struct starts {
	uint64_t last_birth, first_end; /* first_end 0: none has ended */
};

/* Starts with one key are equal. */
static struct str start_key(struct arena *a, const struct image *root)
{
	struct str cgroup = root->birth ? root->birth->cgroup : STR("");

	return arena_print(a, "%u %llu %.*s\n%.*s\n%.*s\n%.*s", root->owner,
			   (unsigned long long)root->uid, STR_FMT(root->exe),
			   STR_FMT(root->cwd), STR_FMT(cgroup),
			   STR_FMT(root->command));
}

static bool tree_failed(const struct image *root)
{
	const struct image *last = root;

	while (last->first_child && last->first_child->hop == HOP_EXEC)
		last = last->first_child;
	return model_failed(last);
}

/* By index: the root has ended, or an image of its tree has asked. */
static bool *find_telling_roots(const struct runs *r)
{
	const struct model *m = r->model;
	bool *tells = TAKE(r->arena, bool, m->n_images + 1);

	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];

		if (image->readings ||
		    (image->root == image && model_has_ended(image)))
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
		if (root->ended && (!s->first_end || end < s->first_end))
			s->first_end = end;
	}
	return known;
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
		if (root->ended && r->tree[i].to < s->last_birth) {
			dropped[i] = true;
			choice->earlier_starts++;
			choice->failed_starts += tree_failed(root);
		} else if (!tells[i] && s->first_end &&
			   s->first_end <= root->born) {
			dropped[i] = true;
		}
	}
}

/* --- choosing
 * -------------------------------------------------------------------- */

static void drop_other_runs(const struct runs *r, size_t run, bool *dropped)
{
	for (size_t i = 0; i < r->model->n_images; i++)
		if (r->model->images[i]->root == r->model->images[i])
			dropped[i] = !overlap(r->tree[i], r->at[run]);
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

/* Events of no image: those of `keytrail run` belong to their time. */
static bool is_in_run(const struct runs *r, size_t run, const struct event *e)
{
	if (e->image.len)
		return true;
	return run >= r->n || (e->kind != KT_RUN && e->kind != KT_RAN) ||
	       (e->t >= r->at[run].from && e->t <= r->at[run].to);
}

static void copy_events(const struct runs *r, size_t run, const bool *dropped,
			struct trace *ret)
{
	const struct trace *t = r->model->trace;
	bool *keep = TAKE(r->arena, bool, t->n + 1);

	*ret = *t;
	ret->events = TAKE(r->arena, struct event, t->n + 1);
	ret->n = 0;
	for (size_t i = 0; i < t->n; i++)
		keep[i] = is_in_run(r, run, &t->events[i]);
	mark_events(r->model, dropped, keep);
	for (size_t i = 0; i < t->n; i++)
		if (keep[i])
			ret->events[ret->n++] = t->events[i];
}

static void choose(const struct runs *r, long wanted, struct trace *ret,
		   struct run_choice *choice)
{
	bool *dropped = TAKE(r->arena, bool, r->model->n_images + 1);
	size_t run = wanted == RUN_NEWEST ? r->n - 1 : (size_t)wanted - 1;

	choice->run = r->n ? (long)run + 1 : 1;
	if (r->n)
		drop_other_runs(r, run, dropped);
	drop_earlier_starts(r, dropped, choice);
	copy_events(r, run, dropped, ret);
}

bool choose_run(struct arena *a, const struct model *m, long wanted,
		struct trace *ret, struct run_choice *ret_choice)
{
	struct runs r = find_runs(a, m);

	*ret_choice = (struct run_choice){.run = RUN_ALL,
					  .runs = r.n ? (long)r.n : 1};
	*ret = *m->trace;
	if (wanted == RUN_ALL)
		return true;
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
	while (run && wanted < (long)r.n && run->t > r.at[wanted - 1].to)
		wanted++;
	return choose_run(a, m, run ? wanted : RUN_NEWEST, ret, ret_choice);
}
