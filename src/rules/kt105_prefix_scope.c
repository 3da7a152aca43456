#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

static bool is_env(const struct image *image)
{
	return runtime_of(image)->id == RUNTIME_ENV;
}

static const struct image *exec_of(const struct image *image)
{
	const struct image *next = image->first_child;

	while (next && next->hop != HOP_EXEC)
		next = next->next_sibling;
	return next;
}

/* The command which a shell started by `child` (a fork or a spawn), without the
 * env in front. Null: no command was started. */
static const struct image *command_of(const struct image *child)
{
	const struct image *next = child;

	while (next && (next->hop == HOP_FORK || is_env(next)))
		next = exec_of(next);
	return next;
}

/* A command which got the name from the shell, started before `later`, which
 * did not. */
static const struct image *find_command_with(const struct image *shell,
					     const struct image *later,
					     struct str name)
{
	const struct value *value;
	size_t looks = 256;

	for (const struct image *c = shell->first_child; c && looks--;
	     c = c->next_sibling) {
		const struct image *command;

		if (model_hop_time(c) >= model_hop_time(later))
			return NULL;
		if (c->hop == HOP_EXEC ||
		    model_held(shell, name, model_hop_time(c), &value) ==
			    PRESENT)
			continue;
		command = command_of(c);
		if (command &&
		    model_inherited(command, name, &value) == PRESENT)
			return command;
	}
	return NULL;
}

/* The nearest such shell above the reader; *ret_command is the command which
 * got the name. */
static const struct image *find_shell(const struct reading *r,
				      const struct image **ret_command)
{
	size_t climbs = 64;

	for (const struct image *at = r->image; at->parent && climbs--;
	     at = at->parent) {
		const struct image *shell = at->parent;

		*ret_command = is_shell(shell) && shell->observed
				       ? find_command_with(shell, at, r->name)
				       : NULL;
		if (*ret_command)
			return shell;
	}
	return NULL;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct image *shell, *command;

	(void)m;
	if (r->outcome != READ_MISSED || r->later_set ||
	    r->loss->kind != LOST_NEVER_HELD)
		return false;
	shell = find_shell(r, &command);
	if (!shell)
		return false;
	set_culprit(ret, shell, NULL, r->image);
	ret->confidence = POSSIBLE; /* an unset looks the same */
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	const struct image *command = r->image;

	find_shell(r, &command);
	f->summary = arena_print(
		m->arena,
		"%.*s gave %.*s to one command, %.*s, and did not hold it for "
		"those after it",
		STR_FMT(process_in_sentence(m->arena, f->culprit)),
		STR_FMT(r->name),
		STR_FMT(process_in_sentence(m->arena, command)));
	f->fix = arena_print(
		m->arena,
		"write `export %.*s=...` on a line of its own, for "
		"`%.*s=... command` is for that command alone; if it is "
		"exported already, remove the `unset %.*s` after that command",
		STR_FMT(r->name), STR_FMT(r->name), STR_FMT(r->name));
}

const struct rule rule_kt105 = {"KT105", "prefix-scope", LOSS_ELSEWHERE,
				850,	 explains,	 describe};
