#include "commands/event_variables.h"

#include "base/nearest.h"
#include "base/shell_word.h"
#include "commands/command.h"

void event_each_name(const struct event *e,
		     void (*take)(void *context, struct str name),
		     void *context)
{
	const struct values *const lists[] = {&e->env, &e->lost, &e->had};

	if (e->name.len)
		take(context, e->name);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			take(context, lists[i]->at[k].name);
	for (size_t i = 0; i < e->credentials.n; i++)
		if (e->credentials.at[i].name.len)
			take(context, e->credentials.at[i].name);
}

bool is_one_of(struct str name, const struct texts *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(name, str_of(names->at[i])))
			return true;
	return false;
}

struct search {
	const struct texts *names;
	bool found;
};

static void compare(void *context, struct str name)
{
	struct search *s = context;

	s->found = s->found || is_one_of(name, s->names);
}

bool event_has_name(const struct event *e, const struct texts *names)
{
	struct search s = {names, false};

	event_each_name(e, compare, &s);
	return s.found;
}

struct nearness {
	struct arena *arena;
	struct nearest nearest;
};

static void try_name(void *context, struct str name)
{
	struct nearness *n = context;

	nearest_try(&n->nearest,
		    arena_print(n->arena, "%.*s", STR_FMT(name)).at);
}

static bool refuse(struct arena *arena, const char *command, const char *name,
		   const struct trace *t)
{
	struct nearness n = {arena, {.misspelt = name}};

	for (size_t i = 0; i < t->n; i++)
		event_each_name(&t->events[i], try_name, &n);
	if (n.nearest.word)
		complain(arena,
			 "%s: the trace has nothing on %s: did you mean %s?",
			 command, name, n.nearest.word);
	else
		complain(arena,
			 "%s: the trace has nothing on %s; record with "
			 "keytrail run -w %s",
			 command, name, shell_word(arena, name));
	return false;
}

bool names_are_in_trace(struct arena *arena, const char *command,
			const struct texts *names, const struct trace *t)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct texts one = {names->at + i, 1};
		size_t k = 0;

		while (k < t->n && !event_has_name(&t->events[k], &one))
			k++;
		if (k == t->n)
			return refuse(arena, command, names->at[i], t);
	}
	return true;
}
