/* A line is told only where certain: a single line of the script names the
 * variable in a way that may change the value, and the script runs no text of
 * another place. Lines that only expand or print the name change nothing. */
#include "command_sites/script_change.h"

#include <ctype.h>

#include "command_sites/event_changed_lines.h"
#include "command_sites/makefile_change.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool begins_with(struct str s, struct str word)
{
	return str_has_prefix(s, word) &&
	       (s.len == word.len || word.at[word.len - 1] == ' ' ||
		!is_name_byte(s.at[word.len]));
}

static bool begins_with_any(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (begins_with(s, str_of(*words)))
			return true;
	return false;
}

/* --- one line ------------------------------------------------------------- */

/* True for a line that may run text of another place, or remove a name held in
 * another variable. */
static bool runs_other_text(struct str line)
{
	static const char *const readers[] = {". ", "source", "eval", "trap",
					      NULL};
	static const char *const parts[] = {"eval ",	"source ", "; . ",
					    "& . ",	"<<",	   "unset $",
					    "unset \"", "read ",   NULL};

	if (begins_with_any(line, readers))
		return true;
	for (const char *const *part = parts; *part; part++)
		if (memmem(line.at, line.len, *part, strlen(*part)))
			return true;
	return false;
}

static bool only_prints(struct str line)
{
	static const char *const words[] = {"echo", "printf", NULL};

	return begins_with_any(line, words) && !memchr(line.at, ';', line.len);
}

/* `then unset NAME` */
static struct str without_keywords(struct str command)
{
	static const char *const words[] = {"if ",   "then ",  "elif ",
					    "else ", "while ", "until ",
					    "do ",   "! ",     NULL};

	while (begins_with_any(command, words))
		command = trim(from(command, strcspn(command.at, " ")));
	return command;
}

/* The command of the line in which the byte stands. */
static struct str command_around(struct str line, size_t at)
{
	size_t begin = at, end = at;

	while (begin && !strchr(";&|({", line.at[begin - 1]))
		begin--;
	while (end < line.len && !strchr(";&|)}", line.at[end]))
		end++;
	return without_keywords(
		trim((struct str){line.at + begin, end - begin}));
}

/* `NAME=value` alone: with a command behind, the value is for the command. */
static bool is_whole_assignment(struct str line, size_t value)
{
	char quote = value < line.len ? line.at[value] : '\0';
	size_t i = value;

	if (quote == '"' || quote == '\'') {
		for (i++; i < line.len && line.at[i] != quote; i++)
			;
		i++;
	} else {
		while (i < line.len && !isspace((unsigned char)line.at[i]) &&
		       !strchr("$`;&|(", line.at[i]))
			i++;
	}
	line = i < line.len ? trim(from(line, i)) : STR("");
	return !line.len || line.at[0] == ';' || line.at[0] == '#';
}

/* The effect of the line on the name at `at`. */
static enum change change_at(struct str line, size_t at, size_t len)
{
	static const char *const unset[] = {"unset", "export -n", "declare +x",
					    "typeset +x", NULL};
	static const char *const exports[] = {"export", "declare -x",
					      "typeset -x", NULL};
	struct str command = command_around(line, at);
	bool assigns = at + len < line.len && line.at[at + len] == '=';

	if (begins_with_any(command, unset))
		return assigns ? UNCERTAIN : REMOVES;
	if (begins_with_any(command, exports))
		return assigns ? SETS : NO_CHANGE;
	if (command.at == line.at + at && assigns &&
	    is_whole_assignment(line, at + len + 1))
		return SETS;
	return UNCERTAIN;
}

/* `$NAME` and `${NAME...}` but `${NAME:=...}` only read. */
static bool only_expands(struct str line, size_t at, size_t len)
{
	size_t end = at + len;

	if (at && line.at[at - 1] == '$')
		return true;
	if (at < 2 || line.at[at - 1] != '{' || line.at[at - 2] != '$')
		return false;
	end += end < line.len && line.at[end] == ':';
	return end >= line.len || line.at[end] != '=';
}

static bool stands_alone(struct str line, size_t at, size_t len)
{
	return (!at || !is_name_byte(line.at[at - 1])) &&
	       (at + len == line.len || !is_name_byte(line.at[at + len]));
}

/* Where the line from `at` on mentions the name other than to expand it;
 * line.len: nowhere. */
static size_t next_mention(struct str line, struct str name, size_t at)
{
	for (; at + name.len <= line.len; at++)
		if (!memcmp(line.at + at, name.at, name.len) &&
		    stands_alone(line, at, name.len) &&
		    !only_expands(line, at, name.len))
			return at;
	return line.len;
}

static enum change change_of_line(struct str line, struct str name)
{
	enum change found = NO_CHANGE;

	for (size_t at = next_mention(line, name, 0); at < line.len;
	     at = next_mention(line, name, at + 1)) {
		enum change c = change_at(line, at, name.len);

		if (c != NO_CHANGE && found != NO_CHANGE)
			return UNCERTAIN;
		found = c != NO_CHANGE ? c : found;
	}
	return found;
}

static struct str first_word(struct str s)
{
	size_t n = 0;

	while (n < s.len && !isspace((unsigned char)s.at[n]))
		n++;
	return (struct str){s.at, n};
}

/* True of `NAME=value command`, where assignments of other names may stand
 * before: for a name that the line has once. */
static bool sets_for_command(struct str line, struct str name)
{
	size_t at = next_mention(line, name, 0), value = at + name.len;
	struct str before;

	if (value >= line.len || line.at[value] != '=' ||
	    is_whole_assignment(line, value + 1) ||
	    next_mention(line, name, at + 1) < line.len)
		return false;
	before = command_around(line, at);
	while (before.at < line.at + at &&
	       memchr(first_word(before).at, '=', first_word(before).len))
		before = trim(from(before, first_word(before).len));
	return before.at == line.at + at;
}

/* --- a script --------------------------------------------------------------
 */

/* The line that makes the change; 0: not certain. */
static unsigned long line_of_change(struct str text, struct str name,
				    enum change wanted)
{
	unsigned long line = 0, found = 0;
	struct str at;

	while (next_line(&text, &at)) {
		enum change c;

		line++;
		at = trim(at);
		if (!at.len || at.at[0] == '#')
			continue;
		if (runs_other_text(at))
			return 0;
		c = only_prints(at) ? NO_CHANGE : change_of_line(at, name);
		if (c == NO_CHANGE)
			continue;
		if (found || c != wanted)
			return 0;
		found = line;
	}
	return found;
}

static struct str line_at(struct str text, unsigned long number)
{
	struct str line = STR("");

	while (number-- && next_line(&text, &line))
		;
	return line;
}

struct script {
	struct str path, text;
	unsigned long launch; /* the line of the launch; 0: none */
	bool is_makefile;
};

/* A script that thousands of processes run is searched once for each name. */
static unsigned long known_line(struct written_files *files,
				const struct script *s, struct str name,
				enum change wanted)
{
	struct str key = arena_print(files->arena, "%.*s %d", STR_FMT(name),
				     (int)wanted);
	void **slot = hashmap_slot(files->changes, s->text.at, key);

	if (!*slot)
		*slot = (void *)(uintptr_t)(1 +
					    (s->is_makefile
						     ? line_of_makefile_change(
							       s->text, name,
							       wanted)
						     : line_of_change(s->text,
								      name,
								      wanted)));
	return (unsigned long)(uintptr_t)*slot - 1;
}

static void tell_changes(struct written_files *files, const struct script *s,
			 struct event *e, const struct values *names,
			 enum change wanted)
{
	for (size_t i = 0; i < names->n; i++) {
		struct str name = names->at[i].name;
		unsigned long line = known_line(files, s, name, wanted);

		if (line && (!s->launch || line < s->launch))
			add_changed_line(files->arena, e, name,
					 site_at(files->arena, s->path, line));
	}
}

static void tell_event(struct written_files *files, const struct script *s,
		       struct event *e)
{
	tell_changes(files, s, e, &e->lost, REMOVES);
	tell_changes(files, s, e, &e->env, SETS);
}

/* False: the shell has no script, or another text than the file has now. */
static bool read_script(struct written_files *files, const struct image *shell,
			struct script *ret)
{
	struct str script = runtime_script(shell);

	if (!script.len)
		return false;
	ret->path = path_below(files->arena, shell->cwd, script);
	if (!ret->path.len)
		return false;
	ret->text = read_written(files, ret->path, shell);
	return ret->text.len;
}

/* The line of the launch in the script; 0: it is elsewhere, or not known. */
static unsigned long line_of_launch(struct written_files *files,
				    const struct script *s,
				    const struct image *shell,
				    const struct event *launch)
{
	struct str site =
		launch->command_site.len ? launch->command_site : launch->site;
	struct str file = path_below(files->arena, shell->cwd, site_file(site));

	return str_eq(file, s->path) ? (unsigned long)site_line(site) : 0;
}

/* The makefile in which the recipe stands. */
static bool read_makefile(struct written_files *files, const struct image *make,
			  const struct event *launch, struct script *ret)
{
	if (!make || !str_is_listed(str_base(make->exe), "make gmake"))
		return false;
	ret->path = path_below(files->arena, make->cwd,
			       site_file(launch->command_site));
	if (!ret->path.len)
		return false;
	ret->text = read_written(files, ret->path, make);
	ret->is_makefile = true;
	return ret->text.len;
}

static void tell_launch(struct written_files *files, const struct image *image)
{
	/* The trace is the caller's, and the model a view of it. */
	struct event *e = (struct event *)image->handover;
	struct script s = {.launch = 0};

	if (!e || !(e->lost.n || e->env.n) || !image->parent)
		return;
	if (read_makefile(files, model_program(image->parent), e, &s)) {
		tell_event(files, &s, e);
		return;
	}
	if (!read_script(files, image->parent, &s))
		return;
	s.launch = line_of_launch(files, &s, image->parent, e);
	if (s.launch)
		tell_event(files, &s, e);
}

/* A shell changes its environment where it launches a command, whose line may
 * set the variable for the command alone. */
static void tell_prefixes(struct written_files *files, const struct script *s,
			  const struct image *shell, size_t i)
{
	struct event *change = (struct event *)shell->events[i];
	const struct event *launch =
		i + 1 < shell->n_events ? shell->events[i + 1] : NULL;
	unsigned long line;

	if (!launch || launch->kind != KT_FORK)
		return;
	line = line_of_launch(files, s, shell, launch);
	for (size_t n = 0; line && n < change->env.n; n++)
		if (sets_for_command(line_at(s->text, line),
				     change->env.at[n].name))
			add_changed_line(files->arena, change,
					 change->env.at[n].name,
					 site_at(files->arena, s->path, line));
}

static void tell_unseen_changes(struct written_files *files,
				const struct image *image)
{
	struct script s = {.launch = 0};

	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_SWAP) {
			if (!s.text.len && !read_script(files, image, &s))
				return;
			tell_event(files, &s, (struct event *)image->events[i]);
			tell_prefixes(files, &s, image, i);
		}
}

void find_script_changes(struct written_files *files, const struct image *image)
{
	tell_launch(files, image);
	if (runtime_of(image)->id == RUNTIME_SHELL)
		tell_unseen_changes(files, image);
}
