#include "commands/command.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

int complain(struct arena *arena, const char *format, ...)
{
	struct out o = out_to(arena, STDERR_FILENO);
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	out_clean(&o, STR("keytrail: "));
	out_clean(&o, text ? str_of(text) : STR("out of memory"));
	out_line(&o);
	out_end(&o);
	free(text);
	return FAILED;
}

/* --color=WHEN, of the command's own options. */
static enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;

static bool take_color(const char *when)
{
	if (!when || !strcmp(when, "auto"))
		color = COLOR_AUTO;
	else if (!strcmp(when, "always"))
		color = COLOR_ALWAYS;
	else if (!strcmp(when, "never"))
		color = COLOR_NEVER;
	else
		return false;
	return true;
}

bool take_options(struct arena *arena, struct opts *opts, int argc, char **argv)
{
	const char *name = argv[0]; /* parsing moves operands to argv[0] */
	struct str why;
	struct out o;

	if (!opts_parse(arena, opts, argc, argv, &why)) {
		opts->status =
			complain(arena, "%s: %.*s; see keytrail %s --help",
				 name, STR_FMT(why), name);
		return false;
	}
	if (!take_color(opts->color)) {
		opts->status = complain(arena,
					"%s: --color=%s: it is auto, always or "
					"never",
					name, opts->color);
		return false;
	}
	if (!opts->help)
		return true;
	o = terminal_out(arena, STDOUT_FILENO);
	opts_help(opts, &o);
	opts->status = terminal_end(&o, DONE);
	return false;
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static unsigned columns_of(int fd)
{
	const char *told = getenv("COLUMNS");
	struct winsize size;
	long n = told ? strtol(told, NULL, 10) : 0;

	if (n <= 0 && !ioctl(fd, TIOCGWINSZ, &size))
		n = size.ws_col;
	if (n <= 0)
		return 80;
	return n < 40 ? 40 : n > 120 ? 120 : (unsigned)n;
}

static bool shows_utf8(void)
{
	const char *locale = is_set("LC_ALL")	  ? getenv("LC_ALL")
			     : is_set("LC_CTYPE") ? getenv("LC_CTYPE")
						  : getenv("LANG");

	return locale &&
	       (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

static bool shows_colour(int fd)
{
	const char *terminal = getenv("TERM");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	return isatty(fd) && !is_set("NO_COLOR") &&
	       !(terminal && !strcmp(terminal, "dumb"));
}

struct out terminal_out(struct arena *arena, int fd)
{
	struct out o = out_to(arena, fd);

	/* A file at its limit is an error, not our end. */
	signal(SIGXFSZ, SIG_IGN);
	o.width = columns_of(fd);
	o.utf8 = shows_utf8();
	o.colour = shows_colour(fd);
	return o;
}

int terminal_end(struct out *o, int status)
{
	int error = out_end(o);

	if (!error || error == EPIPE)
		return status;
	return complain(o->arena, "cannot write to standard output: %s",
			strerror(error));
}

struct out terminal_page(struct arena *arena)
{
	struct out o = terminal_out(arena, STDOUT_FILENO);
	struct out page = out_to_memory(arena);

	page.width = o.width;
	page.utf8 = o.utf8;
	page.colour = o.colour;
	return page;
}

/* False when no pager ran, and nothing was shown. A reader may leave the pager
 * before the end. */
static bool show_in_pager(struct str text)
{
	const char *pager = getenv("PAGER");
	FILE *to;
	int status;

	if (!isatty(STDOUT_FILENO) || (pager && !*pager))
		return false;
	/* less: no pager for a short page, colours, and the page stays */
	setenv("LESS", "FRX", false);
	signal(SIGPIPE, SIG_IGN);
	to = popen(
		pager ? pager
		      : "command -v less >/dev/null && exec less || exec cat",
		"we");
	if (!to)
		return false;
	fwrite(text.at, 1, text.len, to);
	status = pclose(to);
	return WIFEXITED(status) && WEXITSTATUS(status) < 126;
}

int terminal_page_end(struct out *page, int status)
{
	struct out o;

	if (show_in_pager(out_memory(page)))
		return status;
	o = terminal_out(page->arena, STDOUT_FILENO);
	out_str(&o, out_memory(page));
	return terminal_end(&o, status);
}
