#include "diagnosis/evidence/arguments.h"

static bool is_name_byte(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static bool has_word(struct str text, struct str name)
{
	const char *at = text.at, *end = text.at + text.len;

	while (text.len && name.len &&
	       (at = memmem(at, (size_t)(end - at), name.at, name.len))) {
		const char *behind = at + name.len;

		if ((at == text.at || !is_name_byte(at[-1])) &&
		    (behind == end || !is_name_byte(*behind)))
			return true;
		at++;
	}
	return false;
}

bool arguments_mention(const struct image *image, struct str name)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (has_word(args->at[i], name))
			return true;
	return false;
}

/* --- assignments -----------------------------------------------------------
 */

/* The text from `name`= on, which begins a word; len 0: there is none. */
static struct str find_assignment(struct str text, struct str name)
{
	const char *end = text.at + text.len;

	for (const char *at = text.at;
	     text.len &&
	     (at = memmem(at, (size_t)(end - at), name.at, name.len));
	     at++) {
		const char *behind = at + name.len;

		if (behind < end && *behind == '=' &&
		    (at == text.at || memchr(" \t\n;&|('\"", at[-1], 9)))
			return (struct str){at, (size_t)(end - at)};
	}
	return (struct str){NULL, 0};
}

static bool ends_with(struct str text, const char *end)
{
	while (text.len &&
	       (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
		text.len--;
	return str_has_suffix(text, str_of(end));
}

static bool is_exported(struct str before)
{
	return ends_with(before, "export") || ends_with(before, "-x") ||
	       ends_with(before, "readonly") || ends_with(before, "local");
}

/* True when a command follows on the line of the assignment. */
static bool leads_to_command(struct str assignment)
{
	size_t i = 0;

	while (i < assignment.len && !memchr(" \t\n;&|", assignment.at[i], 6))
		i++;
	while (i < assignment.len &&
	       (assignment.at[i] == ' ' || assignment.at[i] == '\t'))
		i++;
	return i < assignment.len && !memchr("\n;&|", assignment.at[i], 4);
}

static bool is_prefix_in(struct str text, struct str name)
{
	struct str found = find_assignment(text, name);
	struct str before = {text.at, found.len ? text.len - found.len : 0};

	return found.len && !is_exported(before) && leads_to_command(found);
}

bool arguments_assign(const struct image *image, struct str name)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++) {
		struct str arg = args->at[i];
		bool is_whole = arg.len > name.len && arg.at[name.len] == '=' &&
				!memcmp(arg.at, name.at, name.len);

		if ((is_whole && i + 1 < args->n) || is_prefix_in(arg, name))
			return true;
	}
	return false;
}

/* -c, -lc, -ec */
static bool is_option_c(struct str arg)
{
	return arg.len > 1 && arg.at[0] == '-' && arg.at[1] != '-' &&
	       arg.at[arg.len - 1] == 'c';
}

static bool is_for_shell_in(struct str text, struct str name)
{
	struct str found = find_assignment(text, name);
	struct str before = {text.at, found.len ? text.len - found.len : 0};

	return found.len && !is_exported(before) && !leads_to_command(found);
}

bool arguments_set_for_shell(const struct image *image, struct str name)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (is_option_c(args->at[i - 1]) &&
		    is_for_shell_in(args->at[i], name))
			return true;
	return false;
}

bool arguments_are_complete(const struct image *image)
{
	const struct event *e = image->birth ? image->birth : image->handover;

	return e && e->argc == e->args.n;
}
