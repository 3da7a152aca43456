/* Names that a script exports with a value, and removes again.
 *
 * Commands of a function run at a call. A command in `$( )`, in a trap or in an
 * eval is passed over. */
#include "command_sites/shell/posix_part.h"

#include <ctype.h>

#include "command_sites/shell/shell_grammar.h"

enum { DEEPEST = 4, MOST_FUNCTIONS = 64, MOST_CALLS = 8 };

struct function {
	struct str name;
	struct part part;
	size_t begin, end; /* of its commands */
};

struct run {
	struct assignments *all;
	struct reading_of_script *script;
	struct function *functions;
	size_t n_functions;
	unsigned calls;			   /* which have not returned */
	struct str called_at;		   /* of the innermost; len 0: none */
	const struct written_command *end; /* of the function that runs */
	struct hashmap *assigned;	   /* names without an export */
};

static bool is_local(const struct part *p, unsigned function, struct str name)
{
	return function && *posix_local(p, function, name);
}

/* local NAME, declare NAME=value */
static void take_local(const struct part *p, const struct written_command *c)
{
	struct arena *a = p->script->all->files->arena;
	struct str word;

	for (size_t i = 1; (word = nth_word(c->shell_words, i)).len; i++)
		*posix_local(p, c->function, assigned_name(a, word)) = p->local;
}

/* --- names ----------------------------------------------------------------
 */

static struct unexported *find(struct unexported *at, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(at[i].name, name))
			return &at[i];
	return NULL;
}

/* The state of the name: one entry for each. */
static struct unexported *state_of(struct run *run, struct str name)
{
	struct assignments *all = run->all;
	struct unexported *found = find(all->held, all->n_held, name);

	if (found)
		return found;
	found = ARRAY_ADD(all->files->arena, all->held, all->n_held,
			  all->held_room);
	*found = (struct unexported){.name = name};
	return found;
}

static void hold(struct run *run, struct unexported found)
{
	if (!hashmap_find(run->all->wanted, NULL, found.name))
		return;
	found.exported_at = found.read_at.len ? found.read_at : found.site;
	*state_of(run, found.name) = found;
}

static void drop(struct run *run, struct str name)
{
	struct unexported *held = find(run->all->held, run->all->n_held, name);

	if (held)
		*held = (struct unexported){.name = name};
}

/* The call, where the function may start no program behind the line. */
static struct str call_behind(const struct run *run,
			      const struct written_command *c)
{
	for (c++; run->called_at.len && c < run->end; c++)
		if (!str_is_listed(nth_word(c->shell_words, 0),
				   "unset export set echo printf return : true "
				   "local"))
			return (struct str){NULL, 0};
	return run->called_at;
}

static void take_away(struct run *run, const struct part *p,
		      const struct written_command *c, struct str name)
{
	struct unexported *held = find(run->all->held, run->all->n_held, name);

	if (!held || !held->exported_at.len || is_local(p, c->function, name))
		return;
	held->exported_at = (struct str){NULL, 0};
	held->removed_at = p->read_at.len ? p->read_at : posix_site(p, c->line);
	held->removed_by = call_behind(run, c);
}

/* --- commands --------------------------------------------------------------
 */

static struct unexported found_at(const struct part *p, struct str name,
				  unsigned long line)
{
	return (struct unexported){.name = name,
				   .site = posix_site(p, line),
				   .read_at = p->read_at};
}

/* An assignment of a name that is exported changes the value alone. */
static void assign(struct run *run, const struct part *p, struct str name,
		   unsigned long line)
{
	struct unexported found = found_at(p, name, line), *held;
	struct unexported **plain =
		(struct unexported **)hashmap_slot(run->assigned, NULL, name);

	held = find(run->all->held, run->all->n_held, name);
	if (run->script->exports_all || (held && held->exported_at.len)) {
		hold(run, found);
		return;
	}
	drop(run, name);
	*plain = TAKE(run->all->files->arena, struct unexported, 1);
	**plain = found;
}

/* `export -n`, `declare +x` */
static bool takes_back(struct str words)
{
	bool is_export = str_eq(nth_word(words, 0), STR("export"));
	struct str word;

	for (size_t i = 1;
	     (word = nth_word(words, i)).len && posix_is_option(word); i++)
		if (is_export
			    ? memchr(word.at, 'n', word.len) != NULL
			    : *word.at == '+' && memchr(word.at, 'x', word.len))
			return true;
	return false;
}

/* PREFIX of "${!PREFIX@}" and ${!PREFIX*}; len 0: another text. */
static struct str prefix_of_names(struct str text)
{
	struct str rest = {memmem(text.at, text.len, "${!", 3), 0};
	size_t n = 0;

	if (!text.len || !rest.at)
		return (struct str){NULL, 0};
	rest.at += 3;
	rest.len = (size_t)(text.at + text.len - rest.at);
	while (n < rest.len &&
	       (isalnum((unsigned char)rest.at[n]) || rest.at[n] == '_'))
		n++;
	return n + 1 < rest.len && strchr("@*", rest.at[n]) &&
			       rest.at[n + 1] == '}'
		       ? (struct str){rest.at, n}
		       : (struct str){NULL, 0};
}

static void take_unset(struct run *run, const struct part *p,
		       const struct written_command *c)
{
	struct str prefix = prefix_of_names(c->argument), word;

	for (size_t i = 0; prefix.len && i < run->all->n_held; i++)
		if (str_has_prefix(run->all->held[i].name, prefix))
			take_away(run, p, c, run->all->held[i].name);
	for (size_t i = 1; (word = nth_word(c->shell_words, i)).len; i++)
		take_away(run, p, c, word);
}

static void take_export(struct run *run, const struct part *p,
			const struct written_command *c, struct str word)
{
	struct str name = assigned_name(run->all->files->arena, word);
	struct unexported *plain = hashmap_find(run->assigned, NULL, name);

	if (is_local(p, c->function, name))
		return;
	if (is_assignment(word))
		hold(run, found_at(p, name, c->line));
	else if (plain)
		hold(run, *plain);
}

static void take_declaration(struct run *run, const struct part *p,
			     const struct written_command *c)
{
	bool exported = posix_exports(c->shell_words);
	struct str word;

	if (takes_back(c->shell_words)) {
		take_unset(run, p, c);
		return;
	}
	if (posix_makes_local(p, c)) {
		take_local(p, c);
		return;
	}
	for (size_t i = 1; (word = nth_word(c->shell_words, i)).len; i++)
		if (!posix_is_option(word) && exported)
			take_export(run, p, c, word);
		else if (!posix_is_option(word) && is_assignment(word))
			assign(run, p,
			       assigned_name(run->all->files->arena, word),
			       c->line);
}

/* --- files and functions ---------------------------------------------------
 */

static void run_file(struct run *, struct part);

static void take_include(struct run *run, const struct part *p, size_t command)
{
	struct str path = posix_included(p, command);

	if (path.len && p->depth < DEEPEST)
		run_file(run,
			 (struct part){
				 .script = run->script,
				 .path = path,
				 .read_at =
					 p->read_at.len
						 ? p->read_at
						 : posix_site(
							   p,
							   p->list->at[command]
								   .line),
				 .depth = p->depth + 1});
}

static void run_commands(struct run *, struct part *, size_t begin, size_t end);

/* The last definition counts. */
static void take_call(struct run *run, const struct part *p,
		      const struct written_command *c)
{
	struct run outer = *run;
	size_t i = run->n_functions;
	struct function f;

	while (i &&
	       !str_eq(run->functions[i - 1].name, nth_word(c->shell_words, 0)))
		i--;
	if (!i || run->calls >= MOST_CALLS)
		return;
	f = run->functions[i - 1];
	run->calls++;
	run->called_at = posix_site(p, c->line);
	run->end = f.part.list->at + f.end;
	run_commands(run, &f.part, f.begin, f.end);
	run->calls = outer.calls;
	run->called_at = outer.called_at;
	run->end = outer.end;
}

static void take_command(struct run *run, struct part *p, size_t i)
{
	const struct written_command *c = &p->list->at[i];
	struct str first = nth_word(c->shell_words, 0);

	if (str_is_listed(first, "export declare typeset readonly"))
		take_declaration(run, p, c);
	else if (str_eq(first, STR("local")))
		take_local(p, c);
	else if (str_eq(first, STR("set")))
		posix_take_set(run->script, c->shell_words);
	else if (str_eq(first, STR("unset")))
		take_unset(run, p, c);
	else if (str_is_listed(first, ". source"))
		take_include(run, p, i);
	else
		take_call(run, p, c);
	posix_move(p, i);
}

/* name() {, or function name { */
static bool defines(const struct command_list *list, size_t i)
{
	return i + 1 < list->n && list->at[i + 1].function &&
	       list->at[i + 1].function != list->at[i].function;
}

/* Returns the command behind the function. */
static size_t add_function(struct run *run, const struct part *p, size_t at)
{
	const struct command_list *list = p->list;
	struct str words = list->at[at].shell_words;
	bool is_word = str_eq(nth_word(words, 0), STR("function"));
	struct function f = {nth_word(words, is_word), *p, at + 1, at + 1};

	while (f.end < list->n &&
	       list->at[f.end].function == list->at[at + 1].function)
		f.end++;
	if (run->n_functions < MOST_FUNCTIONS)
		run->functions[run->n_functions++] = f;
	return f.end;
}

static void run_commands(struct run *run, struct part *p, size_t begin,
			 size_t end)
{
	const struct command_list *list = p->list;
	size_t assigned = 0;

	for (size_t i = begin; i <= end; i++) {
		for (; assigned < list->n_assigned &&
		       list->assigned[assigned].n_before <= i;
		     assigned++)
			if (list->assigned[assigned].n_before >= begin &&
			    (run->calls ||
			     !list->assigned[assigned].function) &&
			    !is_local(p, list->assigned[assigned].function,
				      list->assigned[assigned].name))
				assign(run, p, list->assigned[assigned].name,
				       list->assigned[assigned].line);
		if (i < end && !run->calls && defines(list, i))
			i = add_function(run, p, i) - 1;
		else if (i < end && !list->at[i].is_inner)
			take_command(run, p, i);
	}
}

static void run_file(struct run *run, struct part p)
{
	p.text = read_written(run->all->files, p.path, run->all->shell);
	if (!p.text.len)
		return;
	p.list = posix_list(run->all->files, p.text);
	p.local = hashmap_new(run->all->files->arena);
	run_commands(run, &p, 0, p.list->n);
}

void read_posix_removals(struct assignments *all, struct str path,
			 struct str directory)
{
	struct arena *a = all->files->arena;
	struct reading_of_script script = {
		.all = all, .script = path, .directory = directory};
	struct run run = {.all = all,
			  .script = &script,
			  .functions = TAKE(a, struct function, MOST_FUNCTIONS),
			  .assigned = hashmap_new(a)};

	run_file(&run, (struct part){.script = &script, .path = path});
}
