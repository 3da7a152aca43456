#include "diagnosis/evidence/daemon_client.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "model/place.h"
#include "model/process_name.h"

enum { MOST_CLIMBS = 64, MOST_LOOKS = 4096 };

/* Clients with a name of their own: rows of data. */
static bool is_client_program(struct str client, struct str daemon)
{
	static const char *const pairs[][2] = {{"supervisorctl", "supervisord"},
					       {"emacsclient", "emacs"},
					       {"bazelisk", "bazel"},
					       {"overmind", "tmux"}};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (str_eq(client, str_of(pairs[i][0])) &&
		    str_eq(daemon, str_of(pairs[i][1])))
			return true;
	return str_eq(client, daemon);
}

/* A client may send its request and leave: screen's does. */
static bool may_have_asked_at(const struct image *image, uint64_t t)
{
	const uint64_t second = 1000000000;

	return image->born <= t &&
	       (!image->ended || image->ended + second >= t);
}

/* A shell and an interpreter run anything: two of the same name are not one
 * service. */
bool is_service(const struct image *image)
{
	return !is_interpreter(image->program) &&
	       !str_is_listed(image->program,
			      "ash fish env make npm dotenv dotenvx env-cmd");
}

/* A fork on the way to another program asks for nothing. */
static bool is_fork_before_exec(const struct image *image)
{
	if (image->hop != HOP_FORK)
		return false;
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (c->hop == HOP_EXEC)
			return true;
	return false;
}

static bool is_other_client(const struct image *client,
			    const struct image *daemon, uint64_t started)
{
	return is_client_program(client->program, daemon->program) &&
	       client->owner == daemon->owner &&
	       may_have_asked_at(client, started) &&
	       model_is_evidence(client, daemon) &&
	       client->pid != daemon->pid && !is_ancestor(daemon, client) &&
	       !is_fork_before_exec(client);
}

static bool is_client(const struct image *client, const struct image *daemon,
		      uint64_t started)
{
	return is_other_client(client, daemon, started) &&
	       !is_ancestor(client, daemon);
}

bool may_have_started(const struct image *client, const struct image *daemon,
		      uint64_t started)
{
	bool is_outlived = client->ended &&
			   (!daemon->ended || daemon->ended > client->ended);

	return daemon && is_service(daemon) &&
	       is_other_client(client, daemon, started) &&
	       (!is_ancestor(client, daemon) || is_outlived);
}

bool is_client_of_daemon(const struct image *client, const struct image *daemon,
			 uint64_t started)
{
	return daemon && is_service(daemon) &&
	       is_client(client, daemon, started);
}

struct daemon_start find_daemon_start(const struct reading *r,
				      bool (*fits)(const struct reading *,
						   const struct daemon_start *))
{
	const struct variable *v = r->variable;
	size_t climbs = MOST_CLIMBS;

	for (const struct image *at = r->image; at->parent && climbs--;
	     at = at->parent) {
		if (at->parent->pid == at->pid || !is_service(at->parent))
			continue;
		for (size_t i = 0; i < v->n_held_by && i < MOST_LOOKS; i++) {
			struct daemon_start start = {at->parent, at,
						     v->held_by[i]};

			if (is_client(start.client, start.daemon,
				      model_hop_time(at)) &&
			    fits(r, &start))
				return start;
		}
	}
	return (struct daemon_start){NULL, NULL, NULL};
}

struct str line_of_client(struct arena *a, const struct image *client)
{
	struct str line =
		client ? line_of_start(client) : (struct str){NULL, 0};

	return place_has_line(line) ? place_in_words(a, client, line)
				    : (struct str){NULL, 0};
}

/* --- at ---------------------------------------------------------------------
 */

static const struct image *find_at_daemon(const struct image *reader)
{
	size_t climbs = MOST_CLIMBS;

	for (; reader && climbs--; reader = reader->parent)
		if (str_eq(reader->program, STR("atd")))
			return reader;
	return NULL;
}

struct str line_of_job(const struct model *m, const struct image *reader)
{
	const struct image *daemon = find_at_daemon(reader);
	struct str found = {NULL, 0}, line;

	for (size_t i = 0; daemon && i < m->n_images; i++) {
		const struct image *at = m->images[i];

		if (!str_is_listed(at->program, "at batch") ||
		    at->owner != daemon->owner)
			continue;
		line = line_of_client(m->arena, at);
		if (found.len && !str_eq(found, line))
			return (struct str){NULL, 0};
		found = line;
	}
	return found;
}

struct str name_of_service(struct arena *a, const struct image *image)
{
	return arena_print(a, "%.*s (pid %llu)", STR_FMT(image->program),
			   (unsigned long long)image->pid);
}
