/* Which script a shell runs, by its arguments. */
#include "runtimes/runtime.h"

/* True for shells with the options that operands_of knows. */
static bool takes_posix_options(struct str argv0)
{
	struct str name = str_base(argv0);

	if (name.len && name.at[0] == '-') /* a login shell */
		name = (struct str){name.at + 1, name.len - 1};
	return str_is_listed(name, "sh bash dash ash");
}

/* How many arguments an option takes; -1: the shell runs no script. */
static int operands_of(struct str option)
{
	int n = 0;

	if (str_eq(option, STR("--rcfile")) ||
	    str_eq(option, STR("--init-file")))
		return 1;
	if (option.at[1] == '-')
		return 0;
	for (size_t i = 1; i < option.len; i++) {
		if (option.at[i] == 'c' || option.at[i] == 's')
			return -1;
		n += option.at[i] == 'o' || option.at[i] == 'O';
	}
	return n;
}

static bool ends_options(struct str s)
{
	return str_eq(s, STR("-")) || str_eq(s, STR("--"));
}

static bool is_option(struct str s)
{
	return s.len > 1 && (s.at[0] == '-' || s.at[0] == '+') &&
	       !ends_options(s);
}

struct str runtime_script(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	struct str script = {0};
	size_t i = 1;

	if (runtime_of_program(image->exe)->id != RUNTIME_SHELL || !args->n ||
	    !takes_posix_options(args->at[0]))
		return script;
	for (; i < args->n && is_option(args->at[i]); i++) {
		int operands = operands_of(args->at[i]);

		if (operands < 0)
			return script;
		i += (size_t)operands;
	}
	if (i < args->n && ends_options(args->at[i]))
		i++;
	if (i < args->n && args->at[i].len &&
	    !memmem(args->at[i].at, args->at[i].len, "***", 3))
		script = args->at[i];
	return script;
}
