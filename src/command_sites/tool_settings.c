#include "command_sites/tool_settings.h"

#include "base/pattern.h"
#include "command_sites/env_change_site.h"
#include "command_sites/program_options.h"
#include "model/place.h"
#include "runtimes/runtime.h"
#include "trace/caller.h"

/* Tools that take variables by name from a file of settings: an option for the
 * file, and the names that they look for without one. */
static const struct tool {
	const char *programs;
	char letter;
	const char *option, *defaults;
} tools[] = {
	{"webpack webpack-cli", 'c', "--config",
	 "webpack.config.js webpack.config.cjs webpack.config.mjs "
	 "webpack.config.ts"},
	{"tox", 'c', "--conf", "tox.ini setup.cfg pyproject.toml tox.toml"},
	{"supervisord", 'c', "--configuration",
	 "supervisord.conf etc/supervisord.conf"},
	{"pm2 pm2-runtime pm2-docker", '\0', "", ""},
};

static const char operands[] = "*.config.js *.config.cjs *.json *.yml *.yaml";

static const struct tool *tool_of(const struct image *image)
{
	struct str program = runtime_packaged_program(image);

	for (size_t i = 0; program.len && i < sizeof tools / sizeof *tools; i++)
		if (str_matches_any(program, tools[i].programs))
			return &tools[i];
	return NULL;
}

/* --- the line ------------------------------------------------------------- */

struct search {
	struct written_files *files;
	const struct image *tool;
	struct str name;
	struct str site;
	size_t lines; /* with the name */
};

static bool is_name_byte(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static bool has_word(struct str line, struct str word)
{
	const char *at = line.at, *end = line.at + line.len;

	while ((at = memmem(at, (size_t)(end - at), word.at, word.len))) {
		if ((at == line.at || !is_name_byte(at[-1])) &&
		    (at + word.len == end || !is_name_byte(at[word.len])))
			return true;
		at++;
	}
	return false;
}

static bool is_comment(struct str line)
{
	return line.len && (strchr("#;*", *line.at) ||
			    (line.len > 1 && (!memcmp(line.at, "//", 2) ||
					      !memcmp(line.at, "/*", 2))));
}

static void search_file(struct search *s, struct str name)
{
	struct str path = path_below(s->files->arena, s->tool->cwd, name);
	struct str text = {NULL, 0}, line;
	unsigned long n = 0;

	if (path.len && is_written_there(path))
		text = read_written(s->files, path, s->tool);
	while (next_line(&text, &line)) {
		n++;
		if (is_comment(trim(line)) || !has_word(line, s->name))
			continue;
		s->site = site_at(s->files->arena, path, n);
		s->lines++;
	}
}

static void search_defaults(struct search *s, const char *names)
{
	struct str rest = str_of(names), name;

	while (next_word(&rest, &name))
		search_file(s, name);
}

static void search_operands(struct search *s)
{
	const struct strs *args = model_arguments(s->tool);

	for (size_t i = 1; i < args->n; i++)
		if (str_matches_any(args->at[i], operands))
			search_file(s, args->at[i]);
}

/* The client that started the daemon has the file among the arguments. */
static void search_operands_above(struct search *s, const struct tool *tool)
{
	size_t climbs = 8;

	search_operands(s);
	while (!s->lines && climbs-- && s->tool->parent &&
	       tool_of(s->tool->parent) == tool) {
		s->tool = s->tool->parent;
		if (has_all_options(s->tool) && s->tool->hop != HOP_FORK)
			search_operands(s);
	}
}

static struct str find_line(struct written_files *files,
			    const struct image *image, struct str name)
{
	const struct tool *tool = tool_of(image);
	struct search s = {.files = files, .tool = image, .name = name};
	struct str file;

	if (!tool || !has_all_options(image))
		return s.site;
	file = value_of_option(image, tool->letter, tool->option);
	if (file.len)
		search_file(&s, file);
	else if (*tool->defaults)
		search_defaults(&s, tool->defaults);
	else
		search_operands_above(&s, tool);
	return s.lines == 1 ? s.site : (struct str){NULL, 0};
}

/* --- events --------------------------------------------------------------- */

static void tell_values(struct written_files *files, const struct image *tool,
			struct event *e)
{
	for (size_t i = 0; i < e->env.n; i++) {
		struct str name = e->env.at[i].name;
		struct str site = find_line(files, tool, name);

		if (site.len)
			add_changed_line(files->arena, e, name, site);
	}
}

static void tell_launch(struct written_files *files, const struct image *image)
{
	struct event *e = model_event_to_write(image->handover);
	const struct image *by =
		image->parent ? model_program(image->parent) : NULL;

	if (e && by && tool_of(by))
		tell_values(files, by, e);
}

static void take_line(struct written_files *files, const struct image *tool,
		      struct event *e)
{
	e->command_site = find_line(files, tool, e->name);
	e->command_site_is_new = e->command_site.len;
}

static void tell_reads(struct written_files *files, const struct image *image)
{
	if (!tool_of(image))
		return;
	for (size_t i = 0; i < image->n_events; i++) {
		struct event *e = model_event_to_write(image->events[i]);

		if (e->kind != KT_READ || !count_frames(e) ||
		    own_line_of(e).len || e->command_site.len)
			continue;
		take_line(files, image, e);
	}
}

/* A worker of PM2 in cluster mode sets what stands in the ecosystem file. */
static void tell_sets(struct written_files *files, const struct image *image)
{
	const struct image *by =
		image->parent ? model_program(image->parent) : NULL;

	if (!by || !tool_of(by))
		return;
	for (size_t i = 0; i < image->n_events; i++) {
		struct event *e = model_event_to_write(image->events[i]);

		if (e->kind != KT_SET || own_line_of(e).len ||
		    e->command_site.len ||
		    !str_matches_any(e->site, "*/pm2/lib/ProcessContainer*"))
			continue;
		take_line(files, by, e);
	}
}

void find_tool_settings(struct written_files *files, const struct image *image)
{
	tell_launch(files, image);
	tell_reads(files, image);
	tell_sets(files, image);
}
