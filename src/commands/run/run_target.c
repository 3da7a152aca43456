#include "commands/run/run_target.h"

#include <string.h>

#include "host/executable_file.h"
#include "shared/loader_arguments.h"

const char *target_name(enum kt_target target)
{
	static const char *const names[] = {
#define TARGET(id, name) name,
		KT_TARGETS(TARGET)
#undef TARGET
	};

	return names[target];
}

/* The operand of a loader takes the loader's place, if the operand is a
 * program. */
static void look_behind_loader(struct executable_file *file,
			       char *const *operand)
{
	struct executable_file program;

	if (!operand)
		return;
	program = executable_file_at(*operand);
	if (program.program.is_elf)
		*file = program;
}

struct run_target run_target_of(char *const *argv)
{
	struct run_target target = {.kind = KT_TARGET_MISSING};
	char path[EXECUTABLE_PATH_BYTES];
	char *const *operand;
	struct executable_file file;

	if (!executable_file_search(argv[0], path))
		return target;
	file = executable_file_at(path);
	if (file.program.is_loader) {
		operand = loader_operand(argv + 1, &target.only_lists);
		look_behind_loader(&file, operand);
	}
	for (int i = 0; file.is_script && i < PROGRAM_SCRIPTS; i++)
		file = executable_file_at(file.program.interpreter);
	target.kind = file.program.kind;
	memcpy(target.runtime, file.program.runtime, sizeof target.runtime);
	return target;
}
