#include "diagnosis/evidence/value_command.h"

#include "diagnosis/evidence/culprit.h"

enum { DEEPEST = 4 };

struct search {
	struct str name, line;
	struct value_command failed;
};

static bool gives(const struct search *s, const struct event *e)
{
	return e && str_eq(line_of_change(e, s->name), s->line);
}

static bool is_below(const struct image *image, const struct image *part)
{
	while (image && image != part)
		image = image->parent;
	return image;
}

/* The last command of a part of the shell needs no fork of its own: the fork is
 * older than the commands before. */
static uint64_t begin_of(const struct image *image, const struct image *after)
{
	const struct image *part = image->parent;

	return part && part->hop == HOP_FORK && !is_below(after, part)
		       ? model_hop_time(part)
		       : model_hop_time(image);
}

/* A command which began after the failed command had ended, and ended well, was
 * the last word: `cat FILE || cat OTHER`. Parts of a pipe begin together. */
static void take(struct search *s, const struct image *image, bool is_program)
{
	const struct image *failed = s->failed.image;

	if (!image->has_status)
		return;
	if (image->status)
		s->failed = (struct value_command){image, is_program};
	else if (failed && begin_of(image, failed) > failed->ended)
		s->failed.image = NULL;
}

static void search_below(struct search *s, const struct image *part,
			 unsigned depth)
{
	for (const struct image *c = part->first_child; c && depth;
	     c = c->next_sibling) {
		if (c->hop == HOP_FORK)
			search_below(s, c, depth - 1);
		else if (gives(s, c->handover))
			take(s, c, true);
	}
}

static void search_shell(struct search *s, const struct image *shell,
			 uint64_t until)
{
	for (const struct image *c = shell->first_child; c;
	     c = c->next_sibling) {
		if (c->hop != HOP_FORK || model_hop_time(c) >= until)
			continue;
		search_below(s, c, DEEPEST);
		if (gives(s, c->forked))
			take(s, c, false);
	}
}

struct value_command find_failed_value_command(const struct image *shell,
					       const struct event *change,
					       struct str name)
{
	struct search s = {.name = name, .line = line_of_change(change, name)};

	if (!s.line.len)
		return s.failed;
	search_shell(&s, shell, change->t);
	for (; shell->hop == HOP_FORK && shell->parent && !s.failed.image;
	     shell = shell->parent)
		search_shell(&s, shell->parent, change->t);
	return s.failed;
}

struct str file_of_value_command(const struct value_command *c)
{
	const struct strs *args = model_arguments(c->image);
	struct str last = {NULL, 0};

	if (!c->is_program || args->n < 2 ||
	    !str_is_listed(str_base(c->image->exe),
			   "cat head tail base64 tr sed"))
		return last;
	last = args->at[args->n - 1];
	return last.len && *last.at == '/' ? last : (struct str){NULL, 0};
}
