#include "model/build.h"

/* An exec or spawn which was about to make an image. */
struct attempt {
	const struct event *event;
	struct image *by;
	bool settled;		/* the image was born, or the call failed */
	bool was_killed;	/* settled because no birth came */
	struct attempt *older;	/* for the same pid, without settled ones */
	struct attempt *before; /* for the same pid, all; see `trusted` */
	struct attempt *next;	/* in order of the trace */
};

struct attempts {
	struct build *build;
	struct hashmap *by_pid;	  /* of the image to be */
	struct hashmap *of_shell; /* by the caller's pid: system, popen */
	struct hashmap *trusted;  /* by pid, when the trace has strangers */
	struct attempt *first, **end;
};

static const void *key_of_pid(const struct image *by, uint64_t pid)
{
	return (const void *)(uintptr_t)(by->boot << 48 ^ pid);
}

/* Only vfork's child and a spawn have a pid other than their caller's. */
static bool is_own_exec(const struct event *e)
{
	return e->kind == KT_EXEC && !e->vfork;
}

static bool is_shell_spawn(const struct event *e)
{
	return e->kind == KT_SPAWN && !e->has_child;
}

static uint64_t pid_made(const struct attempt *a)
{
	if (a->event->kind == KT_SPAWN)
		return a->event->has_child ? a->event->child : 0;
	return a->event->vfork ? a->event->pid : a->by->pid;
}

static uint64_t ppid_made(const struct attempt *a)
{
	return is_own_exec(a->event) ? a->by->ppid : a->by->pid;
}

/* The newest open attempt for `pid` in `map`. */
static struct attempt **newest(const struct attempts *all, struct hashmap *map,
			       const struct image *by, uint64_t pid)
{
	struct attempt **at;

	at = (struct attempt **)hashmap_slot(map, key_of_pid(by, pid),
					     owner_tag(all->build, by->owner));
	while (*at && (*at)->settled)
		*at = (*at)->older;
	return at;
}

static void add_for_strangers(struct attempts *all, struct attempt *a)
{
	struct attempt **at = (struct attempt **)hashmap_slot(
		all->trusted, key_of_pid(a->by, pid_made(a)), STR(""));

	a->before = *at;
	*at = a;
}

static void add_attempt(struct attempts *all, struct image *by,
			const struct event *e)
{
	struct attempt *a = TAKE(all->build->arena, struct attempt, 1);
	struct attempt **stack;

	a->event = e;
	a->by = by;
	stack = is_shell_spawn(e) ? newest(all, all->of_shell, by, by->pid)
				  : newest(all, all->by_pid, by, pid_made(a));
	a->older = *stack;
	*stack = a;
	if (all->build->trace->n_owners > 1 && !by->owner)
		add_for_strangers(all, a);
	*all->end = a;
	all->end = &a->next;
}

/* An exec-failed event names the last part of the path of its exec. */
static void settle_failed(struct attempts *all, const struct image *by,
			  const struct event *e)
{
	struct attempt *a =
		*newest(all, all->by_pid, by, e->vfork ? e->pid : by->pid);

	if (a && a->by == by && a->event->kind == KT_EXEC &&
	    (!e->path.len ||
	     str_eq(str_base(a->event->path), str_base(e->path))))
		a->settled = true;
}

static bool is_handed(const struct event *e)
{
	return !e->has_handed ||
	       (e->handed != KT_HANDED_NOT && e->handed != KT_HANDED_OFF);
}

bool is_traceable(const struct event *e)
{
	return is_handed(e) &&
	       (!e->has_target || e->target == KT_TARGET_DYNAMIC ||
		e->target == KT_TARGET_UNKNOWN);
}

/* A program with the recorder, killed before its first event, makes no image.
 */
static void settle_killed(struct attempts *all, const struct image *waiter,
			  const struct event *wait)
{
	struct attempt *a = *newest(all, all->by_pid, waiter, wait->child);

	if (wait->has_signal && a && is_traceable(a->event))
		a->settled = a->was_killed = true;
}

/* --- births --------------------------------------------------------------- */

static bool same_args(const struct event *a, const struct event *b)
{
	if (a->argc != b->argc || a->args.n != b->args.n)
		return false;
	for (size_t i = 0; i < a->args.n; i++)
		if (!str_eq(a->args.at[i], b->args.at[i]))
			return false;
	return true;
}

/* A script's name is among the first arguments of its interpreter. */
static bool names_program(const struct event *exec, const struct event *birth)
{
	struct str name = str_base(exec->path);

	if (str_eq(name, str_base(birth->exe)))
		return true;
	for (size_t i = 0; i < birth->args.n && i < 4; i++)
		if (str_eq(name, str_base(birth->args.at[i])))
			return true;
	return false;
}

static unsigned match_score(const struct attempt *a, const struct image *born)
{
	unsigned score = ppid_made(a) == born->ppid;

	if (same_args(a->event, born->birth))
		return score + 4;
	return score + 2 * names_program(a->event, born->birth);
}

/* Pids are used again, and each pid namespace counts from 1. Of the last 32
 * open attempts the best match is taken; of equal matches the newest. */
static struct attempt *best_match(struct attempt *newest_one,
				  const struct image *born)
{
	struct attempt *best = NULL;
	unsigned best_score = 0, tries = 32;

	for (struct attempt *a = newest_one; a && tries; a = a->older) {
		unsigned score;

		if (a->settled)
			continue;
		tries--;
		score = match_score(a, born);
		if (score > best_score) {
			best = a;
			best_score = score;
		}
	}
	return best;
}

/* A program which cannot load the recorder did not record this birth: a program
 * between the two did. Equal arguments prove otherwise (sudo, as root). */
static bool is_made_by(const struct attempt *a, const struct image *born)
{
	return is_traceable(a->event) ||
	       (a->event->target != KT_TARGET_STATIC &&
		match_score(a, born) > 1);
}

static void link_to_caller(struct image *image, struct attempt *a)
{
	a->settled = true;
	a->was_killed = false;
	image->parent = a->by;
	image->handover = a->event;
	image->hop = is_own_exec(a->event) ? HOP_EXEC : HOP_SPAWN;
}

static void link_birth(struct attempts *all, struct image *born,
		       const struct event *birth)
{
	struct attempt *a;

	if (born->birth != birth || born->events[0] != birth || born->parent ||
	    !str_eq(birth->by, STR("exec")))
		return;
	a = best_match(*newest(all, all->by_pid, born, born->pid), born);
	if (!a)
		a = best_match(*newest(all, all->of_shell, born, born->ppid),
			       born);
	if (a && is_made_by(a, born))
		link_to_caller(born, a);
}

/* --- births in a stranger's file -------------------------------------------
 */

/* True when a trusted user's exec may have made `born`: the exec names the user
 * of the new program, and the birth must be in this user's file. */
static bool vouches_for(const struct attempt *a, const struct image *born,
			uint64_t uid)
{
	return (!a->settled || a->was_killed) && pid_made(a) == born->pid &&
	       a->by->boot == born->boot && a->event->t <= born->born &&
	       uid_after_handover(a->event, a->by) == uid &&
	       is_made_by(a, born);
}

static struct attempt *best_voucher(struct attempts *all,
				    const struct image *born)
{
	uint64_t uid = all->build->trace->owners[born->owner].uid;
	struct attempt *best = NULL, *a;
	unsigned tries = 32, best_score = 0;

	a = hashmap_find(all->trusted, key_of_pid(born, born->pid), STR(""));
	for (; a && tries; a = a->before, tries--)
		if (vouches_for(a, born, uid) &&
		    match_score(a, born) > best_score) {
			best = a;
			best_score = match_score(a, born);
		}
	return best;
}

/* Called last: no stranger's birth takes the attempt of another birth. */
static void link_strangers(struct attempts *all)
{
	struct build *b = all->build;
	size_t n = b->model->n_images;

	for (size_t i = 0; i < n && b->trace->n_owners > 1; i++) {
		struct image *born = b->model->images[i];
		struct attempt *a;

		if (!born->owner || !born->birth || born->parent ||
		    born->events[0] != born->birth ||
		    !str_eq(born->birth->by, STR("exec")))
			continue;
		a = best_voucher(all, born);
		if (!a)
			continue;
		link_to_caller(born, a);
		add_user_change(b, born);
	}
}

/* --- images without a birth ----------------------------------------------- */

enum gap gap_of_handover(const struct event *e)
{
	if (e->has_handed && e->handed == KT_HANDED_OFF)
		return GAP_OPTED_OUT;
	switch (e->has_target ? e->target : KT_TARGET_UNKNOWN) {
	case KT_TARGET_STATIC:
		return GAP_STATIC;
	case KT_TARGET_OTHER_CLASS:
		return GAP_OTHER_CLASS;
	case KT_TARGET_OTHER_LIBC:
		return GAP_OTHER_LIBC;
	case KT_TARGET_SETUID:
		return GAP_SETUID;
	default:
		return is_handed(e) ? GAP_NO_TRACE : GAP_NO_LIBRARY;
	}
}

/* False for an exec of the image itself when the image recorded events
 * afterwards: the exec did not happen. */
static bool made_an_image(const struct attempt *a)
{
	const struct event *own;

	if (a->settled ||
	    (a->event->has_target && a->event->target == KT_TARGET_MISSING))
		return false;
	own = a->by->events[a->by->n_events - 1];
	return !is_own_exec(a->event) || own <= a->event;
}

static void add_unobserved(struct build *b, struct attempt *a)
{
	const struct event *e = a->event;
	uint64_t pid = pid_made(a);
	struct str id =
		arena_print(b->arena, "%llu.%llu", (unsigned long long)pid,
			    (unsigned long long)e->t);
	struct image *image = add_image(b, id, e);

	image->pid = pid;
	image->ppid = ppid_made(a);
	image->boot = a->by->boot;
	image->owner = a->by->owner;
	image->uid = a->by->uid;
	image->exe = e->path;
	image->cwd = a->by->cwd;
	image->command = join_arguments(b->arena, &e->args);
	image->gap = gap_of_handover(e);
	link_to_caller(image, a);
}

static bool is_failed_spawn(const struct event *e)
{
	return e->kind == KT_SPAWN && e->has_errno && e->error;
}

static void handle_event(struct attempts *all, struct image *by,
			 const struct event *e)
{
	switch (e->kind) {
	case KT_SPAWN:
	case KT_EXEC:
		if (!is_failed_spawn(e))
			add_attempt(all, by, e);
		return;
	case KT_EXEC_FAILED:
		settle_failed(all, by, e);
		return;
	case KT_WAIT:
		settle_killed(all, by, e);
		return;
	case KT_BIRTH:
		link_birth(all, by, e);
		return;
	default:
		return;
	}
}

void build_handovers(struct build *b)
{
	struct attempts all = {.build = b};
	size_t n = b->trace->n;

	all.by_pid = hashmap_new(b->arena);
	all.of_shell = hashmap_new(b->arena);
	all.trusted = hashmap_new(b->arena);
	all.end = &all.first;
	for (size_t i = 0; i < n; i++)
		if (b->event_image[i])
			handle_event(&all, b->event_image[i],
				     &b->trace->events[i]);
	link_strangers(&all);
	for (struct attempt *a = all.first; a; a = a->next)
		if (made_an_image(a))
			add_unobserved(b, a);
}
