#include "commands/run_target.h"

#include <string.h>

#include "commands/run_file.h"

#define MOST_INTERPRETERS 4 /* what Linux allows of #! in a row */

const char *target_name(enum kt_target target)
{
	static const char *const names[] = {
#define TARGET(id, name) name,
		KT_TARGETS(TARGET)
#undef TARGET
	};

	return names[target];
}

struct run_target run_target_of(const char *command)
{
	struct run_target target = {.kind = KT_TARGET_MISSING};
	char path[RUN_PATH_BYTES];
	struct run_file file;

	if (!run_file_search(command, path))
		return target;
	file = run_file_at(path);
	for (int depth = 0; file.is_script && depth < MOST_INTERPRETERS;
	     depth++)
		file = run_file_at(file.interpreter);
	target.kind = file.kind;
	memcpy(target.runtime, file.runtime, sizeof target.runtime);
	return target;
}
