#include "rules/rule.h"

#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/daemon_client.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/older_value.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

/* --- a client in another tree: tmux, PM2 ------------------------------------
 */

/* The client held the newer value when it had the reader started. */
static bool client_holds_newer(const struct reading *r,
			       const struct daemon_start *start)
{
	const struct value *held;

	return are_comparable(start->client, r->image) &&
	       model_held(start->client, r->name,
			  model_hop_time(start->started), &held) == PRESENT &&
	       is_newer_value(r, held);
}

/* --- an ancestor that started the daemon: a forkserver ----------------------
 */

/* The newer value was there before the reader began, and the daemon between
 * both was older than the change. */
static struct passed_change find_change_before_start(const struct reading *r)
{
	struct passed_change none = {NULL, NULL, NULL};
	struct passed_change found =
		find_passed_change(r, start_of_process(r->image));

	return found.change && found.started->pid != r->image->pid ? found
								   : none;
}

/* --- a file that was changed before the reader began ------------------------
 */

static struct loaded_file find_file_changed_before(const struct model *m,
						   const struct reading *r,
						   uint64_t *ret_changed)
{
	struct loaded_file none = {.by = NULL};
	struct loaded_file f = find_changed_file(m, r, ret_changed);

	return f.by && f.by->pid != r->image->pid &&
			       *ret_changed < start_of_process(r->image)
		       ? f
		       : none;
}

static bool explain_file(const struct model *m, const struct reading *r,
			 struct finding *ret)
{
	struct loaded_file f;
	uint64_t changed;

	f = find_file_changed_before(m, r, &changed);
	if (!f.by)
		return false;
	set_opening_culprit(ret, f.by, f.open);
	ret->newer_since = changed;
	ret->confidence = confidence_by_requests(r);
	return true;
}

/* The line to edit is the line that asked the daemon for the reader, with the
 * newer value, and not the line that started the daemon once. */
static void move_culprit_to_client(struct finding *f,
				   const struct image *client)
{
	struct str line = line_of_start(client);

	if (line.len)
		f->culprit_site = line;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct passed_change passed;
	struct daemon_start start;

	if (!model_found_value(r))
		return false;
	start = find_daemon_start(r, client_holds_newer);
	passed = find_change_before_start(r);
	if (start.client) {
		set_culprit(ret, start.daemon, NULL, start.started);
		move_culprit_to_client(ret, start.client);
		ret->is_meant = true;
		ret->newer_since = start.client->born;
	} else if (passed.change) {
		set_culprit(ret, passed.changer, passed.change, passed.started);
		ret->newer_since = passed.change->t;
	} else {
		return explain_file(m, r, ret);
	}
	ret->confidence = confidence_by_requests(r);
	return true;
}

static struct str who_has_newer(struct arena *a,
				const struct daemon_start *start,
				const struct passed_change *passed)
{
	if (start->client)
		return arena_print(
			a,
			"the command %.*s had a newer value, which the daemon "
			"(pid %llu) did not take",
			STR_FMT(name_of_service(a, start->client)),
			(unsigned long long)start->daemon->pid);
	return arena_print(a,
			   "%.*s is older than the change, and starts programs "
			   "with the value from before",
			   STR_FMT(process_in_sentence(a, passed->started)));
}

static void describe_file(const struct model *m, const struct reading *r,
			  struct finding *f)
{
	uint64_t changed;
	struct loaded_file file = find_file_changed_before(m, r, &changed);
	struct str line = line_of_file(m->arena, file.by, &file);

	say_culprit(m, r, f,
		    "loaded %.*s before the file was changed, and passes the "
		    "older value of %.*s on",
		    STR_FMT(line), STR_FMT(r->name));
	f->detail = arena_print(m->arena, "%.*s has a newer value now",
				STR_FMT(line));
	if (is_shell(file.by))
		set_own_fix(m, f,
			    "start %.*s again, or let it read %.*s anew before "
			    "each start of %.*s",
			    STR_FMT(process_in_short(m->arena, file.by)),
			    STR_FMT(place_in_words(m->arena, file.by,
						   file.file->path)),
			    STR_FMT(process_in_short(m->arena, r->image)));
}

static void describe_start(const struct model *m, const struct reading *r,
			   struct finding *f)
{
	struct daemon_start start = find_daemon_start(r, client_holds_newer);
	struct passed_change passed = find_change_before_start(r);

	if (start.client && has_line_of_culprit(f))
		say_culprit(m, r, f,
			    "uses the older value of %.*s, which the daemon "
			    "(pid %llu) keeps",
			    STR_FMT(r->name),
			    (unsigned long long)f->culprit->pid);
	else if (start.client)
		say_victim(m, f,
			   "reads an older value of %.*s, kept by the daemon "
			   "%.*s",
			   STR_FMT(r->name),
			   STR_FMT(name_of_service(m->arena, f->culprit)));
	else
		say_culprit(
			m, r, f,
			"changes %.*s after %.*s was started, which keeps the "
			"older value",
			STR_FMT(r->name),
			STR_FMT(process_in_short(m->arena, passed.started)));
	f->detail = who_has_newer(m->arena, &start, &passed);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (f->culprit_event && f->culprit_event->kind == KT_OPEN)
		describe_file(m, r, f);
	else
		describe_start(m, r, f);
	if (!f->has_own_fix)
		f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_STALE,
					r->name);
}

const struct rule rule_kt701 = {"KT701", "stale-daemon", LOSS_OTHER_VALUE,
				600,	 explains,	 describe};
