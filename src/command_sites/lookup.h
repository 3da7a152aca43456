/* Lookups: the line of a file that became the command of a launch. len 0: not
 * certain. */
#ifndef COMMAND_SITES_LOOKUP_H
#define COMMAND_SITES_LOOKUP_H

#include "command_sites/command_list.h"

/* In the script that the shell `l->by` runs, and what the script reads by `.`.
 */
struct str find_in_script(struct written_files *, const struct launched *l);

/* The path of a file that the shell's script reads by `.`, under this name. */
struct str find_included_file(struct written_files *, const struct image *shell,
			      struct str name);

/* True when the shell's text has the command. */
bool is_in_shell_text(struct arena *, struct str text,
		      const struct launched *l);

/* In the makefile of `l->by`. */
struct str find_in_makefile(struct written_files *, const struct launched *l);

/* In the scripts of package.json. */
struct str find_in_package(struct written_files *, const struct launched *l);

/* In the Procfile of `l->by`. */
struct str find_in_procfile(struct written_files *, const struct launched *l);

/* In the configuration of supervisord. */
struct str find_in_supervisor(struct written_files *, const struct launched *l);

/* Of a worker that a library started: the only line of the launcher's own
 * script with the name of the worker's file. */
struct str find_worker_file(struct written_files *, const struct image *worker);

/* In the tox.ini of `l->by`. */
struct str find_in_tox_ini(struct written_files *, const struct launched *l);

/* A line of a script that GitHub's runner wrote, as a line of the workflow.
 * `shell`: runs the script. len 0: the script is another. */
struct str find_in_workflow(struct written_files *, const struct image *shell,
			    struct str site);

/* Of a root: in the systemd unit whose control group it is in. */
struct str find_in_unit(struct written_files *, const struct launched *l);

/* Of a root in the control group of cron: in the crontabs that it may be of. */
struct str find_in_crontabs(struct written_files *, const struct launched *l);

#endif
