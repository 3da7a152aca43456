#include "diagnosis/evidence/child_ordinal.h"

#include "runtimes/runtime.h"

bool is_shell(const struct image *image)
{
	return runtime_of(image)->id == RUNTIME_SHELL;
}

/* False for a forked child which never became a program: the child is a part of
 * the script. */
static bool became_program(const struct image *child)
{
	const struct image *c = child->first_child;

	if (child->hop != HOP_FORK)
		return child->hop != HOP_THREAD;
	while (c && c->hop != HOP_EXEC)
		c = c->next_sibling;
	return c;
}

/* True for a forked child which started programs itself: the script started
 * these programs too, but their order among the rest is not known. */
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

/* The child of `shell` on the way to `image`, or null. */
static const struct image *child_on_way(const struct image *shell,
					const struct image *image)
{
	size_t climbs = 64;

	while (image && image->parent != shell && climbs--)
		image = image->parent;
	return image && image->parent == shell ? image : NULL;
}

struct str position_in_shell(const struct model *m, const struct image *shell,
			     const struct image *started)
{
	size_t all = 0, nth = 0;

	started = child_on_way(shell, started);
	if (!started || started->hop == HOP_EXEC || shell->hop == HOP_FORK ||
	    !is_shell(shell) || trace_lost(m->trace, shell->owner))
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
	return arena_print(m->arena, ", the %.*s program that it starts,",
			   STR_FMT(ordinal(m->arena, nth)));
}
