#include "base/nearest.h"
#include "base/shell_word.h"
#include "commands/command.h"

#include <sys/stat.h>
#include <unistd.h>

/* Commands without `run` are promised but not built. */
static const struct command diff = {
	"diff", "where two runs part, per variable (not built yet)", NULL};
static const struct command check = {
	"check", "assert who gets which variable (not built yet)", NULL};
static const struct command inspect = {
	"inspect", "what a running process holds (not built yet)", NULL};

static const struct command *const commands[] = {
	&command_run,	 &command_report, &command_replay, &diff,
	&command_pack,	 &check,	  &inspect,	   &command_explain,
	&command_doctor, &command_names,
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int list(struct arena *arena)
{
	struct out o = terminal_out(arena, STDOUT_FILENO);

	out_print(&o, "usage: keytrail COMMAND [ARGUMENT...]\n\n"
		      "Finds out where an environment variable went missing "
		      "on its way to the\nprogram that needed it.\n\n");
	for (size_t i = 0; i < N_COMMANDS; i++) {
		out_clean(&o, STR("  "));
		out_clean(&o, str_of(commands[i]->name));
		out_pad(&o, 11);
		out_wrap(&o, 11, str_of(commands[i]->about));
		out_line(&o);
	}
	out_print(&o, "\nBegin with: keytrail run COMMAND\n"
		      "`keytrail help COMMAND` tells the options of one; "
		      "`keytrail --version` the version.\n");
	return terminal_end(&o, DONE);
}

static int version(struct arena *arena)
{
	struct out o = terminal_out(arena, STDOUT_FILENO);

	out_print(&o, "keytrail %s\n", KEYTRAIL_VERSION);
	return terminal_end(&o, DONE);
}

static int no_such_option(struct arena *arena, const char *name)
{
	struct nearest n = {.misspelt = name};

	nearest_try(&n, "--help");
	nearest_try(&n, "--version");
	if (!strcmp(name, "-v") || !strcmp(name, "-V"))
		n.word = "--version";
	if (n.word)
		return complain(arena, "unknown option %s: did you mean %s?",
				name, n.word);
	return complain(arena, "unknown option %s; see keytrail --help", name);
}

/* KT201 */
static bool is_code(const char *name)
{
	return !strncasecmp(name, "KT", 2) && strlen(name) == 5 &&
	       strspn(name + 2, "0123456789") == 3;
}

static bool is_trace(const char *path)
{
	size_t n = strlen(path);
	struct stat st;

	if (stat(path, &st))
		return false;
	return S_ISDIR(st.st_mode) ||
	       (n > 6 && !strcmp(path + n - 6, ".jsonl"));
}

/* `is_help`: of `help NAME`. */
static int no_such_command(struct arena *arena, const char *name, bool is_help)
{
	struct nearest n = {.misspelt = name};

	if (!*name)
		return complain(arena, "the COMMAND is empty: " MAY_BE_UNSET);
	if (*name == '-')
		return no_such_option(arena, name);
	if (is_code(name))
		return complain(arena, "%s is a finding: keytrail explain %s",
				name, name);
	for (size_t i = 0; i < N_COMMANDS; i++)
		nearest_try(&n, commands[i]->name);
	nearest_try(&n, "help");
	if (n.word)
		return complain(arena, "no command %s: did you mean %s?", name,
				n.word);
	if (is_help)
		return complain(arena, "no command %s; see keytrail --help",
				name);
	if (is_trace(name))
		return complain(arena,
				"no command %s; to read it: keytrail report %s",
				name, shell_path(arena, name));
	return complain(arena,
			"no command %s; see keytrail --help, or record it "
			"with keytrail run %s",
			name, shell_word(arena, name));
}

static int start(struct arena *arena, const char *name, int argc, char **argv,
		 bool is_help)
{
	const struct command *command = find_command(name);

	if (!command)
		return no_such_command(arena, name, is_help);
	if (!command->run)
		return complain(arena,
				"%s is not built yet; see keytrail --help for "
				"what is",
				name);
	return command->run(arena, argc, argv);
}

/* help COMMAND is COMMAND --help. */
static int help(struct arena *arena, int argc, char **argv)
{
	char *command[] = {argc > 1 ? argv[1] : NULL, (char[]){"--help"}, NULL};

	if (argc > 2)
		return complain(arena, "help: one COMMAND at a time");
	if (argc < 2 || !strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "help"))
		return list(arena);
	return start(arena, command[0], 2, command, true);
}

static int dispatch(struct arena *arena, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		return complain(arena, "no command given; begin with keytrail "
				       "run COMMAND, or see keytrail --help");
	if (!strcmp(name, "--version") && argc > 2)
		return complain(arena, "--version takes no argument");
	if (!strcmp(name, "--version"))
		return version(arena);
	if (!strcmp(name, "help") || !strcmp(name, "-h") ||
	    !strcmp(name, "--help"))
		return help(arena, argc - 1, argv + 1);
	return start(arena, name, argc - 1, argv + 1, false);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	int status = dispatch(arena, argc, argv);

	arena_free(arena);
	return status;
}
