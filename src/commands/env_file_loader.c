#include "commands/env_file_loader.h"

#include <string.h>

struct row {
	const char *text;
	enum env_syntax syntax;
};

/* Libraries, by a part of the path of a source file. */
static const struct row libraries[] = {
	{"/dotenv/main.py", ENV_PYTHON_DOTENV},
	{"/gems/dotenv", ENV_RUBY_DOTENV},
	{"/ruby-dotenv", ENV_RUBY_DOTENV},
	{"/lib/dotenv/parser.rb", ENV_RUBY_DOTENV},
	{"/lib/dotenv.rb", ENV_RUBY_DOTENV},
	{"/phpdotenv/", ENV_PHPDOTENV},
	{"/node_modules/", ENV_DOTENV},
};

/* Programs, by the beginnings of their names; others read as dotenv does. */
static const struct row programs[] = {
	{"python pypy", ENV_PYTHON_DOTENV},
	{"ruby", ENV_RUBY_DOTENV},
	{"php", ENV_PHPDOTENV},
	{"docker podman nerdctl", ENV_DOCKER},
	{"systemd", ENV_SYSTEMD},
	{"make gmake", ENV_MAKE},
	{"bash dash sh zsh ksh mksh busybox ash", ENV_SHELL},
};

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static bool holds(struct str text, const char *part)
{
	return text.len && memmem(text.at, text.len, part, strlen(part));
}

static bool find_library(struct str site, enum env_syntax *ret)
{
	for (size_t i = 0; i < COUNT(libraries); i++)
		if (holds(site, libraries[i].text)) {
			*ret = libraries[i].syntax;
			return true;
		}
	return false;
}

enum env_syntax loader_of_program(const struct event *birth)
{
	struct str name = birth ? str_base(birth->exe) : STR("");

	for (size_t i = 0; i < COUNT(programs); i++)
		if (str_has_prefix_listed(name, programs[i].text))
			return programs[i].syntax;
	return ENV_DOTENV;
}

/* Node itself has a parser, for --env-file: no line of JavaScript opens that
 * file. */
static bool is_option_of_node(const struct event *open,
			      const struct event *birth)
{
	if (!birth || !str_has_prefix(str_base(birth->exe), STR("node")) ||
	    open->site.len || open->thread > 1)
		return false;
	for (size_t i = 1; i < birth->args.n; i++)
		if (str_has_prefix(birth->args.at[i], STR("--env-file")))
			return true;
	return false;
}

enum env_syntax loader_of_open(const struct event *open,
			       const struct event *birth)
{
	enum env_syntax syntax;

	if (find_library(open->site, &syntax))
		return syntax;
	for (size_t i = 0; i < open->callers.n; i++)
		if (find_library(open->callers.at[i], &syntax))
			return syntax;
	return is_option_of_node(open, birth) ? ENV_NODE
					      : loader_of_program(birth);
}

bool is_container_client(struct str program)
{
	return str_is_listed(str_base(program), "docker podman nerdctl");
}
