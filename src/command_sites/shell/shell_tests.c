#include "command_sites/shell/shell_tests.h"

#include <ctype.h>

#include "runtimes/runtime.h"
#include "shared/credential_name.h"
#include "trace/site.h"

enum { HIGHEST_IF = 6 };

struct test {
	struct str name;
	unsigned long line; /* 0: none */
};

static bool has(struct str text, const char *part)
{
	return memmem(text.at, text.len, part, strlen(part));
}

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* --- a line ----------------------------------------------------------------
 */

/* The name of the next `$NAME` or `${NAME` from *at on; len 0: none. *at is
 * behind. */
static struct str next_expanded(struct str line, size_t *at)
{
	for (; *at + 1 < line.len; ++*at) {
		size_t from = *at + 1;

		if (line.at[*at] != '$')
			continue;
		from += line.at[from] == '{';
		from += from < line.len && line.at[from] == '#';
		for (*at = from; *at < line.len && is_name_byte(line.at[*at]);)
			++*at;
		if (*at > from)
			return (struct str){line.at + from, *at - from};
	}
	return (struct str){NULL, 0};
}

/* `${NAME:?}`, `${NAME?text}`, from the byte behind the name on. */
static bool is_demand(struct str line, size_t at)
{
	at += at < line.len && line.at[at] == ':';
	return at < line.len && line.at[at] == '?';
}

/* `${NAME:-text}`, `${NAME+x}`: never an error. */
static bool has_default(struct str line, size_t at)
{
	at += at < line.len && line.at[at] == ':';
	return at < line.len && strchr("-+=", line.at[at]);
}

static bool is_test(struct str line)
{
	return (has(line, "[ ") || has(line, "test ")) &&
	       (has(line, "-n ") || has(line, "-z ") || has(line, "= "));
}

/* --- what the shell lacks ---------------------------------------------------
 */

static bool is_watched(const struct model *m, struct str name)
{
	for (size_t i = 0; i < m->n_variables; i++)
		if (str_eq(m->variables[i].name, name))
			return true;
	return is_credential_name(name.at, name.len);
}

static bool lacks(const struct model *m, const struct image *shell,
		  struct str name)
{
	const struct value *value = NULL;

	return is_watched(m, name) &&
	       (model_held(shell, name, shell->exit->t, &value) == ABSENT ||
		(value && (value->is & KT_IS_EMPTY)));
}

/* The script may have given the variable a value of its own. */
static bool is_assigned(struct str text, struct str name)
{
	struct str line;

	while (next_line(&text, &line))
		for (size_t at = 0; at + name.len < line.len; at++)
			if (!memcmp(line.at + at, name.at, name.len) &&
			    line.at[at + name.len] == '=' &&
			    (!at || (!is_name_byte(line.at[at - 1]) &&
				     line.at[at - 1] != '$')))
				return true;
	return false;
}

struct tests {
	const struct model *m;
	const struct image *shell;
	struct str text;
	bool is_strict; /* set -u */
};

/* The name that the line demands or tests, and the shell lacks; len 0: none. */
static struct str tested_name(const struct tests *t, struct str line)
{
	struct str name;
	size_t at = 0;

	while ((name = next_expanded(line, &at)).len) {
		bool counts = is_demand(line, at) ||
			      (!t->shell->child_failed &&
			       (is_test(line) ||
				(t->is_strict && !has(line, "exit") &&
				 !has_default(line, at))));

		if (counts && lacks(t->m, t->shell, name) &&
		    !is_assigned(t->text, name))
			return name;
	}
	return (struct str){NULL, 0};
}

/* --- a script ---------------------------------------------------------------
 */

static struct str line_at(struct str text, unsigned long number)
{
	struct str line = STR("");

	while (number-- && next_line(&text, &line))
		;
	return trim(line);
}

static bool begins(struct str line, const char *word)
{
	size_t n = strlen(word);

	return line.len >= n && !memcmp(line.at, word, n);
}

/* The test of the line itself, else of the `if` whose block has the line. */
static struct test test_at(const struct tests *t, unsigned long line)
{
	struct str at = line_at(t->text, line), name = tested_name(t, at);
	bool is_exit = begins(at, "exit");

	for (unsigned long up = line;
	     !name.len && is_exit && --up && line - up < HIGHEST_IF;) {
		at = line_at(t->text, up);
		if (begins(at, "if ") || has(at, "|| {") || has(at, "&& {")) {
			name = tested_name(t, at);
			line = up;
			break;
		}
		is_exit = !begins(at, "fi") && !begins(at, "el") &&
			  !begins(at, "done") && !begins(at, "}");
	}
	return (struct test){name, name.len ? line : 0};
}

/* False for `[ -n "$NAME" ] && exit 1`, and for an exit with another status. */
static bool may_end_without(const struct tests *t, struct str line)
{
	const char *exit = memmem(line.at, line.len, "exit ", 5);
	int64_t status = 0;

	for (const char *at = exit ? exit + 5 : NULL;
	     at && at < line.at + line.len && isdigit((unsigned char)*at); at++)
		status = status * 10 + *at - '0';
	if (exit && exit + 5 < line.at + line.len &&
	    isdigit((unsigned char)exit[5]) && status != t->shell->status)
		return false;
	return !has(line, "[ -n ") || !has(line, "&&");
}

/* Of a shell that tells no line: the only line of the script that demands a
 * name, or whose test ends the script. */
static struct test only_test(const struct tests *t)
{
	struct test found = {.line = 0};
	struct str rest = t->text, line;
	unsigned long n = 0;

	while (next_line(&rest, &line)) {
		struct test one = {.line = 0};

		n++;
		line = trim(line);
		if (!line.len || *line.at == '#')
			continue;
		if (has(line, "?") ||
		    (has(line, "exit") && may_end_without(t, line)))
			one = test_at(t, n);
		if (!one.line)
			continue;
		if (found.line && found.line != one.line)
			return (struct test){.line = 0};
		found = one;
	}
	return found;
}

static bool is_strict(struct str text)
{
	struct str line;

	while (next_line(&text, &line)) {
		line = trim(line);
		if (begins(line, "set -") &&
		    (has(line, "nounset") ||
		     memchr(line.at, 'u', line.len < 9 ? line.len : 9)))
			return true;
	}
	return false;
}

static void find_test(struct written_files *files, const struct model *m,
		      const struct image *shell)
{
	struct event *e = model_event_to_write(shell->exit);
	struct str script = runtime_script(shell);
	struct str path = path_below(files->arena, shell->cwd, script);
	bool has_line = site_line(e->site);
	struct str file = has_line ? site_file(e->site) : script;
	struct tests t = {.m = m, .shell = shell};
	struct test found;

	if (!str_eq(path_below(files->arena, shell->cwd, file), path))
		return;
	t.text = read_written(files, path, shell);
	if (!t.text.len)
		return;
	t.is_strict = has_line && is_strict(t.text);
	found = has_line ? test_at(&t, site_line(e->site)) : only_test(&t);
	if (!found.line)
		return;
	e->tested = (struct strs){TAKE(files->arena, struct str, 1), 1};
	e->tested.at[0] =
		arena_print(files->arena, "%.*s=%.*s", STR_FMT(found.name),
			    STR_FMT(site_at(files->arena, file, found.line)));
	e->tested_is_new = true;
}

void find_shell_tests(struct written_files *files, const struct model *m)
{
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];

		if (image->exit && !image->exit->owner &&
		    !image->exit->tested.n && model_failed(image) &&
		    !model_is_fork_or_thread(image) &&
		    runtime_of(image)->id == RUNTIME_SHELL &&
		    runtime_script(image).len)
			find_test(files, m, image);
	}
}
