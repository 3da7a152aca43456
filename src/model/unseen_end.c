#include "model/unseen_end.h"

#include "model/still_running.h"

static const uint64_t APART = 2000000000; /* ns */

static bool is_tree_gone(const struct model *m, const struct image *root)
{
	for (size_t i = root->index; i < m->n_images; i++) {
		const struct image *image = m->images[i];

		if (image->root == root && image->observed && !image->ended &&
		    !model_is_gone_here(m, image))
			return false;
	}
	return true;
}

/* `image` is of the same boot and container as `of`, of which this machine can
 * tell. */
static bool lives(const struct model *m, const struct image *image,
		  const struct image *of)
{
	return !model_last_program(image)->ended && image->boot == of->boot &&
	       str_eq(image->birth->root, of->birth->root) &&
	       !model_is_gone_here(m, image);
}

bool has_ended_unseen(const struct model *m, const struct image *root,
		      const struct image *newer)
{
	if (!newer || newer == root || !newer->birth || !root->birth ||
	    !is_tree_gone(m, root))
		return false;
	return lives(m, newer, root) ||
	       (newer->born - root->born > APART &&
		str_eq(newer->birth->tty, root->birth->tty));
}
