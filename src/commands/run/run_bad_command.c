#include "commands/run/run_bad_command.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* NAME=value, as a shell would take the word. */
static bool is_assignment(const char *word)
{
	const char *at = word;

	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	return at > word && *at == '=' && !isdigit((unsigned char)*word);
}

/* A word longer than a file's name can be has an error of its own. */
static bool names_no_file(int error)
{
	return error == ENOENT || error == ENAMETOOLONG || error == ENOTDIR;
}

bool is_command_line(const char *word, int error)
{
	return names_no_file(error) && word[strcspn(word, " \t\r\n")];
}

/* For a command that may not be run. */
static const char *advice_by_mode(const char *path)
{
	struct stat st;

	if (strchr(path, '/') && !stat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return "it is a directory; name a program";
		if (S_ISREG(st.st_mode) && !(st.st_mode & 0111))
			return "chmod +x, or name its interpreter: "
			       "keytrail run sh FILE";
	}
	return "check that it is a program you may run";
}

const char *run_advice(const char *command, int error)
{
	if (names_no_file(error) && is_assignment(command))
		return "an assignment is no command: write "
		       "NAME=... keytrail run COMMAND, or "
		       "keytrail run env NAME=... COMMAND";
	if (is_command_line(command, error))
		return "the command is one word with blanks: leave the quotes "
		       "out, or write keytrail run sh -c '...'";
	if (error == ENOENT)
		return "is it installed, and in PATH?";
	return error == EACCES ? advice_by_mode(command)
			       : "check that it is a program you may run";
}
