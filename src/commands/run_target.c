#include "commands/run_target.h"

#include <string.h>

#include "commands/run_file.h"
#include "commands/run_loader.h"

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

/* Stays what it is when there is no program, or none that can be read. */
static void look_behind_loader(struct run_file *file, char *const *arguments)
{
	char *const *operand = run_loader_operand(arguments);
	struct run_file program;

	if (!operand)
		return;
	program = run_file_at(*operand);
	if (program.is_elf)
		*file = program;
}

struct run_target run_target_of(char *const *argv)
{
	struct run_target target = {.kind = KT_TARGET_MISSING};
	char path[RUN_PATH_BYTES];
	struct run_file file;

	if (!run_file_search(argv[0], path))
		return target;
	file = run_file_at(path);
	if (file.is_loader) {
		target.only_lists = run_loader_lists(argv + 1);
		look_behind_loader(&file, argv + 1);
	}
	for (int depth = 0; file.is_script && depth < MOST_INTERPRETERS;
	     depth++)
		file = run_file_at(file.interpreter);
	target.kind = file.kind;
	memcpy(target.runtime, file.runtime, sizeof target.runtime);
	return target;
}
