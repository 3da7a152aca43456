#include "rules/rule.h"

#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "shared/source_owner.h"

/* As root, sudo and the like gain no rights: the recorder sees the loss. */
static bool is_observed_loss(const struct loss *l, struct finding *ret)
{
	if (l->kind != LOST_AT_HANDOVER && l->kind != LOST_CLEARED &&
	    l->kind != LOST_UNSET)
		return false;
	set_culprit(ret, l->image, l->event, l->receiver);
	ret->confidence = l->event ? CERTAIN : POSSIBLE;
	return runtime_leads(ret->culprit) == LEADS_TO_USER;
}

static bool is_unobserved_loss(const struct reading *r, struct finding *ret)
{
	if (!is_lost_in_unobserved(r) || !changes_rights(r->loss->image))
		return false;
	set_culprit(ret, r->loss->image, NULL, r->loss->receiver);
	ret->confidence = LIKELY;
	return true;
}

/* The program in the arguments of sudo, doas or pkexec; len 0: not known. */
static struct str started_program(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++) {
		struct str arg = args->at[i];

		if (arg.len && arg.at[0] == '-')
			i += str_is_listed(arg, "-u -g -h -p -C -D -R -T -U -r "
						"-t --user --group --chdir");
		else if (!arg.len || !memchr(arg.at, '=', arg.len))
			return arg;
	}
	return (struct str){NULL, 0};
}

static bool is_of_tools(struct str path)
{
	if (!memchr(path.at, '/', path.len))
		return true; /* sudo looks for it in directories of tools */
	return find_source_owner(path.at, path.len).owner == SOURCE_TOOL;
}

/* A tool that runs no script of the user's: apt-get, systemctl. */
static bool starts_tool(const struct image *image)
{
	struct str program = started_program(image);

	if (!program.len || !is_of_tools(program))
		return false;
	switch (runtime_of_program(program)->id) {
	case RUNTIME_OTHER:
	case RUNTIME_DOCKER:
	case RUNTIME_KUBECTL:
	case RUNTIME_NGINX:
	case RUNTIME_SYSTEMD_RUN:
	case RUNTIME_CRONTAB:
		return true;
	default:
		return false;
	}
}

/* su and runuser -c, and sudo -s or -i: a shell, and what it runs. */
static bool starts_shell(const struct image *image)
{
	enum runtime_id id = runtime_of(image)->id;
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (str_is_listed(args->at[i], "-s -i -c --shell --login"))
			return true;
	return id == RUNTIME_SU || id == RUNTIME_RUNUSER;
}

/* The program started with other rights was not seen at all. */
static bool is_possible_loss(const struct reading *r, struct finding *ret)
{
	const struct image *image = r->image;

	if (!is_external_launch(r) || runtime_leads(image) != LEADS_TO_USER ||
	    !runtime_starts_new_environment(image) ||
	    arguments_mention(image, r->name))
		return false;
	set_culprit(ret, image, NULL, image);
	ret->is_note_unless_given = !starts_shell(image) && starts_tool(image);
	ret->confidence = POSSIBLE;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (!r->loss)
		return false;
	if (is_possible_loss(r, ret))
		return true;
	return is_observed_loss(r->loss, ret) || is_unobserved_loss(r, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str started = STR("its program");

	if (!is_external_launch(r))
		started = started_in_words(m->arena, f, r->loss->receiver);
	say_culprit(m, r, f, "starts %.*s without %.*s", STR_FMT(started),
		    STR_FMT(names_of(m->arena, f)));
	f->detail = arena_print(
		m->arena,
		"%.*s had it; with another user goes another environment%s",
		STR_FMT(str_base(f->culprit->exe)),
		is_external_launch(r) ? ", unless it is told otherwise" : "");
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_BEYOND, r->name);
}

const struct rule rule_kt204 = {
	"KT204", "privilege-boundary", LOSS_SEEN, 200, explains, describe};
