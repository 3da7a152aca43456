#include "rules/rule.h"

#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/loaded_file.h"
#include "diagnosis/evidence/sentence.h"

enum { MOST_CLIMBS = 64 };

static bool is_read_by_shell(const struct reading *r,
			     const struct loaded_file *f)
{
	(void)r;
	return is_shell(f->by);
}

/* A shell above the reader whose command line assigns the name, on a line of
 * its own and without an export. */
static const struct image *find_assigning_shell(const struct reading *r)
{
	size_t climbs = MOST_CLIMBS;

	for (const struct image *at = r->image->parent; at && climbs--;
	     at = at->parent)
		if (is_shell(at) && at->hop != HOP_FORK &&
		    arguments_set_for_shell(at, r->name))
			return at;
	return NULL;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct image *shell;
	struct loaded_file f;

	if (!was_never_held(r))
		return false;
	f = find_loaded_file(m, r, is_read_by_shell);
	shell = f.by ? f.by : find_assigning_shell(r);
	if (!shell)
		return false;
	set_opening_culprit(ret, shell, f.open);
	ret->confidence = f.by ? LIKELY : CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct loaded_file file = find_loaded_file(m, r, is_read_by_shell);

	if (!file.by) {
		say_culprit(m, r, f, "assigns %.*s and does not export it",
			    STR_FMT(r->name));
		f->fix = arena_print(m->arena,
				     "write `export %.*s=...`: an assignment "
				     "alone makes a variable of the shell",
				     STR_FMT(r->name));
		return;
	}
	say_culprit(m, r, f, "reads %.*s and does not export %.*s",
		    STR_FMT(line_of_file(m->arena, file.by, &file)),
		    STR_FMT(r->name));
	f->fix = arena_print(m->arena,
			     "`set -a` before the file is read and `set +a` "
			     "after it, or `export %.*s` behind it: an "
			     "assignment alone makes a variable of the shell",
			     STR_FMT(r->name));
}

const struct rule rule_kt104 = {"KT104", "not-exported", LOSS_SEEN,
				820,	 explains,	 describe};
