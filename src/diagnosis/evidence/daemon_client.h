/* Clients of daemons: `tmux new-window` has the tmux server start a program,
 * `pm2 start` the daemon of PM2. The program has the daemon's environment. */
#ifndef EVIDENCE_DAEMON_CLIENT_H
#define EVIDENCE_DAEMON_CLIENT_H

#include "model/model.h"

/* One start of a program by a daemon. */
struct daemon_start {
	const struct image *daemon, *started;
	const struct image *client; /* null: none */
};

/* The nearest start on the way to the reader at which a client of the daemon
 * lived that held the variable, neither above nor below the daemon, and for
 * which `fits` is true. */
struct daemon_start find_daemon_start(
	const struct reading *,
	bool (*fits)(const struct reading *, const struct daemon_start *));

/* False for a shell and an interpreter, which run anything. */
bool is_service(const struct image *);

/* True when `client` may have had the daemon start a program at `started`. */
bool is_client_of_daemon(const struct image *client, const struct image *daemon,
			 uint64_t started);

/* "run.sh:3": the line that started the client, or null. len 0: not known. */
struct str line_of_client(struct arena *, const struct image *);

/* The line that called `at` for the job of the reader, the same way. Of several
 * lines none is told. */
struct str line_of_job(const struct model *, const struct image *reader);

/* The same, also for the client that started the daemon itself, and ended
 * before: the first `pm2 start`. */
bool may_have_started(const struct image *client, const struct image *daemon,
		      uint64_t started);

/* "pm2 (pid 7)": a daemon or its client. */
struct str name_of_service(struct arena *, const struct image *);

#endif
