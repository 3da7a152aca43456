#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/sentence.h"
#include "model/process_name.h"
#include "shared/source_owner.h"

/* --- who had the reader started ------------------------------------------- */

/* The package of a script, or else the name of the program: `pm2` of the
 * client's node_modules/pm2/bin/pm2 and of the daemon's pm2/lib/Daemon.js. */
static struct str program_of(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++) {
		struct source_owner file;

		if (!args->at[i].len || args->at[i].at[0] == '-')
			continue;
		file = find_source_owner(args->at[i].at, args->at[i].len);
		if (file.owner == SOURCE_LIBRARY && file.package_len)
			return (struct str){file.package, file.package_len};
		break;
	}
	return str_base(image->exe);
}

static bool is_alive_at(const struct image *image, uint64_t t)
{
	return image->born <= t && (!image->ended || image->ended >= t);
}

/* A client of the daemon, in another tree, that held the name while the daemon
 * started what leads to the reader: tmux new-window, pm2 start. */
static bool is_client_with_value(const struct image *client,
				 const struct image *daemon, uint64_t started,
				 struct str name)
{
	return client->root != daemon->root && client->owner == daemon->owner &&
	       is_alive_at(client, started) &&
	       model_is_evidence(client, daemon) && holds_value(client, name) &&
	       str_eq(program_of(client), program_of(daemon));
}

static bool did_client_hold(const struct model *m, const struct reading *r)
{
	size_t climbs = 64;

	for (const struct image *at = r->image; at->parent && climbs--;
	     at = at->parent)
		for (size_t i = 0; i < m->n_images && i < 4096; i++)
			if (is_client_with_value(m->images[i], at->parent,
						 model_hop_time(at), r->name))
				return true;
	return false;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	if (!l || l->kind != LOST_NEVER_HELD || r->later_set ||
	    r->late_set.set || !model_holders(r->variable, r->image) ||
	    !find_holder_elsewhere(m, r))
		return false;
	set_culprit(ret, l->image, NULL, r->image);
	ret->is_meant = did_client_hold(m, r);
	ret->confidence = r->image->observed_from_root ? LIKELY : POSSIBLE;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str starter = process_in_sentence(m->arena, f->culprit);

	say_victim(m, f,
		   arena_print(m->arena,
			       "asks for %.*s; %.*s was started without it",
			       STR_FMT(r->name), STR_FMT(starter)));
	f->detail =
		arena_print(m->arena, "%.*s has it, and did not start this one",
			    STR_FMT(process_in_sentence(
				    m->arena, find_holder_elsewhere(m, r))));
	f->fix = arena_print(
		m->arena,
		"set %.*s where %.*s is started (its unit file, compose "
		"service or terminal), and start it again: a program that runs "
		"already gets no variable from another",
		STR_FMT(r->name), STR_FMT(starter));
}

const struct rule rule_kt102 = {"KT102", "separate-tree", LOSS_ELSEWHERE,
				890,	 explains,	  describe};
