/* bash, by what its own messages begin with ("deploy.sh: line 4:"). It exports
 * that for builtins that are loaded. All of it only looks at variables.
 *
 * Measured with 5.2: the line is right in functions, sourced files, loops,
 * pipes, subshells and here-documents. It counts from the beginning of a trap's
 * text, and wrongly in an eval or $(...) of several lines: there it is not
 * told. */
#include "recorder/runtimes/interpreter.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"

#define NAMES                                                                  \
	"executing_line_number\0get_name_for_error\0command_execution_"        \
	"string\0"                                                             \
	"read_from_stdin\0interactive_shell\0running_trap\0evalnest\0"         \
	"subshell_environment\0"

struct functions { /* in the order of their names */
	int (*line)(void);
	const char *(*file)(void);
	char **command; /* of -c */
	int *reads_stdin, *is_interactive, *trap, *evals, *subshell;
};

enum { IN_COMMAND_SUBSTITUTION = 0x04, IN_PROCESS_SUBSTITUTION = 0x20 };

static bool is_certain(const struct functions *bash)
{
	return !*bash->command && !*bash->reads_stdin &&
	       !*bash->is_interactive && !*bash->trap && !*bash->evals &&
	       !(*bash->subshell &
		 (IN_COMMAND_SUBSTITUTION | IN_PROCESS_SUBSTITUTION));
}

/* A function that came by the environment stands in no file. */
static bool is_file(const char *name)
{
	return name && *name && !str_equal(name, "environment") &&
	       !str_equal(name, "main");
}

bool bash_source_pos(const struct module *module, enum act act,
		     struct source_pos *ret)
{
	struct functions bash;
	const char *file;
	int line;

	if (!elf_in_all(module, NAMES, (void **)&bash))
		return false;
	if (act != ACT_LAUNCH || !is_certain(&bash))
		return true;
	line = bash.line();
	file = bash.file();
	if (line > 0 && is_file(file))
		source_pos_set(ret, file, (uint64_t)line, NULL);
	return true;
}
