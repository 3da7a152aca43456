#include "command_sites/program_options.h"

#include "command_sites/written_files.h"

bool has_all_options(const struct image *image)
{
	return image->birth && image->birth->argc <= image->birth->args.n;
}

bool takes_option(const struct strs *args, size_t *i, char letter,
		  const char *names, struct str *ret_value)
{
	struct str arg = args->at[*i], name = arg;
	const char *equals = arg.len ? memchr(arg.at, '=', arg.len) : NULL;
	bool is_long = arg.len > 2 && !memcmp(arg.at, "--", 2);

	name.len = is_long && equals ? (size_t)(equals - arg.at) : arg.len;
	if (is_long && !str_is_listed(name, names))
		return false;
	if (!is_long &&
	    (arg.len < 2 || *arg.at != '-' ||
	     (arg.at[1] != letter && arg.at[arg.len - 1] != letter)))
		return false;
	if (is_long && equals)
		*ret_value = from(arg, name.len + 1);
	else if (!is_long && arg.len > 2 && arg.at[1] == letter)
		*ret_value = from(arg, 2);
	else if (*i + 1 < args->n)
		*ret_value = args->at[++*i];
	return ret_value->len;
}

struct str value_of_option(const struct image *image, char letter,
			   const char *names)
{
	const struct strs *args = model_arguments(image);
	struct str value = {NULL, 0}, last = value;

	for (size_t i = 1; i < args->n; i++)
		if (takes_option(args, &i, letter, names, &value))
			last = value;
	return last;
}
