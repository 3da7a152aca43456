#include "diagnosis/evidence/culprit.h"
#include "rules/rule.h"

/* As root these programs gain no rights, and are seen to do it. */
static bool was_seen(const struct loss *l, struct finding *ret)
{
	if (l->kind != LOST_AT_HANDOVER && l->kind != LOST_CLEARED &&
	    l->kind != LOST_UNSET)
		return false;
	set_culprit(ret, l->image, l->event, l->receiver);
	ret->confidence = l->event ? CERTAIN : POSSIBLE;
	return runtime_leads(ret->culprit) == LEADS_TO_USER;
}

static bool was_within(const struct reading *r, struct finding *ret)
{
	if (!is_lost_in_unobserved(r) || !changes_rights(r->loss->image))
		return false;
	set_culprit(ret, r->loss->image, NULL, r->loss->receiver);
	ret->confidence = LIKELY;
	return true;
}

/* `su -`, `su - USER` */
static bool has_dash(const struct image *image)
{
	const struct strs *args = image_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (str_eq(args->at[i], STR("-")))
			return true;
	return false;
}

/* sudo -E, sudo -nE */
static bool has_letter_e(const struct image *image)
{
	const struct strs *args = image_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (args->at[i].len > 1 && args->at[i].at[0] == '-' &&
		    args->at[i].at[1] != '-' &&
		    memchr(args->at[i].at, 'E', args->at[i].len))
			return true;
	return false;
}

/* Do its arguments say that it begins a new environment? The configuration of
 * sudo and doas may say otherwise. */
static bool begins_anew(const struct image *image)
{
	const char *name = runtime_of(image)->name;

	if (!strcmp(name, "sudo"))
		return !has_letter_e(image) &&
		       !has_argument(image, "--preserve-env");
	if (!strcmp(name, "su") || !strcmp(name, "runuser"))
		return has_argument(image, "-l --login") || has_dash(image);
	return true;
}

/* What it started was not seen at all. */
static bool may_have_been(const struct reading *r, struct finding *ret)
{
	const struct image *image = r->image;

	if (!is_external_launch(r) || runtime_leads(image) != LEADS_TO_USER ||
	    !begins_anew(image) || arguments_mention(image, r->name))
		return false;
	set_culprit(ret, image, NULL, image);
	ret->severity_if_no_failure = WARNING;
	ret->confidence = POSSIBLE;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (!r->loss)
		return false;
	ret->severity = FAULT;
	if (may_have_been(r, ret))
		return true;
	ret->held_upstream = true;
	return was_seen(r->loss, ret) || was_within(r, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str culprit = process_in_sentence(m->arena, f->culprit);

	if (is_external_launch(r))
		f->summary = arena_print(
			m->arena,
			"%.*s was given %.*s, and starts programs without it, "
			"unless it is told otherwise",
			STR_FMT(culprit), STR_FMT(r->name));
	else
		f->summary =
			arena_print(m->arena,
				    "%.*s was given %.*s, and started %.*s "
				    "without it",
				    STR_FMT(culprit), STR_FMT(r->name),
				    STR_FMT(process_in_sentence(
					    m->arena, r->loss->receiver)));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_BEYOND, r->name);
}

const struct rule rule_kt204 = {"KT204", "privilege-boundary", 200, explains,
				describe};
