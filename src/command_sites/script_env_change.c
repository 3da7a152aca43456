/* A line is told only where certain: a single line of the script names the
 * variable in a way that may change the value, and the script runs no text of
 * another place. Lines that only expand or print the name change nothing. */
#include "command_sites/script_env_change.h"

#include "command_sites/env_change_site.h"
#include "command_sites/line_env_change.h"
#include "command_sites/makefile_env_change.h"
#include "command_sites/shell/shell_substitutions.h"
#include "command_sites/shell/value_commands.h"
#include "runtimes/runtime.h"
#include "shared/env_file_name.h"
#include "trace/site.h"

/* --- a script --------------------------------------------------------------
 */

struct script {
	struct str path, text;
	struct str directory; /* of the shell at first */
	unsigned long launch; /* the line of the launch; 0: none */
	bool is_makefile;
};

enum { DEEPEST = 4 };

/* A line that makes a change, in the script or in a file that it reads. */
struct change_line {
	struct str site;
	unsigned long line; /* of the script; 0: none */
	bool is_uncertain;
};

struct search {
	struct written_files *files;
	const struct image *shell;
	const struct script *script;
	struct str name;
	enum change wanted;
	struct str directory; /* len 0: not known */
	unsigned depth;
	struct change_line found;
};

static void search_text(struct search *, struct str path, struct str text,
			unsigned long included_at);

/* The trace has each env file that the shell opened: the line did not run. */
static bool is_unread_env_file(const struct image *shell, struct str path)
{
	if (env_file_kind_of(path.at, path.len) != ENV_FILE_ASSIGNS ||
	    !shell->observed)
		return false;
	for (size_t i = 0; i < shell->n_opens; i++)
		if (!shell->opens[i]->has_errno &&
		    str_eq(str_base(shell->opens[i]->path), str_base(path)))
			return false;
	return true;
}

/* The line without `. ./.env` among other commands, where the shell did not
 * read that file: `set -a; . ./.env; set +a`. */
static struct str without_unread_file(const struct search *s, struct str line)
{
	static const char *const befores[] = {"; . ", "&& . ", "then . "};

	for (size_t i = 0; i < sizeof befores / sizeof *befores; i++) {
		size_t n = strlen(befores[i]), end;
		const char *at = memmem(line.at, line.len, befores[i], n);
		struct str path;

		if (!at)
			continue;
		n = (size_t)(at - line.at) + n;
		for (end = n; end < line.len && !strchr(" ;&|)}", line.at[end]);
		     end++)
			;
		path = included_file(s->files->arena,
				     (struct str){line.at + n - 2, end - n + 2},
				     s->directory, s->script->path);
		if (path.len && is_unread_env_file(s->shell, path))
			return arena_print(s->files->arena, "%.*s:%.*s",
					   (int)(n - 2), line.at,
					   STR_FMT(from(line, end)));
	}
	return line;
}

/* False: the line reads no file. */
static bool search_included(struct search *s, struct str line, unsigned long at)
{
	struct str path = included_file(s->files->arena, line, s->directory,
					s->script->path);
	struct str text = {NULL, 0};

	if (path.len && is_unread_env_file(s->shell, path))
		return true;
	if (path.len && s->depth < DEEPEST)
		text = read_written(s->files, path, s->shell);
	if (!text.len)
		return false;
	s->depth++;
	search_text(s, path, text, at);
	s->depth--;
	return true;
}

static void note_change(struct search *s, enum change c, struct str path,
			unsigned long line, unsigned long top)
{
	if (s->found.line || c != s->wanted)
		s->found.is_uncertain = true;
	s->found.line = top;
	s->found.site = site_at(s->files->arena, path, line);
}

/* `export $(cat FILE)`: the names are those of the output. */
static bool exports_output(struct str line)
{
	return memmem(line.at, line.len, "export $(", 9) ||
	       memmem(line.at, line.len, "export `", 8);
}

static enum change change_in(struct search *s, struct str line)
{
	line = without_unread_file(s, line);
	s->found.is_uncertain |= s->wanted == SETS && exports_output(line);
	line = without_substitutions(s->files->arena, line);
	s->found.is_uncertain |= runs_other_text(line);
	return only_prints(line) ? NO_CHANGE : change_of_line(line, s->name);
}

static unsigned long line_ends(struct str text)
{
	unsigned long n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n';
	return n;
}

static void search_text(struct search *s, struct str path, struct str text,
			unsigned long included_at)
{
	unsigned long line = 0, next = 1;
	struct str at;

	while (!s->found.is_uncertain && next_whole_line(&text, &at)) {
		unsigned long top;
		enum change c;

		line = next;
		next += 1 + line_ends(at);
		top = included_at ? included_at : line;
		at = trim(at);
		if (!at.len || at.at[0] == '#' || search_included(s, at, top))
			continue;
		s->directory =
			directory_behind(at, s->directory, s->script->path);
		c = change_in(s, at);
		if (c != NO_CHANGE)
			note_change(s, c, path, line, top);
	}
}

/* The line that makes the change; line 0: not certain. */
static struct change_line line_of_change(struct written_files *files,
					 const struct image *shell,
					 const struct script *script,
					 struct str name, enum change wanted)
{
	struct search s = {.files = files,
			   .shell = shell,
			   .script = script,
			   .name = name,
			   .directory = script->directory,
			   .wanted = wanted};

	search_text(&s, script->path, script->text, 0);
	if (s.found.is_uncertain)
		s.found.line = 0;
	return s.found;
}

static struct str line_at(struct str text, unsigned long number)
{
	struct str line = STR("");

	while (number-- && next_line(&text, &line))
		;
	return line;
}

static struct change_line find_change(struct written_files *files,
				      const struct image *shell,
				      const struct script *s, struct str name,
				      enum change wanted)
{
	unsigned long line;

	if (!s->is_makefile)
		return line_of_change(files, shell, s, name, wanted);
	line = line_of_makefile_change(s->text, name, wanted);
	return (struct change_line){site_at(files->arena, s->path, line), line,
				    false};
}

/* A script that thousands of processes run is searched once for each name. */
static struct change_line known_change(struct written_files *files,
				       const struct image *shell,
				       const struct script *s, struct str name,
				       enum change wanted)
{
	struct str key =
		arena_print(files->arena, "%.*s %d %.*s", STR_FMT(name),
			    (int)wanted, STR_FMT(s->directory));
	void **slot = hashmap_slot(files->changes, s->text.at, key);
	struct change_line *found = *slot;

	if (!found) {
		*slot = found = TAKE(files->arena, struct change_line, 1);
		*found = find_change(files, shell, s, name, wanted);
	}
	return *found;
}

static void tell_changes(struct written_files *files, const struct image *shell,
			 const struct script *s, struct event *e,
			 const struct values *names, enum change wanted)
{
	for (size_t i = 0; i < names->n; i++) {
		struct str name = names->at[i].name;
		struct change_line at =
			known_change(files, shell, s, name, wanted);

		if (!at.line || (s->launch && at.line >= s->launch))
			continue;
		add_changed_line(files->arena, e, name, at.site);
		if (wanted == SETS && !s->is_makefile &&
		    (names->at[i].value.is & KT_IS_EMPTY))
			find_value_commands(files, shell, e, name, at.site);
	}
}

static void tell_event(struct written_files *files, const struct image *shell,
		       const struct script *s, struct event *e)
{
	tell_changes(files, shell, s, e, &e->lost, REMOVES);
	tell_changes(files, shell, s, e, &e->env, SETS);
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
	ret->directory = shell->cwd;
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
	struct event *e = model_event_to_write(image->handover);
	struct script s = {.launch = 0};

	if (!e || !(e->lost.n || e->env.n) || !image->parent)
		return;
	if (read_makefile(files, model_program(image->parent), e, &s)) {
		tell_event(files, model_program(image->parent), &s, e);
		return;
	}
	if (!read_script(files, image->parent, &s))
		return;
	s.launch = line_of_launch(files, &s, image->parent, e);
	if (s.launch)
		tell_event(files, image->parent, &s, e);
}

/* A shell changes its environment where it launches a command, whose line may
 * set the variable for the command alone. */
static void tell_prefixes(struct written_files *files, const struct script *s,
			  const struct image *shell, size_t i)
{
	struct event *change = model_event_to_write(shell->events[i]);
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
			tell_event(files, image, &s,
				   model_event_to_write(image->events[i]));
			tell_prefixes(files, &s, image, i);
		}
}

void find_script_changes(struct written_files *files, const struct image *image)
{
	tell_launch(files, image);
	if (runtime_of(image)->id == RUNTIME_SHELL)
		tell_unseen_changes(files, image);
}
