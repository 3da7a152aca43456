/* What a process runs, whoever wrote it. */
#ifndef EVIDENCE_PROGRAM_NAME_H
#define EVIDENCE_PROGRAM_NAME_H

#include "model/model.h"

/* The package of its script: `pm2` of pm2/lib/Daemon.js and of
 * node_modules/.bin/pm2. Else the name of the executable. */
struct str program_of(const struct image *);

#endif
