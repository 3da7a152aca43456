#include "diagnosis/evidence/culprit.h"
#include "rules/rule.h"

/* Clients that start a program on another machine, in a container or under a
 * service manager. `at` is not among them: its job keeps the environment. */
static const struct client {
	const char *program; /* a runtime's name */
	const char *verbs;   /* the subcommands that start one, or "" */
	const char *only;    /* ... only with one of these arguments, or "" */
	const char
		*innocent; /* ... not with one of these: they carry the
			      variable, or nothing that wants it runs there */
	int64_t own;	   /* the status by which it tells its own failure */
	bool waits;	   /* it ends as what it started ended */
} clients[] = {
	{"docker", "run exec create", "", "compose --env-file --env-host", 125,
	 true},
	{"kubectl", "run exec debug", "", "", 0, true},
	{"ssh", "", "",
	 "-oSendEnv SendEnv -oSetEnv SetEnv git-upload-pack git-receive-pack "
	 "git-upload-archive rsync scp sftp -N -V",
	 255, true},
	{"srun", "", "--export", "--export=ALL ALL", 0, true},
	{"mpirun", "",
	 "-H -host --host -hostfile --hostfile -machinefile --machinefile",
	 "-genvall -envall", 0, true},
	{"systemd-run", "", "", "--scope -V --version", 0, false},
	{"crontab", "", "", "-l -r -e", 0, false},
};

static const struct client *client_of(const struct image *image)
{
	const char *name = runtime_of(image)->name;

	for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
		if (!strcmp(clients[i].program, name))
			return &clients[i];
	return NULL;
}

static bool has_verb(const struct client *c, const struct image *image)
{
	const struct strs *args = image_arguments(image);
	struct str verbs = str_of(c->verbs);

	for (size_t i = 1; i < args->n; i++) {
		const char *at = NULL, *end;

		if (args->at[i].len)
			at = memmem(verbs.at, verbs.len, args->at[i].at,
				    args->at[i].len);
		end = at ? at + args->at[i].len : NULL;
		if (at && (at == verbs.at || at[-1] == ' ') &&
		    (!*end || *end == ' '))
			return true;
	}
	return !verbs.len;
}

/* The arguments were told whole: at most 16 are. */
static bool is_told_whole(const struct image *image)
{
	const struct event *e = image->birth ? image->birth : image->handover;

	return e && e->argc == e->args.n;
}

static bool starts_something(const struct client *c, const struct image *image)
{
	return image_arguments(image)->n > 1 && has_verb(c, image) &&
	       (!*c->only || has_argument(image, c->only)) &&
	       !has_argument(image, c->innocent);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct client *client;

	(void)m;
	client = is_external_launch(r) ? client_of(r->image) : NULL;
	if (!client || !starts_something(client, r->image) ||
	    arguments_mention(r->image, r->name))
		return false;
	set_culprit(ret, r->image, NULL, r->image);
	ret->severity = ret->severity_if_no_failure =
		client->waits ? FAULT : WARNING;
	if (!is_told_whole(r->image) ||
	    (client->own && r->image->status == client->own))
		ret->severity = ret->severity_if_no_failure = NOTE;
	ret->confidence = POSSIBLE;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	f->summary = arena_print(
		m->arena,
		"%.*s held %.*s; what it started elsewhere was not given it",
		STR_FMT(process_in_sentence(m->arena, f->culprit)),
		STR_FMT(r->name));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_BEYOND, r->name);
}

const struct rule rule_kt206 = {"KT206", "not-handed-over", 220, explains,
				describe};
