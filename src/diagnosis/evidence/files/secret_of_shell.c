#include "diagnosis/evidence/files/secret_of_shell.h"

#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/files/subshell_file.h"
#include "model/place.h"

enum { MOST_LOOKS = 256 };

static bool is_secret(const struct loaded_file *f)
{
	return f->by && str_eq(f->file->file->syntax, STR("secret"));
}

static struct loaded_file find_opened(const struct model *m,
				      const struct image *by, struct str name,
				      uint64_t until)
{
	size_t looks = MOST_LOOKS;

	for (size_t i = by->n_opens; i-- && looks--;) {
		struct loaded_file f = file_of_open(m, by, by->opens[i], name);

		if (is_secret(&f) && f.open->t <= until &&
		    !is_changed_since(by, f.file, f.open->t))
			return f;
	}
	return (struct loaded_file){.by = NULL};
}

static struct str line_of_open(const struct event *open)
{
	return event_has_source_line(open) ? event_site(open)
					   : (struct str){NULL, 0};
}

/* $(cat FILE), $(tr -d '\n' <FILE). */
static bool is_tool_for_text(const struct image *tool)
{
	return str_is_listed(str_base(tool->exe), "cat tr sed");
}

static struct shell_secret find_below(const struct model *,
				      const struct image *, struct str name,
				      uint64_t until, unsigned depth);

/* The file that a forked part of the shell read, or the tool that the part
 * became. */
static struct shell_secret find_in_part(const struct model *m,
					const struct image *part,
					struct str name, uint64_t until,
					unsigned depth)
{
	const struct image *tool = program_of_fork(part);
	struct shell_secret found = {.shell = NULL};

	if (tool && !is_tool_for_text(tool))
		return found;
	found = find_below(m, part, name, until, depth);
	if (found.shell || !tool)
		return found;
	found.file = find_opened(m, tool, name, until);
	found.shell = found.file.by ? part : NULL;
	found.site = line_of_launch(tool);
	return found;
}

static struct shell_secret find_below(const struct model *m,
				      const struct image *shell,
				      struct str name, uint64_t until,
				      unsigned depth)
{
	struct shell_secret found = {
		.file = find_opened(m, shell, name, until)};

	if (found.file.by) {
		found.shell = shell;
		found.site = line_of_open(found.file.open);
		return found;
	}
	for (const struct image *c = shell->first_child; c && depth;
	     c = c->next_sibling) {
		struct shell_secret part = {.shell = NULL};

		if (c->hop == HOP_FORK && model_hop_time(c) <= until)
			part = find_in_part(m, c, name, until, depth - 1);
		if (part.shell)
			found = part;
	}
	return found;
}

struct shell_secret find_secret_of_shell(const struct model *m,
					 const struct reading *r)
{
	enum { DEEPEST = 4 };
	struct ancestor a =
		ancestor_above(ancestor_itself(r->image, UINT64_MAX));
	struct shell_secret found = {.shell = NULL};

	for (; a.image; a = ancestor_above(a)) {
		if (!is_shell(a.image) || a.image->hop == HOP_FORK)
			continue;
		found = find_below(m, a.image, r->name, a.until, DEEPEST);
		if (!found.shell)
			continue;
		found.shell =
			was_given_to_program(a.image, r->name) ? NULL : a.image;
		break;
	}
	return found;
}
