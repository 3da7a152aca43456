#include "command_sites/shell/client_expansions.h"

#include <ctype.h>

#include "base/array.h"
#include "command_sites/launcher_climb.h"
#include "command_sites/shell/script_expansions.h"
#include "model/place.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

/* --- the client ------------------------------------------------------------
 */

/* Statuses that stand for the answer of a host: 400 or above. */
static bool has_status_of_answer(const struct image *client)
{
	struct str program = str_base(client->exe);

	if (!client->has_status)
		return false;
	if (str_eq(program, STR("curl")))
		return client->status == 22;
	return str_eq(program, STR("wget")) &&
	       (client->status == 6 || client->status == 8);
}

static bool was_refused(const struct image *client)
{
	const struct event *answer =
		client->n_requests
			? client->requests[client->n_requests - 1].response
			: NULL;

	return answer && (answer->status == 401 || answer->status == 403);
}

static bool is_client(const struct image *image)
{
	return image->birth && image->observed && !image->birth->owner &&
	       !model_is_fork_or_thread(image) &&
	       str_is_listed(str_base(image->exe), "curl wget");
}

/* Of clients that only failed: an answer in the trace tells more. */
static bool failed_by_answer(const struct image *client)
{
	return was_refused(client) ||
	       (!client->n_requests && has_status_of_answer(client));
}

static const struct image *script_of(const struct image *client)
{
	const struct image *shell =
		client->parent ? model_program(client->parent) : NULL;

	return shell && shell->observed && shell->birth &&
			       !shell->birth->owner &&
			       runtime_of(shell)->id == RUNTIME_SHELL &&
			       runtime_script(shell).len
		       ? shell
		       : NULL;
}

/* The same command of one script. */
static void **tries_of(struct hashmap *tries, const struct image *client)
{
	return hashmap_slot(tries, script_of(client), client->command);
}

/* --- the command -----------------------------------------------------------
 */

/* The line with the number, and those that a backslash joins. */
static struct str joined_lines(struct str text, unsigned long number)
{
	struct str line, whole = {NULL, 0};

	for (unsigned long n = 1; next_line(&text, &line); n++) {
		bool goes_on = line.len && line.at[line.len - 1] == '\\';

		if (!whole.at)
			whole.at = line.at;
		whole.len = (size_t)(line.at + line.len - whole.at);
		if (!goes_on && n >= number)
			return whole;
		if (!goes_on)
			whole.at = NULL;
	}
	return whole;
}

static bool ends_word(struct str text, size_t i)
{
	return i >= text.len || strchr(" \t\\", text.at[i]);
}

static bool begins_command(struct str text, size_t i)
{
	return !i || strchr(" \t/(`;|&\"", text.at[i - 1]);
}

/* Up to the end of the command, from behind its first word on. */
static struct str up_to_end(struct str rest)
{
	char quote = 0;

	for (size_t i = 0; i < rest.len; i++) {
		char c = rest.at[i];

		if (c == '\\' && quote != '\'')
			i++;
		else if (quote ? c == quote : (c == '\'' || c == '"'))
			quote = quote ? 0 : c;
		else if (!quote && strchr("|;&)`#", c))
			return (struct str){rest.at, i};
	}
	return rest;
}

/* The arguments of the only command `program` in the lines; len 0: none, or
 * several. */
static struct str arguments_in(struct str lines, struct str program)
{
	struct str found = {NULL, 0};

	for (size_t i = 0; i + program.len <= lines.len; i++) {
		if (memcmp(lines.at + i, program.at, program.len) ||
		    !begins_command(lines, i) ||
		    !ends_word(lines, i + program.len))
			continue;
		if (found.len)
			return (struct str){NULL, 0};
		found = up_to_end(from(lines, i + program.len));
	}
	return found;
}

/* --- the names -------------------------------------------------------------
 */

static bool lacks(const struct image *image, struct str name)
{
	const struct value *value;

	return model_inherited(image, name, &value) == ABSENT;
}

/* The key may have come from elsewhere: `${KEY:-$OTHER}`, `${KEY:-$(pass)}`. */
static bool has_other_source(struct arena *a, const struct expansion *e,
			     const struct image *shell)
{
	struct expansions others = find_expansions(a, e->instead, NULL, NULL);
	size_t dollars = 0;

	for (size_t i = 0; i < e->instead.len; i++) {
		if (e->instead.at[i] == '`')
			return true;
		dollars += e->instead.at[i] == '$';
	}
	for (size_t i = 0; i < others.n; i++)
		if (!lacks(shell, others.at[i].name))
			return true;
	return dollars != others.n;
}

/* In the file with the path, where `name` is not null. */
static bool is_among(const struct script_expansions *list, struct str path,
		     const struct str *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i].path, path) &&
		    (!name || str_eq(list->at[i].expansion.name, *name)))
			return true;
	return false;
}

struct command {
	struct arena *arena;
	const struct image *client, *shell;
	const struct script_expansions *in_script;
	struct str path, text; /* of the file with the command */
	struct str *lacked;    /* NAME=SITE */
	size_t n, room;
};

static bool has_lacked(const struct command *c, struct str entry)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->lacked[i], entry))
			return true;
	return false;
}

/* Names that the text expands, and that neither the shell nor its script has.
 */
static void add_lacked(struct command *c, struct str text, struct str site)
{
	struct expansions found = find_expansions(c->arena, text, NULL, NULL);

	for (size_t i = 0; i < found.n; i++) {
		const struct expansion *e = &found.at[i];
		struct str entry = arena_print(c->arena, "%.*s=%.*s",
					       STR_FMT(e->name), STR_FMT(site));

		if (!e->is_condition &&
		    is_among(c->in_script, c->path, &e->name) &&
		    lacks(c->shell, e->name) && lacks(c->client, e->name) &&
		    !has_other_source(c->arena, e, c->shell) &&
		    !has_lacked(c, entry))
			*ARRAY_ADD(c->arena, c->lacked, c->n, c->room) = entry;
	}
}

/* --- by way of a variable: auth="Bearer $KEY"; curl -H "$auth" --------------
 */

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* From `at` on: a name that is not expanded. text.len: none. */
static size_t next_mention(struct str text, struct str name, size_t at)
{
	for (; at + name.len <= text.len; at++)
		if (!memcmp(text.at + at, name.at, name.len) &&
		    (!at || (!is_name_byte(text.at[at - 1]) &&
			     !strchr("${", text.at[at - 1]))) &&
		    (at + name.len == text.len ||
		     !is_name_byte(text.at[at + name.len])))
			return at;
	return text.len;
}

/* Behind NAME= , where nothing else in the text may set the name; len 0: not
 * so, or a command makes the value. */
static struct str only_value(struct str text, struct str name)
{
	size_t at = next_mention(text, name, 0), end = at + name.len;
	struct str line, rest;

	if (end >= text.len || text.at[end] != '=' ||
	    next_mention(text, name, at + 1) < text.len)
		return (struct str){NULL, 0};
	rest = from(text, end + 1);
	if (!next_line(&rest, &line) || memmem(line.at, line.len, "$(", 2) ||
	    memchr(line.at, '`', line.len))
		return (struct str){NULL, 0};
	return line;
}

static unsigned long line_number(struct str text, const char *at)
{
	unsigned long n = 1;

	for (const char *c = text.at; c < at; c++)
		n += *c == '\n';
	return n;
}

/* `$auth`, `${auth}`, `"${headers[@]}"` */
static void add_by_variable(struct command *c, struct str arguments, size_t at)
{
	bool braced = at < arguments.len && arguments.at[at] == '{';
	struct str name = {arguments.at + at + braced, 0}, value;
	const char *end = arguments.at + arguments.len;

	while (name.at + name.len < end && is_name_byte(name.at[name.len]))
		name.len++;
	if (!name.len || (braced && (name.at + name.len == end ||
				     !strchr("}[", name.at[name.len]))))
		return;
	value = only_value(c->text, name);
	if (value.len)
		add_lacked(c, value,
			   site_at(c->arena, c->path,
				   line_number(c->text, value.at)));
}

static void add_by_variables(struct command *c, struct str arguments)
{
	for (size_t i = 0; i < arguments.len; i++)
		if (arguments.at[i] == '$')
			add_by_variable(c, arguments, i + 1);
}

/* --- a script --------------------------------------------------------------
 */

/* A script may start thousands of clients. */
static const struct script_expansions *
expansions_of(struct written_files *files, struct hashmap *known,
	      const struct image *shell)
{
	struct script_expansions **slot =
		(struct script_expansions **)hashmap_slot(known, shell,
							  STR(""));

	if (!*slot) {
		*slot = TAKE(files->arena, struct script_expansions, 1);
		**slot = find_script_expansions(files, shell, NULL);
	}
	return *slot;
}

static void find_names(struct written_files *files, struct hashmap *known,
		       const struct image *client)
{
	struct event *e = model_event_to_write(client->birth);
	const struct image *shell = script_of(client);
	struct str site = client->handover ? client->handover->site : STR("");
	const struct script_expansions *found =
		expansions_of(files, known, shell);
	struct command c = {.arena = files->arena,
			    .client = client,
			    .shell = shell,
			    .in_script = found};
	struct str arguments;

	if (!found->n)
		return;
	if (!place_has_line(site))
		site = find_command_site(files, client);
	c.path = path_below(files->arena, shell->cwd, site_file(site));
	if (!site_line(site) || !is_among(found, c.path, NULL))
		return;
	c.text = read_written(files, c.path, shell);
	arguments = arguments_in(joined_lines(c.text, site_line(site)),
				 str_base(client->exe));
	add_lacked(&c, arguments, site);
	add_by_variables(&c, arguments);
	e->tested = (struct strs){c.lacked, c.n};
	e->tested_is_new = c.n;
}

/* A script that asks until the host answers has missed nothing. */
void find_client_expansions(struct written_files *files, const struct model *m)
{
	struct hashmap *tries = hashmap_new(files->arena);
	struct hashmap *known = hashmap_new(files->arena);

	for (size_t i = 0; i < m->n_images; i++)
		if (is_client(m->images[i]) && script_of(m->images[i]) &&
		    !failed_by_answer(m->images[i]))
			*tries_of(tries, m->images[i]) = m->images[i];
	for (size_t i = 0; i < m->n_images; i++) {
		struct image *image = m->images[i];

		if (is_client(image) && script_of(image) &&
		    failed_by_answer(image) && !image->birth->tested.n &&
		    !*tries_of(tries, image))
			find_names(files, known, image);
	}
}
