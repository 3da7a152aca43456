#include "commands/command.h"

#include <unistd.h>

/* Commands without `run` are promised but not built. */
static const struct command diff = {
	"diff", "where two runs part, per variable (not built yet)", NULL};
static const struct command check = {
	"check", "assert who gets which variable (not built yet)", NULL};

static const struct command *const commands[] = {
	&command_run,	&command_report, &command_replay,  &diff,
	&command_pack,	&check,		 &command_explain, &command_doctor,
	&command_names,
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

static int help(struct arena *arena)
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
		      "Each has a --help of its own; --version says which "
		      "keytrail this is.\n");
	return terminal_end(&o, DONE);
}

static int version(struct arena *arena)
{
	struct out o = terminal_out(arena, STDOUT_FILENO);

	out_print(&o, "keytrail %s\n", KEYTRAIL_VERSION);
	return terminal_end(&o, DONE);
}

static int dispatch(struct arena *arena, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		return complain(arena, "say a command; see keytrail --help");
	if (!strcmp(name, "-h") || !strcmp(name, "--help"))
		return help(arena);
	if (!strcmp(name, "--version"))
		return version(arena);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i]->name, name))
			continue;
		if (commands[i]->run)
			return commands[i]->run(arena, argc - 1, argv + 1);
		return complain(arena,
				"%s is not built yet; see keytrail "
				"--help for what is",
				name);
	}
	return complain(arena, "no command %s; see keytrail --help", name);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	int status = dispatch(arena, argc, argv);

	arena_free(arena);
	return status;
}
