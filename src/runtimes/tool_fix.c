#include "runtimes/tool_fix.h"

#include <stdio.h>

#include "base/pattern.h"
#include "model/place.h"
#include "model/request_words.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

enum where { PROGRAM, ARGUMENT, CALLER, ABOVE, CGROUP, PID1, COMPOSE };

static const struct row {
	const char *codes, *pattern, *text;
	enum where where;
} rows[] =
	{
#define FIX(codes, where, pattern, text) {codes, pattern, text, where},
#define FACT(codes, where, pattern, text)
#include "runtimes/tool_fixes.def"
},
  facts[] = {
#define FIX(codes, where, pattern, text)
#define FACT(codes, where, pattern, text) {codes, pattern, text, where},
#include "runtimes/tool_fixes.def"
};

/* --- programs ------------------------------------------------------------- */

static struct str without_ending(struct str name)
{
	static const char *const endings[] = {".py", ".js", ".cjs", ".pl"};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		struct str end = str_of(endings[i]);

		if (name.len > end.len &&
		    !memcmp(name.at + name.len - end.len, end.at, end.len))
			return (struct str){name.at, name.len - end.len};
	}
	return name;
}

static bool is_program(struct str path, const char *names)
{
	struct str name = without_ending(str_base(path));

	return name.len && str_is_listed(name, names);
}

/* The script of an interpreter, or the module behind -m. */
static struct str script_of(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n && runtime_interprets(image); i++)
		if (args->at[i].len && args->at[i].at[0] != '-')
			return args->at[i];
	return (struct str){NULL, 0};
}

static bool runs(const struct image *image, const char *names)
{
	const struct strs *args = model_arguments(image);

	return is_program(image->exe, names) ||
	       (args->n && is_program(args->at[0], names)) ||
	       is_program(script_of(image), names);
}

/* A program with code of its own, other than a shell, answers for what it
 * starts. */
static bool answers_for_itself(struct str program)
{
	enum runtime_id id = runtime_of_program(program)->id;

	return id != RUNTIME_OTHER && id != RUNTIME_SHELL &&
	       id != RUNTIME_ENV && id != RUNTIME_SUDO;
}

/* The nearest is the first. */
static bool has_one_of(const struct strs *programs, const char *names)
{
	for (size_t i = 0; i < programs->n; i++) {
		if (str_is_listed(programs->at[i], names))
			return true;
		if (answers_for_itself(programs->at[i]))
			return false;
	}
	return false;
}

static bool runs_above(const struct image *image, const char *names)
{
	size_t climbs = 64;

	for (; image && climbs--; image = image->parent)
		if (runs(image, names) || has_one_of(&image->above, names))
			return true;
	return false;
}

/* "env -u* --unset*": the program, then patterns of its arguments. The first
 * argument that is no option begins the command which the program runs. */
static bool has_argument(const struct image *image, const char *pattern)
{
	const struct strs *args = model_arguments(image);
	size_t n = strcspn(pattern, " ");
	char program[64];

	snprintf(program, sizeof program, "%.*s", (int)n, pattern);
	if (!runs(image, program))
		return false;
	for (size_t i = 1;
	     i < args->n && args->at[i].len && args->at[i].at[0] == '-'; i++)
		if (str_matches_any(args->at[i], pattern + n))
			return true;
	return false;
}

/* --- places --------------------------------------------------------------- */

static bool has_part(struct str text, const char *part)
{
	return text.len && memmem(text.at, text.len, part, strlen(part));
}

static bool is_on_way(const struct event *e, const char *part)
{
	if (!e)
		return false;
	for (size_t i = 0; i < e->callers.n; i++)
		if (has_part(e->callers.at[i], part))
			return true;
	return has_part(event_site(e), part);
}

static const struct image *reader_of(const struct finding *f)
{
	return f->victim ? f->victim : f->culprit;
}

static bool is_in_cgroup(const struct image *image, const char *part)
{
	while (image && !(image->birth && image->birth->cgroup.len))
		image = image->parent;
	return image && !image->birth->tty.len &&
	       has_part(image->birth->cgroup, part);
}

static bool is_in_container(const struct image *image)
{
	for (; image; image = image->parent)
		if (image->pid == 1)
			return true;
	return false;
}

/* The line that started the run of the reader. */
static struct str line_of_run(const struct finding *f)
{
	const struct event *birth = reader_of(f) && reader_of(f)->root
					    ? reader_of(f)->root->birth
					    : NULL;

	return birth ? birth->command_site : (struct str){NULL, 0};
}

static bool is_compose_service(const struct finding *f, const char *pattern)
{
	return is_in_container(reader_of(f)) &&
	       str_matches_any(str_base(site_file(line_of_run(f))), pattern);
}

/* --- rows ----------------------------------------------------------------- */

static bool matches(const struct row *row, const struct finding *f)
{
	switch (row->where) {
	case PROGRAM:
		return f->culprit && runs(f->culprit, row->pattern);
	case ARGUMENT:
		return f->culprit && has_argument(f->culprit, row->pattern);
	case CALLER:
		return is_on_way(f->culprit_event, row->pattern);
	case ABOVE:
		return runs_above(reader_of(f), row->pattern);
	case CGROUP:
		return is_in_cgroup(reader_of(f), row->pattern);
	case PID1:
		return is_in_container(reader_of(f));
	case COMPOSE:
		return is_compose_service(f, row->pattern);
	}
	return false;
}

/* --- the header of a request -----------------------------------------------
 */

static struct str header_of(const struct finding *f)
{
	const struct sent_credentials *list;

	if (!f->request || !f->request->event->credentials.n)
		return (struct str){NULL, 0};
	list = &f->request->event->credentials;
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i].name, f->variable))
			return list->at[i].header;
	return list->at[0].header;
}

/* x-api-key is $http_x_api_key in nginx. */
static struct str nginx_variable(struct arena *a, struct str header)
{
	struct str made = arena_print(a, "$http_%.*s", STR_FMT(header));
	char *to = (char *)(uintptr_t)made.at;

	for (size_t i = 0; i < made.len; i++)
		if (to[i] == '-')
			to[i] = '_';
	return made;
}

static struct str with_header(struct arena *a, struct str text,
			      struct str header)
{
	text = arena_replace(a, text, "{$http_header}",
			     nginx_variable(a, header));
	return arena_replace(a, text, "{Header}", header_in_words(a, header));
}

/* nginx drops a header whose name has an underscore. */
static struct str about_underscore(struct str header)
{
	if (!header.len || !memchr(header.at, '_', header.len))
		return STR("");
	return STR("; headers with an underscore need "
		   "`underscores_in_headers on;`");
}

/* --- places in a text ------------------------------------------------------
 */

static struct str at_line(struct arena *a, const struct finding *f)
{
	if (!place_has_line(f->culprit_site))
		return STR("");
	return arena_print(
		a, " at %.*s",
		STR_FMT(place_in_words(a, f->culprit, f->culprit_site)));
}

/* The file of a tool's settings; a script that started the tool is none. */
static struct str file_of_settings(struct arena *a, const struct finding *f)
{
	struct str file = site_file(f->culprit_site);

	if (!place_has_line(f->culprit_site) ||
	    !str_matches_any(str_base(file), "*.config.* *.yml *.yaml"))
		return STR("FILE");
	return site_file(place_in_words(a, f->culprit, f->culprit_site));
}

static struct str apaches_file(struct arena *a, const struct finding *f)
{
	if (!place_has_line(f->culprit_site) ||
	    !str_has_suffix(site_file(f->culprit_site), STR(".conf")))
		return STR("Apache's configuration");
	return site_file(place_in_words(a, f->culprit, f->culprit_site));
}

static struct str compose_file(struct arena *a, const struct finding *f)
{
	return site_file(place_in_words(a, reader_of(f), line_of_run(f)));
}

/* " (run.sh:3)" */
static struct str in_brackets(struct arena *a, struct str place)
{
	return place.len ? arena_print(a, " (%.*s)", STR_FMT(place)) : STR("");
}

/* A row about headers says nothing of a parameter in the query. */
static bool is_about(const struct row *row, struct str header)
{
	return !strstr(row->text, "{Header}") || is_header(header);
}

/* --- the answer ----------------------------------------------------------- */

static struct str filled_in(struct arena *a, const char *text,
			    const struct finding *f)
{
	struct str header = header_of(f);
	struct str made = with_name(a, text, f->variable);

	made = arena_replace(a, made, "{underscore}", about_underscore(header));
	made = arena_replace(a, made, "{at}", at_line(a, f));
	made = arena_replace(a, made, "{FILE}", file_of_settings(a, f));
	made = arena_replace(a, made, "{httpd.conf}", apaches_file(a, f));
	made = arena_replace(a, made, "{compose.yml}", compose_file(a, f));
	made = arena_replace(a, made, "{asked}", in_brackets(a, f->asked_at));
	return with_header(a, made, header);
}

static struct str first_match(struct arena *a, const struct row *list, size_t n,
			      const struct finding *f)
{
	for (size_t i = 0; i < n; i++)
		if (str_is_listed(str_of(f->code), list[i].codes) &&
		    matches(&list[i], f) && is_about(&list[i], header_of(f)))
			return filled_in(a, list[i].text, f);
	return (struct str){NULL, 0};
}

struct str find_tool_fix(struct arena *a, const struct finding *f)
{
	return first_match(a, rows, sizeof rows / sizeof *rows, f);
}

struct str find_tool_fact(struct arena *a, const struct finding *f)
{
	return first_match(a, facts, sizeof facts / sizeof *facts, f);
}
