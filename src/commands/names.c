#include "base/nearest.h"
#include "base/shell_word.h"
#include "commands/command.h"
#include "commands/option_names.h"

#include <strings.h>
#include <unistd.h>

#include "catalogue/catalogue.h"
#include "catalogue/errors.h"

enum { PROVIDER_COLUMN = 38, ROLE_COLUMN = 56 };

static void print_row(struct out *o, const struct credential *c)
{
	out_clean(o, c->name);
	out_pad(o, PROVIDER_COLUMN);
	out_clean(o, str_of(c->provider));
	out_pad(o, ROLE_COLUMN);
	out_clean(o, str_of(role_word(c->role)));
	out_line(o);
}

static void print_words(struct out *o, const char *label, const char *words)
{
	if (!*words)
		return;
	out_clean(o, STR("  "));
	out_clean(o, str_of(label));
	out_pad(o, 18);
	out_wrap(o, 18, str_of(words));
	out_line(o);
}

/* The classes of errors that speak of the name; "": none is known. */
static const char *errors_of(const struct credential *c)
{
	const char *classes = c->role == ROLE_SETTING
				      ? errors_of_setting(c->name)
				      : errors_of_provider(c->name);

	return classes ? classes : "";
}

static void print_details(struct out *o, const struct credential *c)
{
	print_row(o, c);
	print_words(o, "alternatives", c->alternatives);
	print_words(o, "clients", c->clients);
	print_words(o, "errors", errors_of(c));
}

static int list(struct arena *arena)
{
	struct out o = terminal_out(arena, STDOUT_FILENO);

	for (size_t i = 0; i < n_credentials; i++)
		print_row(&o, &credentials[i]);
	return terminal_end(&o, DONE);
}

/* The row of a name or, for a part of a name, all rows that have it. */
static size_t print_matches(struct out *o, const char *part)
{
	const struct credential *exact = find_credential(str_of(part));
	size_t n = 0;

	for (size_t i = 0; !exact && i < n_credentials; i++)
		if (!strcasecmp(credentials[i].name.at, part))
			exact = &credentials[i];
	if (exact) {
		print_details(o, exact);
		return 1;
	}
	for (size_t i = 0; i < n_credentials; i++)
		if (strcasestr(credentials[i].name.at, part)) {
			print_details(o, &credentials[i]);
			n++;
		}
	return n;
}

static int in_no_row(struct arena *arena, const char *name)
{
	struct nearest n = {.misspelt = name};

	for (size_t i = 0; i < n_credentials; i++)
		nearest_try(&n, credentials[i].name.at);
	if (n.word)
		return complain(arena,
				"names: %s is in no row: did you mean %s?",
				name, n.word);
	return complain(arena,
			"names: %s is in no row; watch it with "
			"keytrail run -w %s",
			name, shell_word(arena, name));
}

static int show(struct arena *arena, const struct opts *opts)
{
	struct out o = terminal_out(arena, STDOUT_FILENO);

	for (int i = 0; i < opts->n_operands; i++)
		if (!is_whole_name(str_of(opts->operands[i])))
			return complain(arena,
					"names: NAME is a name or a part of "
					"one, as OPENAI, without pattern, "
					"blank or value");
	for (int i = 0; i < opts->n_operands; i++)
		if (!print_matches(&o, opts->operands[i]))
			return in_no_row(arena, opts->operands[i]);
	return terminal_end(&o, DONE);
}

static int names(struct arena *arena, int argc, char **argv)
{
	struct opts opts = {
		.synopsis = "names [NAME...]",
		.about =
			"Prints the catalogue of credentials: each name, its "
			"provider, and its role (key, alternative, optional or "
			"setting). With a NAME, or a part of one, the names "
			"that do instead, the packages that read it and their "
			"errors, too."};

	if (!take_options(arena, &opts, argc, argv))
		return opts.status;
	return opts.n_operands ? show(arena, &opts) : list(arena);
}

const struct command command_names = {
	"names", "print which names are known, whose, and in what role", names};
