/* Which env and secret files matter to a run: files that its processes opened
 * or looked for, and files where a loader would have looked. */
#ifndef COMMANDS_ENV_FILE_SEARCH_H
#define COMMANDS_ENV_FILE_SEARCH_H

#include "envfiles/env_syntax.h"
#include "trace/trace.h"

struct env_file_found {
	struct str path; /* absolute, terminated */
	enum kt_file_reason why;
	struct str for_path; /* len 0: none */
	enum env_syntax syntax;
	struct str name; /* the variable that names a secret, or len 0 */
};

struct env_files_found {
	struct env_file_found *at;
	size_t n, room;
};

/* Events before `from` are of earlier runs. At most 64 files. */
struct env_files_found env_files_find(struct arena *, const struct trace *,
				      uint64_t from);

#endif
