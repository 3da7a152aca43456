#include "diagnosis/evidence/culprit.h"

static struct str shortened(struct arena *a, struct str s)
{
	const size_t most = 80;

	if (s.len <= most)
		return s;
	for (s.len = most; s.len && (s.at[s.len] & 0xc0) == 0x80;)
		s.len--; /* not in the middle of a character */
	return arena_print(a, "%.*s...", STR_FMT(s));
}

/* A command line less the directories of its program. */
static struct str less_directories(struct str command)
{
	const char *blank =
		command.len ? memchr(command.at, ' ', command.len) : NULL;
	struct str program = command;

	if (blank)
		program.len = (size_t)(blank - command.at);
	program = str_base(program);
	command.len -= (size_t)(program.at - command.at);
	command.at = program.at;
	return command;
}

struct str process_in_sentence(struct arena *a, const struct image *image)
{
	struct str name = less_directories(image->command);

	if (!name.len)
		name = str_base(image->exe);
	if (!name.len)
		name = STR("a process");
	name = shortened(a, name);
	if (!image->pid)
		return name;
	return arena_print(a, "%s%.*s (pid %llu%.*s)",
			   image->hop == HOP_THREAD ? "a worker thread of "
						    : "",
			   STR_FMT(name), (unsigned long long)image->pid,
			   STR_FMT(model_user(a, image)));
}

/* daemon() forks twice: the one in between did nothing of its own. */
static bool only_forked(const struct image *image)
{
	if (!image->first_child || image->first_child->next_sibling)
		return false;
	for (size_t i = 0; i < image->n_events; i++) {
		enum kt_event kind = image->events[i]->kind;

		if (kind != KT_BIRTH && kind != KT_FORK && kind != KT_EXIT)
			return false;
	}
	return true;
}

static bool made_ready(const struct image *by, const struct image *receiver)
{
	return by->hop == HOP_FORK && by->parent && by != receiver &&
	       receiver->hop != HOP_THREAD && by->pid == receiver->pid;
}

static const struct image *answerable(const struct image *by,
				      const struct image *receiver)
{
	while (by != receiver && by->parent &&
	       runtime_of(by)->runs_parents_exec) {
		receiver = by;
		by = by->parent;
	}
	if (!made_ready(by, receiver))
		return by;
	by = by->parent;
	while (by->hop == HOP_FORK && by->parent && only_forked(by))
		by = by->parent;
	return by;
}

void set_culprit(struct finding *f, const struct image *by,
		 const struct event *event, const struct image *receiver)
{
	f->culprit = answerable(by, receiver);
	f->culprit_site = runtime_script(f->culprit);
	if (!event)
		return;
	if (by->handover && runtime_of(by)->runs_parents_exec)
		event = by->handover;
	f->operation = event->fn.len ? event->fn : STR("environ");
	f->culprit_event = event;
	if (!f->culprit_site.len || event_has_source_line(event))
		f->culprit_site = event_site(event);
}

void set_late_culprit(const struct reading *r, struct finding *ret)
{
	const struct image *started = r->late_set.started;
	const struct event *by = started->handover ? started->handover
				 : started->forked ? started->forked
						   : started->birth;

	set_culprit(ret, r->late_set.setter, by, started);
}

void describe_late_set(const struct model *m, const struct reading *r,
		       struct finding *f, struct str started)
{
	struct str site = str_base(event_site(r->late_set.set));

	f->summary =
		arena_print(m->arena, "%.*s %.*s before it set %.*s%s%.*s",
			    STR_FMT(process_in_sentence(m->arena, f->culprit)),
			    STR_FMT(started), STR_FMT(r->name),
			    site.len ? " at " : "", STR_FMT(site));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_LATE, r->name);
}

bool is_shell(const struct image *image)
{
	return runtime_of(image) == runtime_of_program(STR("sh"));
}

/* A child that the shell forked and that never became a program is a part of
 * it. */
static bool became_program(const struct image *child)
{
	const struct image *c = child->first_child;

	if (child->hop != HOP_FORK)
		return child->hop != HOP_THREAD;
	while (c && c->hop != HOP_EXEC)
		c = c->next_sibling;
	return c;
}

/* What it starts is the script's too, and in no order with the rest. */
static bool is_subshell(const struct image *child)
{
	const struct image *c = child->first_child;

	while (c && c->hop == HOP_EXEC)
		c = c->next_sibling;
	return child->hop == HOP_FORK && c;
}

/* "1st", "2nd", "3rd", "4th", "11th" */
static struct str ordinal(struct arena *a, size_t n)
{
	static const char *const endings[] = {"th", "st", "nd", "rd"};
	size_t last = n % 100 / 10 == 1 ? 0 : n % 10;

	return arena_print(a, "%zu%s", n, endings[last < 4 ? last : 0]);
}

struct str position_in_shell(const struct model *m, const struct image *shell,
			     const struct image *started)
{
	size_t all = 0, nth = 0, climbs = 64;

	while (started && started->parent != shell && climbs--)
		started = started->parent;
	if (!started || started->parent != shell || started->hop == HOP_EXEC ||
	    shell->hop == HOP_FORK || !is_shell(shell) ||
	    trace_lost(m->trace, shell->owner))
		return STR("");
	for (const struct image *c = shell->first_child; c;
	     c = c->next_sibling) {
		if (is_subshell(c) && !nth)
			return STR("");
		all += c->hop != HOP_EXEC && became_program(c);
		if (c == started)
			nth = all;
	}
	if (all < 2 || !nth)
		return STR("");
	return arena_print(m->arena, ", the %.*s program that it started,",
			   STR_FMT(ordinal(m->arena, nth)));
}

bool explain_by_shape(const struct reading *r, uint32_t shapes, uint32_t less,
		      struct finding *ret)
{
	struct origin from;

	if (!r->value || !(r->value->is & shapes) || (r->value->is & less))
		return false;
	from = find_origin(r);
	set_culprit(ret, from.image, from.event, from.next);
	ret->severity = r->outcome == READ_FOUND ? FAULT : WARNING;
	ret->held_upstream = true;
	ret->confidence = from.image->observed ? CERTAIN : LIKELY;
	return true;
}

void describe_shape(const struct model *m, const struct reading *r,
		    struct finding *f, const char *what, const char *fix)
{
	f->summary = arena_print(
		m->arena, "%.*s %s: it came in with %.*s", STR_FMT(r->name),
		what, STR_FMT(process_in_sentence(m->arena, f->culprit)));
	f->fix = str_of(fix);
}
