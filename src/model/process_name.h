/* How reports name a process: by its command line, less the directories of the
 * program. */
#ifndef MODEL_PROCESS_NAME_H
#define MODEL_PROCESS_NAME_H

#include "model/model.h"

/* "node worker.js", or "thread of node worker.js". Never empty. */
struct str process_name(struct arena *, const struct image *);

/* The same with the pid, where the pid is known: "node worker.js (pid 7)". */
struct str process_name_and_pid(struct arena *, const struct image *);

/* For the middle of a sentence: "a worker thread of node worker.js (pid 7)".
 * At most 60 bytes of the command line. */
struct str process_in_sentence(struct arena *, const struct image *);

/* The shortest that a reader still recognises, without a pid: "node worker.js",
 * also for /srv/worker.js. */
struct str process_in_short(struct arena *, const struct image *);

/* `name`, less the directories of the script, then of all words, then the
 * interpreter of a script, as long as it takes more than `columns`. It may
 * still be longer. */
struct str command_within(struct arena *, struct str name, unsigned columns);

/* True of "python3.11", "node" and "bash": a program that runs any script. */
bool is_interpreter(struct str program);

#endif
