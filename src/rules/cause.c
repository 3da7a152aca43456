#include "rules/cause.h"

static struct str shortened(struct arena *a, struct str s)
{
	const size_t most = 80;

	if (s.len <= most)
		return s;
	for (s.len = most; s.len && (s.at[s.len] & 0xc0) == 0x80;)
		s.len--; /* not in the middle of a character */
	return arena_print(a, "%.*s...", STR_FMT(s));
}

static struct str last_part(struct str path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.at[i - 1] == '/')
			return (struct str){path.at + i, path.len - i};
	return path;
}

/* A command line less the directories of its program. */
static struct str less_directories(struct str command)
{
	const char *blank =
		command.len ? memchr(command.at, ' ', command.len) : NULL;
	struct str program = command;

	if (blank)
		program.len = (size_t)(blank - command.at);
	program = last_part(program);
	command.len -= (size_t)(program.at - command.at);
	command.at = program.at;
	return command;
}

struct str who(struct arena *a, const struct image *image)
{
	struct str name = less_directories(image->command);

	if (!name.len)
		name = last_part(image->exe);
	if (!name.len)
		name = STR("a process");
	name = shortened(a, name);
	if (!image->pid)
		return name;
	return arena_print(a, "%s%.*s (pid %llu)",
			   image->hop == HOP_THREAD ? "a worker thread of "
						    : "",
			   STR_FMT(name), (unsigned long long)image->pid);
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

static bool made_ready(const struct image *by, const struct image *beyond)
{
	return by->hop == HOP_FORK && by->parent && by != beyond &&
	       beyond->hop != HOP_THREAD && by->pid == beyond->pid;
}

static const struct image *answerable(const struct image *by,
				      const struct image *beyond)
{
	while (by != beyond && by->parent && runtime_of(by)->hides_traces) {
		beyond = by;
		by = by->parent;
	}
	if (!made_ready(by, beyond))
		return by;
	by = by->parent;
	while (by->hop == HOP_FORK && by->parent && only_forked(by))
		by = by->parent;
	return by;
}

void blame(struct finding *f, const struct image *by, const struct event *event,
	   const struct image *beyond)
{
	f->culprit = answerable(by, beyond);
	if (!event)
		return;
	if (by->handover && runtime_of(by)->hides_traces)
		event = by->handover;
	f->operation = event->fn.len ? event->fn : STR("environ");
	f->done = event;
	f->culprit_site = event_site(event);
}

bool blame_shape(const struct reading *r, uint32_t shapes, uint32_t less,
		 struct finding *ret)
{
	struct origin from;

	if (!r->value || !(r->value->is & shapes) || (r->value->is & less))
		return false;
	from = origin_of(r);
	blame(ret, from.image, from.event, from.next);
	ret->severity = r->outcome == READ_FOUND ? FAULT : WARNING;
	ret->existed = true;
	ret->confidence = from.image->observed ? CERTAIN : LIKELY;
	return true;
}

void tell_shape(const struct model *m, const struct reading *r,
		struct finding *f, const char *what, const char *fix)
{
	f->summary = arena_print(m->arena, "%.*s %s: it came in with %.*s",
				 STR_FMT(r->name), what,
				 STR_FMT(who(m->arena, f->culprit)));
	f->fix = str_of(fix);
}
