#include "diagnosis/evidence/daemon_client.h"

#include "diagnosis/evidence/holders.h"
#include "shared/source_owner.h"

enum { MOST_CLIMBS = 64, MOST_LOOKS = 4096 };

/* The package of a script: `pm2` of pm2/lib/Daemon.js. Of what npm and pip
 * made to start a package (node_modules/.bin/pm2) the name of the file. */
static struct str package_of(struct str script)
{
	struct source_owner file = find_source_owner(script.at, script.len);
	struct str package = {file.package, file.package_len};

	if (file.owner == SOURCE_TOOL || str_eq(package, STR(".bin")))
		return str_base(script);
	return package;
}

static struct str program_of(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	struct str package = {NULL, 0};

	for (size_t i = 1; i < args->n; i++)
		if (args->at[i].len && args->at[i].at[0] != '-') {
			package = package_of(args->at[i]);
			break;
		}
	return package.len ? package : str_base(image->exe);
}

/* Clients with a name of their own: rows of data. */
static bool is_client_program(struct str client, struct str daemon)
{
	static const char *const pairs[][2] = {
		{"supervisorctl", "supervisord"},
		{"emacsclient", "emacs"},
		{"bazelisk", "bazel"},
		{"overmind", "tmux"},
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (str_eq(client, str_of(pairs[i][0])) &&
		    str_eq(daemon, str_of(pairs[i][1])))
			return true;
	return str_eq(client, daemon);
}

static bool is_alive_at(const struct image *image, uint64_t t)
{
	return image->born <= t && (!image->ended || image->ended >= t);
}

/* A shell and an interpreter run anything: two of the same name are not one
 * service. */
static bool is_service(struct str program)
{
	return !str_is_listed(program, "sh bash dash ash zsh ksh fish env node "
				       "python python3 ruby perl php java make "
				       "npm");
}

static bool is_client(const struct image *client, const struct image *daemon,
		      uint64_t started)
{
	return client->owner == daemon->owner && is_alive_at(client, started) &&
	       model_is_evidence(client, daemon) &&
	       client->pid != daemon->pid && !is_ancestor(client, daemon) &&
	       !is_ancestor(daemon, client) && is_service(program_of(daemon)) &&
	       is_client_program(program_of(client), program_of(daemon));
}

struct daemon_start find_daemon_start(const struct model *m,
				      const struct reading *r,
				      bool (*fits)(const struct reading *,
						   const struct daemon_start *))
{
	size_t climbs = MOST_CLIMBS;

	for (const struct image *at = r->image; at->parent && climbs--;
	     at = at->parent)
		for (size_t i = 0; i < m->n_images && i < MOST_LOOKS; i++) {
			struct daemon_start start = {at->parent, at,
						     m->images[i]};

			if (start.daemon->pid != at->pid &&
			    is_client(start.client, start.daemon,
				      model_hop_time(at)) &&
			    fits(r, &start))
				return start;
		}
	return (struct daemon_start){NULL, NULL, NULL};
}

struct str name_of_service(struct arena *a, const struct image *image)
{
	return arena_print(a, "%.*s (pid %llu)", STR_FMT(program_of(image)),
			   (unsigned long long)image->pid);
}
