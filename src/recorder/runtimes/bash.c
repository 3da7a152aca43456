/* bash, by the position with which bash's own messages begin ("deploy.sh: line
 * 4:"). bash exports the functions and variables behind such a message for
 * loadable builtins. The adapter only reads variables.
 *
 * Measured with 5.2: the line is right in functions, sourced files, loops,
 * pipes, subshells and here-documents. In a trap, bash counts from the
 * beginning of the trap's text. In an eval or $(...) of several lines bash
 * counts wrongly: no position is recorded. */
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

/* Of `source <(...)`: nobody finds the text again. */
static bool is_descriptor(const char *name)
{
	return str_begins(name, "/dev/fd/") || str_begins(name, "/dev/std") ||
	       str_begins(name, "/proc/self/fd/");
}

/* False for a function that was inherited through the environment. */
static bool is_file(const char *name)
{
	return name && *name && !str_equal(name, "environment") &&
	       !str_equal(name, "main") && !is_descriptor(name);
}

struct end { /* in the order of their names */
	void **this_builtin, *exit_builtin;
	int *sources, (*is_in_progress)(int);
	int *is_executing, *functions, *local_scopes;
};

/* ${NAME:?}, set -u, set -e and a failed exec leave the running command as it
 * is. Measured with 5.2: for set -e in a function, where the scope of the
 * function is gone by then, the line is wrong. */
static bool is_by_error(const struct end *bash)
{
	return *bash->is_executing &&
	       (!*bash->functions || *bash->local_scopes);
}

/* True where the line is that of the command which ended the script. At the end
 * of the script no command runs, and the line is behind the last. Measured with
 * 5.2: the line is wrong after an end in a sourced file, and in or after a trap
 * at the exit. */
static bool is_at_exit(const struct module *module)
{
	struct end bash;

	return elf_in_all(module,
			  "this_shell_builtin\0exit_builtin\0sourcelevel\0"
			  "signal_in_progress\0executing\0funcnest\0"
			  "variable_context\0",
			  (void **)&bash) &&
	       (*bash.this_builtin == bash.exit_builtin ||
		is_by_error(&bash)) &&
	       !*bash.sources && !bash.is_in_progress(0);
}

bool bash_source_pos(const struct module *module, enum act act,
		     struct interpreter_place *ret)
{
	struct functions bash;
	const char *file;
	int line;

	if (!elf_in_all(module, NAMES, (void **)&bash))
		return false;
	if (act < ACT_OPEN || !is_certain(&bash) ||
	    (act >= ACT_EXIT && !is_at_exit(module)))
		return true;
	line = bash.line();
	file = bash.file();
	if (line > 0 && is_file(file))
		source_pos_set(&ret->pos, file, (uint64_t)line, NULL);
	return true;
}
