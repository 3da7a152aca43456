/* Relief 8: `probe || { . ./.env; }`. The line of the shell that saw the
 * failure loads the file, and a later program finds the name. */
#include "diagnosis/end.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "model/place.h"
#include "diagnosis/evidence/child_ordinal.h"

enum { MOST_LOOKS = 256 };

static bool loads_after(const struct image *shell, const struct image *failed)
{
	struct str line = line_of_launch(failed);

	for (size_t i = 0; place_has_line(line) && i < shell->n_opens; i++)
		if (shell->opens[i]->t > failed->ended &&
		    reads_file(shell->opens[i]) &&
		    str_eq(shell->opens[i]->site, line))
			return true;
	return false;
}

static bool is_found_after(const struct reading *r, const struct image *shell)
{
	const struct variable *v = r->variable;

	for (size_t i = 0; i < v->n_readings && i < MOST_LOOKS; i++) {
		const struct reading *o = v->readings[i];

		if (model_found_value(o) && o->image->born > r->image->ended &&
		    !model_failed(o->image) && is_ancestor(shell, o->image))
			return true;
	}
	return false;
}

bool is_handled_by_shell(const struct reading *r, const struct asker *asker)
{
	const struct image *image = r->image, *shell = image->waiter;

	return asker->who == OWN_CODE && model_failed(image) && !image->raise &&
	       shell && is_shell(shell) && is_tolerated(image) &&
	       loads_after(shell, image) && is_found_after(r, shell);
}
