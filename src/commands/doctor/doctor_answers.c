#include "commands/doctor/doctor.h"

static struct check *append(struct checkup *c)
{
	struct check *made = TAKE(c->arena, struct check, 1);

	*c->end = made;
	c->end = &made->next;
	return made;
}

void checkup_add(struct checkup *c, enum answer answer, struct str what,
		 const char *advice)
{
	struct check *made = append(c);

	made->answer = answer;
	made->what = what;
	made->advice = str_of(advice);
}

void checkup_give_up(struct checkup *c, struct str what, const char *advice)
{
	checkup_add(c, ANSWER_NO, what, advice);
	c->hopeless = true;
}
