#include "diagnosis/evidence/files/printed_lines.h"

#include <regex.h>

static bool is_option(struct str word)
{
	return word.len > 1 && *word.at == '-';
}

static bool has_option(const struct strs *args, const char *letters)
{
	for (size_t i = 1; i < args->n; i++)
		for (size_t k = 1;
		     is_option(args->at[i]) && k < args->at[i].len; k++)
			if (strchr(letters, args->at[i].at[k]))
				return true;
	return false;
}

/* Options of grep that neither choose other lines nor change what is printed.
 */
static bool has_plain_options(const struct strs *args)
{
	for (size_t i = 1; i < args->n; i++)
		for (size_t k = 1;
		     is_option(args->at[i]) && k < args->at[i].len; k++)
			if (!strchr("EFGaehisy", args->at[i].at[k]))
				return false;
	return true;
}

/* The first argument that is no option; len 0: it is masked, or long. */
static struct str pattern_of(const struct strs *args)
{
	enum { LONGEST = 64 };

	for (size_t i = 1; i < args->n; i++)
		if (!is_option(args->at[i]))
			return args->at[i].len > LONGEST ||
					       memmem(args->at[i].at,
						      args->at[i].len, "***", 3)
				       ? (struct str){NULL, 0}
				       : args->at[i];
	return (struct str){NULL, 0};
}

/* A trace may hold any pattern: groups, counts and references may take long. */
static bool is_simple(struct str pattern)
{
	for (size_t i = 0; i < pattern.len; i++)
		if (strchr("({|", pattern.at[i]) ||
		    (pattern.at[i] == '\\' &&
		     (i + 1 == pattern.len || pattern.at[i + 1] != '+')))
			return false;
	return pattern.len;
}

/* The line as far as known: of the value, that some byte is there. */
static bool matches_assignment(struct arena *a, const struct strs *args,
			       struct str name)
{
	struct str pattern = pattern_of(args);
	const char *line = arena_print(a, "%.*s=x", STR_FMT(name)).at;
	int flags = REG_NOSUB | (has_option(args, "E") ? REG_EXTENDED : 0) |
		    (has_option(args, "iy") ? REG_ICASE : 0);
	regex_t compiled;
	bool matches;

	if (!is_simple(pattern))
		return false;
	if (has_option(args, "F"))
		return memmem(line, strlen(line), pattern.at, pattern.len);
	if (regcomp(&compiled, arena_print(a, "%.*s", STR_FMT(pattern)).at,
		    flags))
		return false;
	matches = !regexec(&compiled, line, 0, NULL, 0);
	regfree(&compiled);
	return matches;
}

/* For any name: "^[A-Z]*=", but not "^PORT=", "^REDIS_.*=". */
static bool is_for_any_name(struct str pattern)
{
	size_t anchor = pattern.len && *pattern.at == '^';
	struct str rest = {pattern.at + anchor, pattern.len - anchor};

	return is_simple(pattern) && memchr(pattern.at, '=', pattern.len) &&
	       (str_has_prefix(rest, STR("[A-Z")) ||
		str_has_prefix(rest, STR("[a-z")));
}

bool leaves_out_assignment(struct arena *a, const struct image *tool,
			   struct str name)
{
	const struct strs *args = model_arguments(tool);

	return str_is_listed(str_base(tool->exe), "grep egrep") &&
	       has_plain_options(args) && is_for_any_name(pattern_of(args)) &&
	       !matches_assignment(a, args, name);
}

static bool has_argument(const struct strs *args, const char *words)
{
	for (size_t i = 1; i < args->n; i++)
		if (str_is_listed(args->at[i], words))
			return true;
	return false;
}

/* `grep -v '#'` alone, and not with `-e '^#'` or the like. */
bool leaves_out_comments(const struct image *tool)
{
	const struct strs *args = model_arguments(tool);
	struct str program = str_base(tool->exe);

	if (str_eq(program, STR("sed")))
		return has_argument(args, "/#/d");
	return str_is_listed(program, "grep egrep") &&
	       has_argument(args, "-v -Ev -vE --invert-match") &&
	       str_eq(pattern_of(args), STR("#"));
}

/* `-d=`, `-d =` */
static bool has_value(const struct strs *args, struct str option,
		      struct str value)
{
	for (size_t i = 1; i < args->n; i++) {
		struct str arg = args->at[i];

		if (str_eq(arg, option) && i + 1 < args->n &&
		    str_eq(args->at[i + 1], value))
			return true;
		if (arg.len == option.len + value.len &&
		    str_has_prefix(arg, option) && str_has_suffix(arg, value))
			return true;
	}
	return false;
}

bool prints_names_alone(const struct image *tool)
{
	const struct strs *args = model_arguments(tool);
	struct str program = str_base(tool->exe);

	if (str_eq(program, STR("cut")))
		return has_value(args, STR("-d"), STR("=")) &&
		       has_value(args, STR("-f"), STR("1"));
	if (str_eq(program, STR("sed")))
		return has_argument(args, "s/=.*// s/=.*$// s/=.*//g");
	return str_is_listed(program, "awk gawk mawk") &&
	       has_value(args, STR("-F"), STR("=")) &&
	       (has_value(args, STR("{print"), STR(" $1}")) ||
		has_value(args, STR("{print"), STR("$1}")) ||
		has_value(args, STR("{ print"), STR(" $1 }")));
}

bool prints_assignment(struct arena *a, const struct image *tool,
		       struct str name)
{
	const struct strs *args = model_arguments(tool);
	struct str program = str_base(tool->exe);

	/* grep -v '^#' .env, sed '/^#/d' .env: nearly all lines. */
	if (str_is_listed(program, "grep egrep"))
		return has_option(args, "v") ||
		       (has_plain_options(args) &&
			matches_assignment(a, args, name));
	if (str_eq(program, STR("sed")))
		return !has_option(args, "n");
	return str_eq(program, STR("cat"));
}
