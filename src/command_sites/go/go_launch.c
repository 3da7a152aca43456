#include "command_sites/go/go_launch.h"

#include "command_sites/env_change_site.h"
#include "command_sites/go/go_program.h"
#include "shared/source_owner.h"

/* Which line was it? All lines of the program are looked at: one is told where
 * every other is ruled out. */
struct question {
	const struct go_lines *lines;
	const struct image *started; /* with the variable lost, or twice */
	struct str name;
	bool is_twice;
	bool are_exact; /* launches with the very command count alone */
};

/* --- launches ------------------------------------------------------------- */

static bool are_words(const struct strs *args, size_t at, const struct strs *w)
{
	if (!str_eq(str_base(args->at[at]), str_base(w->at[0])))
		return false;
	for (size_t i = 1; i < w->n; i++)
		if (!str_eq(args->at[at + i], w->at[i]))
			return false;
	return true;
}

/* The words may have an interpreter before them: `#!`. */
static bool has_words(const struct image *started, const struct go_line *l)
{
	const struct strs *args = &started->birth->args;
	size_t n = l->words.n;

	if (l->has_all_words)
		return args->n >= n && started->birth->argc <= args->n &&
		       are_words(args, args->n - n, &l->words);
	for (size_t at = 0; at + n <= args->n; at++)
		if (!n || are_words(args, at, &l->words))
			return true;
	return false;
}

/* A program that becomes another keeps its pid. */
static bool may_have_started(const struct question *q, const struct go_line *l)
{
	bool became = q->started->pid == q->started->parent->pid;

	return l->act == (became ? GO_BECOMES : GO_STARTS) &&
	       (l->has_all_words || !q->are_exact) && has_words(q->started, l);
}

static size_t count_launches(const struct question *q)
{
	size_t n = 0;

	for (size_t i = 0; i < q->lines->n; i++)
		n += may_have_started(q, &q->lines->at[i]);
	return n;
}

/* --- environments --------------------------------------------------------- */

/* `c.Env = append(c.Env, ...)` changes a list that an earlier line made. */
static bool is_of_earlier_line(const struct go_lines *lines, size_t i)
{
	const struct go_line *l = &lines->at[i];

	if (!l->adds_to_given || !l->launch)
		return false;
	for (size_t k = l->launch; k < i; k++)
		if (lines->at[k].act == GO_GIVES_ENV &&
		    lines->at[k].launch == l->launch)
			return true;
	return false;
}

/* True for an environment that the launch, or any, may have been given. */
static bool may_be_of_launch(const struct question *q, const struct go_line *l)
{
	return !l->launch || may_have_started(q, &q->lines->at[l->launch - 1]);
}

static bool gives(const struct go_line *l, struct str name)
{
	for (size_t i = 0; i < l->given.n; i++)
		if (str_eq(l->given.at[i], name))
			return true;
	return false;
}

/* True for a line that may have lost the variable, or passed it twice. */
static bool may_be_it(const struct question *q, size_t i)
{
	const struct go_line *l = &q->lines->at[i];

	if (!q->is_twice && gives(l, q->name))
		return false;
	switch (l->act) {
	case GO_BECOMES:
		return may_have_started(q, l) &&
		       (q->is_twice ? !l->is_untouched : !l->is_whole);
	case GO_GIVES_ENV:
		if (q->started->pid == q->started->parent->pid ||
		    !may_be_of_launch(q, l))
			return false;
		return q->is_twice ? !l->is_untouched && !l->launch
				   : !l->is_whole &&
					     !is_of_earlier_line(q->lines, i);
	case GO_UNSETS:
		return !q->is_twice &&
		       (!l->name.len || str_eq(l->name, q->name));
	case GO_STARTS:
		break;
	}
	return false;
}

static bool is_of_known_launch(const struct go_line *l)
{
	return l->act == GO_BECOMES || (l->act == GO_GIVES_ENV && l->launch);
}

/* The only line that counts; null: none, or several. `is_bound`: only lines of
 * a known launch count, and a call of os.Unsetenv. */
static const struct go_line *find_only(const struct question *q, bool is_bound)
{
	const struct go_line *found = NULL;

	for (size_t i = 0; i < q->lines->n; i++) {
		const struct go_line *l = &q->lines->at[i];

		if (!may_be_it(q, i) ||
		    (is_bound && l->act != GO_UNSETS && !is_of_known_launch(l)))
			continue;
		if (found || l->is_doubtful || l->act == GO_UNSETS)
			return NULL;
		found = l;
	}
	return found;
}

/* What the line started may be a program that nobody saw, and this one may have
 * lost the variable, where neither the command nor the list is written out. */
static bool is_certain_of_start(const struct question *q,
				const struct go_line *l)
{
	if (q->is_twice ? gives(l, q->name) : l->is_all_there)
		return true;
	if (l->act == GO_BECOMES || l->launch)
		return (l->launch ? &q->lines->at[l->launch - 1] : l)->words.n;
	for (size_t i = 0; i < q->lines->n; i++)
		if (may_have_started(q, &q->lines->at[i]) &&
		    !q->lines->at[i].words.n)
			return false;
	return true;
}

static const struct go_line *find_line(struct question *q,
				       const struct go_program *p)
{
	const struct go_line *found = NULL;

	q->are_exact = true;
	if (count_launches(q) == 1)
		found = find_only(q, true);
	else
		q->are_exact = count_launches(q);
	if (found || p->has_others || p->lines.has_unknown ||
	    !count_launches(q))
		return found;
	return find_only(q, false);
}

/* --- the trace ------------------------------------------------------------ */

struct search {
	struct written_files *files;
	struct hashmap *programs; /* struct go_program, by path */
};

/* In ms; 0: not known. */
static uint64_t began_at(const struct image *launcher)
{
	return launcher->birth
		       ? model_wall(launcher)
		       : model_wall_at(launcher->parent, launcher->handover->t);
}

static const struct go_program *program_of(struct search *s,
					   const struct image *launcher)
{
	struct str exe = launcher->exe;
	void **slot;

	if (!memchr(exe.at, '/', exe.len) ||
	    find_source_owner(exe.at, exe.len).owner != SOURCE_OWN)
		return NULL;
	exe = path_below(s->files->arena, launcher->cwd, exe);
	if (!exe.len)
		return NULL;
	slot = hashmap_slot(s->programs, NULL, exe);
	if (!*slot)
		*slot = go_program_read(s->files, exe, began_at(launcher));
	return *slot;
}

static bool makes_own_calls(const struct image *by)
{
	return by->observed ? model_bypasses_libc(by)
			    : by->handover && by->parent;
}

/* A launch of a program that told nothing of its own. */
static bool is_out_of_sight(const struct image *started)
{
	const struct image *by = started->parent;

	return started->birth && !started->handover && !started->owner && by &&
	       !by->owner && makes_own_calls(by) && by->exe.len &&
	       (started->pid == by->pid || started->ppid == by->pid);
}

static void answer(struct search *s, const struct image *started,
		   struct str name, bool is_twice)
{
	const struct go_program *p;
	const struct go_line *l;
	struct event *e;
	struct question q = {
		.started = started, .name = name, .is_twice = is_twice};

	if (!is_out_of_sight(started))
		return;
	e = model_event_to_write(started->birth);
	p = program_of(s, started->parent);
	if (!p || !p->lines.n)
		return;
	q.lines = &p->lines;
	l = find_line(&q, p);
	if (l && is_certain_of_start(&q, l))
		add_changed_line(s->files->arena, e, name,
				 site_at(s->files->arena, l->path, l->line));
}

static bool is_told(const struct image *started, struct str name)
{
	const struct strs *lines = &started->birth->changed_lines;

	for (size_t i = 0; i < lines->n; i++)
		if (lines->at[i].len > name.len &&
		    lines->at[i].at[name.len] == '=' &&
		    str_has_prefix(lines->at[i], name))
			return true;
	return false;
}

static bool is_lost_out_of_sight(const struct loss *l)
{
	return l && !l->event &&
	       (l->kind == LOST_UNSEEN || l->kind == LOST_AT_HANDOVER) &&
	       l->receiver->birth && l->receiver->parent == l->image;
}

static void look_at(struct search *s, const struct image *image)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (is_lost_out_of_sight(r->loss) &&
		    !is_told(r->loss->receiver, r->name))
			answer(s, r->loss->receiver, r->name, false);
	for (size_t i = 0; image->birth && i < image->birth->again.n; i++)
		if (!is_told(image, image->birth->again.at[i].name))
			answer(s, image, image->birth->again.at[i].name, true);
}

void find_go_launches(struct written_files *files, const struct model *m)
{
	struct search s = {.files = files,
			   .programs = hashmap_new(files->arena)};

	for (size_t i = 0; i < m->n_images; i++)
		look_at(&s, m->images[i]);
}
