/* The script or the text of a shell, by the arguments. */
#include "runtimes/runtime.h"

/* True for shells with the options known to operands_of. */
static bool takes_posix_options(struct str argv0)
{
	struct str name = str_base(argv0);

	if (name.len && name.at[0] == '-') /* a login shell */
		name = (struct str){name.at + 1, name.len - 1};
	return str_is_listed(name, "sh bash dash ash ksh zsh");
}

/* The place of the shell's name in the arguments: behind `busybox`. */
static size_t name_in(const struct strs *args)
{
	return args->n > 1 && str_eq(str_base(args->at[0]), STR("busybox"));
}

static bool is_posix_shell(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	return args->n && runtime_of_program(image->exe)->id == RUNTIME_SHELL &&
	       takes_posix_options(args->at[name_in(args)]);
}

enum { RUNS_TEXT = -1, RUNS_NO_SCRIPT = -2 };

/* How many arguments an option takes; or a constant above. */
static int operands_of(struct str option)
{
	int n = 0;

	if (str_eq(option, STR("--rcfile")) ||
	    str_eq(option, STR("--init-file")))
		return 1;
	if (option.at[1] == '-')
		return 0;
	for (size_t i = 1; i < option.len; i++) {
		if (option.at[0] == '-' && option.at[i] == 'c')
			return RUNS_TEXT;
		if (option.at[i] == 's' || option.at[i] == 'c')
			return RUNS_NO_SCRIPT;
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

/* The first argument which is no option. *ret_is_text: the text of -c. */
static size_t first_operand(const struct strs *args, bool *ret_is_text)
{
	size_t i = name_in(args) + 1;

	*ret_is_text = false;
	for (; i < args->n && is_option(args->at[i]); i++) {
		int operands = operands_of(args->at[i]);

		if (operands == RUNS_NO_SCRIPT)
			return args->n;
		*ret_is_text |= operands == RUNS_TEXT;
		i += operands > 0 ? (size_t)operands : 0;
	}
	return i + (i < args->n && ends_options(args->at[i]));
}

static struct str operand(const struct image *image, bool of_text)
{
	const struct strs *args = model_arguments(image);
	bool is_text;
	size_t i;

	if (!is_posix_shell(image))
		return (struct str){NULL, 0};
	i = first_operand(args, &is_text);
	return i < args->n && is_text == of_text ? args->at[i]
						 : (struct str){NULL, 0};
}

struct str runtime_script(const struct image *image)
{
	struct str script = operand(image, false);

	if (script.len && memmem(script.at, script.len, "***", 3))
		return (struct str){NULL, 0};
	return script;
}

size_t runtime_script_arguments(const struct image *image)
{
	bool is_text;
	size_t i;

	if (!runtime_script(image).len)
		return 0;
	i = first_operand(model_arguments(image), &is_text);
	return i + 1;
}

bool runtime_may_have_moved(const struct image *image, struct str path)
{
	while (image && !runtime_interprets(image))
		image = image->parent;
	return path.len && *path.at != '/' && image && is_posix_shell(image);
}

struct str runtime_shell_text(const struct image *image)
{
	return operand(image, true);
}
