#include "diagnosis/evidence/subshell_file.h"

#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/printed_lines.h"
#include "runtimes/runtime.h"

enum { MOST_LOOKS = 256 };

static bool is_usable(const struct loaded_file *f, uint64_t until)
{
	return f->by && f->open->t <= until && is_env_file(f->file) &&
	       !is_changed_since(f->by, f->file, f->open->t);
}

static struct loaded_file find_opened(const struct model *m,
				      const struct image *by, struct str name,
				      uint64_t until)
{
	for (size_t i = 0; i < by->n_opens && i < MOST_LOOKS; i++) {
		struct loaded_file f = file_of_open(m, by, by->opens[i], name);

		if (is_usable(&f, until))
			return f;
	}
	return (struct loaded_file){.by = NULL};
}

const struct image *program_of_fork(const struct image *child)
{
	const struct image *c = child->first_child;

	while (c && c->hop != HOP_EXEC)
		c = c->next_sibling;
	return c;
}

static bool is_forked_shell(const struct image *child)
{
	return child->hop == HOP_FORK && is_shell(child) &&
	       !program_of_fork(child);
}

bool was_given_to_program(const struct image *shell, struct str name)
{
	for (const struct image *c = shell->first_child; c;
	     c = c->next_sibling) {
		const struct image *program = program_of_fork(c);

		if (holds_value(c, name) ||
		    (program && holds_value(program, name)))
			return true;
	}
	return false;
}

static uint64_t end_of(const struct image *tool)
{
	return model_has_ended(tool) ? tool->ended : tool->born;
}

/* The loop behind a pipe: a subshell, which the shell forked before the tool
 * had ended. */
static bool feeds_loop(const struct image *shell, const struct image *child,
		       struct str name)
{
	uint64_t forked = model_hop_time(child);
	const struct image *tool = program_of_fork(child);

	for (const struct image *c = shell->first_child; c; c = c->next_sibling)
		if (is_forked_shell(c) && !was_given_to_program(c, name) &&
		    !c->n_opens && model_hop_time(c) > forked &&
		    model_hop_time(c) <= end_of(tool))
			return true;
	return false;
}

static struct subshell_file find_below(const struct model *m,
				       const struct image *shell,
				       const struct image *way, struct str name,
				       uint64_t until)
{
	struct subshell_file found = {.shell = NULL};

	for (const struct image *c = shell->first_child; c;
	     c = c->next_sibling) {
		const struct image *tool = program_of_fork(c);
		struct loaded_file file = {.by = NULL};

		if (c == way || c->hop != HOP_FORK || model_hop_time(c) > until)
			continue;
		if (is_forked_shell(c) && !was_given_to_program(c, name))
			file = find_opened(m, c, name, until);
		else if (tool && prints_assignment(m->arena, tool, name) &&
			 feeds_loop(shell, c, name))
			file = find_opened(m, tool, name, until);
		if (file.by)
			found = (struct subshell_file){shell, c->forked, file,
						       file.by == tool};
	}
	return found;
}

struct subshell_file find_file_of_subshell(const struct model *m,
					   const struct reading *r)
{
	struct ancestor a = ancestor_itself(r->image, UINT64_MAX);
	struct subshell_file found = {.shell = NULL};
	const struct image *way = NULL;

	for (; a.image && !found.shell; a = ancestor_above(a)) {
		if (a.image != r->image && is_shell(a.image) &&
		    runtime_script(a.image).len)
			found = find_below(m, a.image, way, r->name, a.until);
		way = a.image;
	}
	return found;
}
