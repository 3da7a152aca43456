/* Scripts of shells like sh, and the files that such a script reads. */
#include "command_sites/shell/posix_part.h"

#include "base/path.h"
#include "command_sites/partial_text.h"
#include "command_sites/shell/home_path.h"
#include "command_sites/shell/shell_grammar.h"
#include "command_sites/shell/shell_parser.h"
#include "runtimes/runtime.h"

enum { DEEPEST = 4, LINES_OF_GUARD = 6 };

static void read_part(struct reading_of_script *, struct str path,
		      struct str read_at, unsigned depth);

struct str posix_site(const struct part *p, unsigned long line)
{
	return site_at(p->script->all->files->arena, p->path, line);
}

/* --- names ----------------------------------------------------------------
 */

static void add(struct part *p, struct str name, unsigned long line)
{
	const struct unexported found = {.name = name,
					 .site = posix_site(p, line),
					 .read_at = p->read_at,
					 .returns_at = p->returns_at};

	if (!p->script->exports_all)
		assignments_add(p->script->all, found);
}

/* NAME = value: the shell takes NAME for a command. */
static void add_spaced(struct part *p, struct str name, unsigned long line)
{
	struct str site = posix_site(p, line);

	assignments_add(p->script->all,
			(struct unexported){.name = name,
					    .site = site,
					    .read_at = p->read_at,
					    .spaced_at = site});
}

static bool is_sign(struct str word)
{
	return word.len && *word.at == '=' &&
	       !(word.len > 1 && word.at[1] == '=');
}

bool posix_is_option(struct str word)
{
	return word.len > 1 && strchr("-+", *word.at);
}

/* `declare -x`, `typeset -gx`; `export`, but `export -n`. */
bool posix_exports(struct str words)
{
	struct str first = nth_word(words, 0), word;
	bool found = str_eq(first, STR("export"));

	for (size_t i = 1;
	     (word = nth_word(words, i)).len && posix_is_option(word); i++)
		found = *word.at == '-'
				? found || memchr(word.at, 'x', word.len)
				: found;
	return found;
}

/* In posix_assignments.c the place in all->local, from 1. */
void **posix_local(const struct part *p, unsigned function, struct str name)
{
	return hashmap_slot(p->local, (const void *)(uintptr_t)function, name);
}

/* A value for a name that the function made local. False: another name. */
static bool assign_local(struct part *p, unsigned function, struct str name,
			 unsigned long line)
{
	size_t n = function ? (uintptr_t)*posix_local(p, function, name) : 0;

	if (n && !p->script->all->local[n - 1].site.len)
		p->script->all->local[n - 1].site = posix_site(p, line);
	return n;
}

static void take_declaration(struct part *p, const struct written_command *c)
{
	struct arena *a = p->script->all->files->arena;
	bool exported = posix_exports(c->shell_words);
	struct str word;

	if (is_sign(nth_word(c->shell_words, 2))) {
		add_spaced(p, nth_word(c->shell_words, 1), c->line);
		return;
	}
	for (size_t i = 1; (word = nth_word(c->shell_words, i)).len; i++) {
		bool assigns = is_assignment(word);
		struct str name = assigned_name(a, word);

		if (posix_is_option(word) ||
		    (assigns && assign_local(p, c->function, name, c->line)))
			continue;
		if (exported && assigns)
			assignments_export_value(p->script->all, name);
		if (exported && !p->returns_at.len)
			assignments_export(p->script->all, name);
		else if (assigns)
			add(p, name, c->line);
	}
}

static void add_local(struct part *p, unsigned function,
		      struct unexported found)
{
	size_t before = p->script->all->n_local;

	assignments_add_local(p->script->all, found);
	if (p->script->all->n_local > before)
		*posix_local(p, function, found.name) =
			(void *)(uintptr_t)p->script->all->n_local;
}

static bool has_option(struct str words, char letter)
{
	struct str word;

	for (size_t i = 1;
	     (word = nth_word(words, i)).len && posix_is_option(word); i++)
		if (memchr(word.at, letter, word.len))
			return true;
	return false;
}

/* `declare` in a function, but `declare -g`; and of zsh, -x is -gx. */
bool posix_makes_local(const struct part *p, const struct written_command *c)
{
	struct str shell = str_base(p->script->all->shell->exe);

	return c->function &&
	       str_is_listed(nth_word(c->shell_words, 0), "declare typeset") &&
	       !has_option(c->shell_words, 'g') &&
	       (str_eq(shell, STR("bash")) ||
		(str_eq(shell, STR("zsh")) &&
		 !has_option(c->shell_words, 'x')));
}

/* local NAME, local NAME=value, declare "$line" */
static void take_local(struct part *p, const struct written_command *c)
{
	struct arena *a = p->script->all->files->arena;
	bool declares = posix_makes_local(p, c);
	struct str site = posix_site(p, c->line), word;

	for (size_t i = 1; (word = nth_word(c->shell_words, i)).len; i++) {
		struct unexported found = {.name = assigned_name(a, word),
					   .read_at = p->read_at,
					   .local_at = site};

		if (is_assignment(word))
			found.site = site;
		if (declares && has_unknown_bytes(found.name))
			found = (struct unexported){.name = STR(ANY_NAME),
						    .local_at = site};
		if (!posix_is_option(word))
			add_local(p, c->function, found);
	}
}

static void take_unset(struct part *p, struct str words)
{
	struct str word;

	for (size_t i = 1; (word = nth_word(words, i)).len; i++)
		assignments_remove(p->script->all, word);
}

void posix_take_set(struct reading_of_script *script, struct str words)
{
	struct str word;

	for (size_t i = 1;
	     (word = nth_word(words, i)).len && posix_is_option(word); i++) {
		bool is_long = str_is_listed(word, "-o +o");
		bool all =
			is_long ? str_eq(nth_word(words, ++i), STR("allexport"))
				: memchr(word.at, 'a', word.len) != NULL;

		if (all)
			script->exports_all = *word.at == '-';
	}
}

/* --- a file that ends early where nobody types ------------------------------
 */

static bool mentions_interactive(struct str line)
{
	return memmem(line.at, line.len, "$-", 2) ||
	       memmem(line.at, line.len, "PS1", 3) ||
	       memmem(line.at, line.len, "-t 0", 4);
}

static bool is_guarded(const struct part *p, unsigned long line)
{
	struct str rest = p->text, at;
	unsigned long n = 0, guard = 0;

	while (n < line && next_line(&rest, &at))
		if (n++, mentions_interactive(at))
			guard = n;
	return guard && line - guard < LINES_OF_GUARD;
}

static void take_return(struct part *p, const struct written_command *c)
{
	if (p->read_at.len && !p->returns_at.len && is_guarded(p, c->line))
		p->returns_at = posix_site(p, c->line);
}

/* --- other files, other directories ----------------------------------------
 */

static struct str below(const struct part *p, struct str directory,
			struct str path)
{
	if (!directory.len)
		return path.len && *path.at == '/' ? path
						   : (struct str){NULL, 0};
	return path_below(p->script->all->files->arena, directory, path);
}

static const struct list_step *step_of(const struct part *p, size_t command)
{
	for (size_t i = 0; i < p->list->n_steps; i++)
		if (p->list->steps[i].n_before == command + 1)
			return &p->list->steps[i];
	return NULL;
}

static struct str target_of(const struct part *p, const struct list_step *step)
{
	struct str from = step->is_below_script ? path_parent(p->script->script)
						: p->script->directory;

	if (!step->path.len)
		return step->is_below_script ? from : (struct str){NULL, 0};
	return below(p, from, step->path);
}

/* bash and zsh look for a name without a slash here, too. */
static bool looks_here(const struct image *shell)
{
	return str_is_listed(str_base(shell->exe), "bash zsh");
}

struct str posix_included(const struct part *p, size_t command)
{
	const struct written_command *c = &p->list->at[command];
	const struct list_step *step = step_of(p, command);
	struct str word = nth_word(c->shell_words, 1), at_home;

	if (step)
		return target_of(p, step);
	at_home = path_below_home(p->script->all->files->arena,
				  p->script->all->shell, c->argument);
	if (at_home.len)
		return at_home;
	if (word.len && !has_unknown_bytes(word) &&
	    looks_here(p->script->all->shell))
		return below(p, p->script->directory, word);
	return (struct str){NULL, 0};
}

static void take_include(struct part *p, size_t command)
{
	struct str path = posix_included(p, command);

	if (path.len && p->depth < DEEPEST)
		read_part(p->script, path,
			  p->read_at.len
				  ? p->read_at
				  : posix_site(p, p->list->at[command].line),
			  p->depth + 1);
}

void posix_move(struct part *p, size_t command)
{
	const struct list_step *step = step_of(p, command);

	if (step && step->kind == STEP_MOVE)
		p->script->directory = target_of(p, step);
}

/* --- a file ---------------------------------------------------------------
 */

static void take_command(struct part *p, size_t i)
{
	const struct written_command *c = &p->list->at[i];
	struct str first = nth_word(c->shell_words, 0);

	if (str_is_listed(first, "export declare typeset readonly") &&
	    !posix_makes_local(p, c))
		take_declaration(p, c);
	else if (p->returns_at.len)
		return;
	else if (str_is_listed(first, "local declare typeset"))
		take_local(p, c);
	else if (str_eq(first, STR("set")))
		posix_take_set(p->script, c->shell_words);
	else if (str_eq(first, STR("unset")))
		take_unset(p, c->shell_words);
	else if (str_is_listed(first, ". source"))
		take_include(p, i);
	else if (str_eq(first, STR("return")))
		take_return(p, c);
	else if (is_sign(nth_word(c->shell_words, 1)))
		add_spaced(p, first, c->line);
	else
		posix_move(p, i);
}

/* Of a function, only for a local name: the function may never be called. */
static void take_assignment(struct part *p, const struct written_assignment *a)
{
	if (a->function)
		assign_local(p, a->function, a->name, a->line);
	else
		add(p, a->name, a->line);
}

static void take_list(struct part *p)
{
	const struct command_list *list = p->list;
	size_t assigned = 0;

	for (size_t i = 0; i <= list->n; i++) {
		for (; assigned < list->n_assigned &&
		       list->assigned[assigned].n_before <= i;
		     assigned++)
			if (!p->returns_at.len)
				take_assignment(p, &list->assigned[assigned]);
		if (i < list->n)
			take_command(p, i);
	}
}

const struct command_list *posix_list(struct written_files *files,
				      struct str text)
{
	void **slot = hashmap_slot(files->lists, text.at, STR("assignments"));
	struct command_list *list = *slot;

	if (!list) {
		list = *slot = TAKE(files->arena, struct command_list, 1);
		*list = parse_shell(files->arena, text);
	}
	return list;
}

static void read_part(struct reading_of_script *s, struct str path,
		      struct str read_at, unsigned depth)
{
	struct part p = {.script = s,
			 .path = path,
			 .read_at = read_at,
			 .depth = depth,
			 .local = hashmap_new(s->all->files->arena)};

	p.text = read_written(s->all->files, path, s->all->shell);
	if (!p.text.len)
		return;
	p.list = posix_list(s->all->files, p.text);
	take_list(&p);
}

void read_posix_script(struct assignments *all, struct str path,
		       struct str directory)
{
	struct reading_of_script s = {all, path, directory, false};

	read_part(&s, path, (struct str){NULL, 0}, 0);
}
