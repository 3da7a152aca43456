/* What a process runs, without the arguments. */
#include "runtimes/runtime.h"

static bool is_option(struct str s)
{
	return !s.len || s.at[0] == '-';
}

/* The words of an interpreter's script: "worker.js", "-m app.worker". len 0:
 * the first argument is another option. */
static struct str script_words(struct arena *a, const struct image *process)
{
	const struct strs *args = model_arguments(process);
	struct str script = runtime_script(process);

	if (script.len)
		return str_base(script);
	if (args->n > 1 && !is_option(args->at[1]) &&
	    !runtime_shell_text(process).len)
		return str_base(args->at[1]);
	if (args->n > 2 && str_eq(args->at[1], STR("-m")))
		return arena_print(a, "-m %.*s", STR_FMT(args->at[2]));
	return (struct str){NULL, 0};
}

static struct str program_word(const struct image *process)
{
	const struct strs *args = model_arguments(process);

	return str_base(args->n ? args->at[0] : process->exe);
}

struct str runtime_program_words(struct arena *a, const struct image *image)
{
	const struct image *process = model_process(image);
	struct str program = program_word(process), script;

	if (!runtime_interprets(process))
		return program;
	script = script_words(a, process);
	if (!script.len)
		return script;
	return arena_print(a, "%.*s %.*s", STR_FMT(program), STR_FMT(script));
}
