#include "commands/doctor/doctor_settings.h"

#include <stdlib.h>
#include <unistd.h>

static void tell_place(struct checkup *c, const struct read_settings *s)
{
	if (s->is_off)
		checkup_add(c, ANSWER_PART,
			    STR("KEYTRAIL=off is set here: a preloaded "
				"recorder records nothing"),
			    "keytrail run turns it on for its command; without "
			    "the wrapper, unset it");
	else if (!s->is_refused && *s->dir)
		checkup_add(c, ANSWER_OK,
			    arena_print(c->arena,
					"with this KEYTRAIL, a preloaded "
					"recorder writes to %s",
					s->dir),
			    NULL);
	else if (!s->is_refused)
		checkup_add(c, ANSWER_PART,
			    STR("KEYTRAIL names no directory: a preloaded "
				"recorder writes where it does without "
				"KEYTRAIL"),
			    "name one: KEYTRAIL=dir=/path/of/trace");
	c->is_refused = s->is_refused && !s->is_off;
}

void check_variable(struct checkup *c)
{
	const char *text = getenv("KEYTRAIL");
	struct read_settings read;
	struct foreign_root root;
	char *cwd;

	if (!text)
		return;
	root = own_root(c->arena);
	cwd = getcwd(NULL, 0);
	read = check_settings(c, text, &root, cwd);
	tell_place(c, &read);
	free(cwd);
	close(root.fd);
}
