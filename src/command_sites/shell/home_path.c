#include "command_sites/shell/home_path.h"

#include <stdlib.h>

#include "base/path.h"
#include "command_sites/shell/shell_grammar.h"

enum { MOST_CLIMBS = 64 };

/* `env -i HOME=/srv/app sh -c ...`, as a cron job is tried by hand. */
static struct str home_of_env(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1;
	     str_eq(str_base(image->exe), STR("env")) && i < args->n; i++)
		if (str_has_prefix(args->at[i], STR("HOME=/")))
			return from(args->at[i], strlen("HOME="));
	return (struct str){NULL, 0};
}

static struct str home_of(const struct image *shell)
{
	const char *home = getenv("HOME");
	size_t climbs = MOST_CLIMBS;

	for (const struct image *at = shell; at && climbs--; at = at->parent) {
		struct str given = home_of_env(at);

		if (given.len)
			return given;
	}
	return home && *home == '/' ? str_of(home) : (struct str){NULL, 0};
}

/* Behind `~/` or `$HOME/`; len 0: another text. */
static struct str rest_behind_home(struct arena *a, struct str argument)
{
	static const struct str forms[] = {STR("$HOME/"), STR("${HOME}/")};
	struct str text = without_quotes(a, argument);

	if (str_has_prefix(argument, STR("~/")))
		return from(text, strlen("~/"));
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (str_has_prefix(text, forms[i]))
			return from(text, forms[i].len);
	return (struct str){NULL, 0};
}

struct str path_below_home(struct arena *a, const struct image *shell,
			   struct str argument)
{
	struct str rest = argument.len ? rest_behind_home(a, argument)
				       : (struct str){NULL, 0};
	struct str home;

	if (!rest.len || !is_plain_text(rest))
		return (struct str){NULL, 0};
	home = home_of(shell);
	return home.len ? path_below(a, home, rest) : home;
}
