#include "diagnosis/evidence/files/subshell_file.h"

#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/printed_lines.h"
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

/* --- the tools of a substitution --------------------------------------------
 */

/* The last tool below the forked child for which `fits` is true; or null. */
static const struct image *find_tool(const struct image *child, unsigned depth,
				     bool (*fits)(const struct image *))
{
	const struct image *tool = program_of_fork(child), *found = NULL;

	if (tool)
		return fits(tool) ? tool : NULL;
	for (const struct image *c = child->first_child; c && depth;
	     c = c->next_sibling) {
		const struct image *below =
			c->hop == HOP_FORK ? find_tool(c, depth - 1, fits)
					   : NULL;

		found = below ? below : found;
	}
	return found;
}

static bool opens_file(const struct image *tool)
{
	return tool->n_opens;
}

static bool has_comment(struct loaded_file f)
{
	return f.by && f.variable->comment;
}

/* `$(grep -v '^#' .env | cut -d= -f1)`, `$(grep '^[A-Z]*=' .env)`: the text of
 * the tools has no value of the name. */
static struct subshell_file find_in_tools(const struct model *m,
					  const struct image *child,
					  struct str name, uint64_t until)
{
	enum { DEEPEST = 3 };
	const struct image *tool = find_tool(child, DEEPEST, opens_file);
	struct subshell_file found = {.fork = child->forked};

	if (!tool)
		return found;
	if (leaves_out_assignment(m->arena, tool, name))
		found.how = LEFT_OUT;
	else if (leaves_out_comments(tool) &&
		 has_comment(find_opened(m, tool, name, until)))
		found.how = LEFT_OUT_COMMENT;
	else if (find_tool(child, DEEPEST, prints_names_alone) &&
		 (prints_names_alone(tool) ||
		  prints_assignment(m->arena, tool, name)))
		found.how = LEFT_IN_NAMES;
	else
		return found;
	found.file = find_opened(m, tool, name, until);
	return found;
}

/* --- the shell --------------------------------------------------------------
 */

static struct subshell_file find_in_child(const struct model *m,
					  const struct image *shell,
					  const struct image *c,
					  struct str name, uint64_t until)
{
	const struct image *tool = program_of_fork(c);
	struct subshell_file found = {.fork = c->forked};

	if (is_forked_shell(c) && !was_given_to_program(c, name))
		found.file = find_opened(m, c, name, until);
	else if (tool && prints_assignment(m->arena, tool, name) &&
		 feeds_loop(shell, c, name)) {
		found.file = find_opened(m, tool, name, until);
		found.how = LEFT_IN_PIPE;
	}
	return found.file.by ? found : find_in_tools(m, c, name, until);
}

static struct subshell_file find_below(const struct model *m,
				       const struct image *shell,
				       const struct image *way, struct str name,
				       uint64_t until)
{
	struct subshell_file found = {.shell = NULL};

	for (const struct image *c = shell->first_child; c;
	     c = c->next_sibling) {
		struct subshell_file here;

		if (c == way || c->hop != HOP_FORK || model_hop_time(c) > until)
			continue;
		here = find_in_child(m, shell, c, name, until);
		if (!here.file.by)
			continue;
		found = here;
		found.shell = shell;
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
