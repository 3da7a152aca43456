#include "recorder/mask.h"

#include "recorder/mask_command.h"
#include "recorder/mask_words.h"
#include "recorder/recorder.h"
#include "recorder/text.h"

enum { BUDGET = 600, SCRIPT_BYTES = 1000 };

/* ---- arguments ------------------------------------------------------------
 */

static void learn(struct reading *r, char *const *envp)
{
	reading_learn(r, envp);
	if (envp != environ)
		reading_learn(r, environ);
}

static bool is_script(const struct command *c)
{
	return c->next == '$' || c->is_wrapper;
}

/* An argument that is too long is not read at all. */
static void put_argument(struct reading *r, struct command *c, const char *s,
			 const char *program)
{
	size_t n = text_length(s);
	bool is_shown = n <= (is_script(c) ? SCRIPT_BYTES : MASK_ARG_BYTES);

	line_item(r->line);
	reading_open(r, s, is_shown ? n : 0);
	if (program && same_text(s, program) && !mask_hides(s)) {
		command_program(r, c, s);
	} else if (is_shown) {
		command_word(r, c, s, n);
	} else {
		put_stars(r);
		c->next = 0;
	}
	line_item_end(r->line);
}

static bool is_program_alone(char *const *argv, const char *program)
{
	return argv && argv[0] && !argv[1] && program &&
	       same_text(argv[0], program) && !mask_hides(program);
}

void mask_args(struct line *l, char *const *argv, char *const *envp,
	       const char *program)
{
	size_t count = 0, from = l->length;
	struct command c = {.is_begun = false};
	struct reading r;

	reading_begin(&r, l);
	if (!is_program_alone(argv, program))
		learn(&r, envp);
	line_array(l, "args");
	for (; argv && argv[count]; count++)
		if (count < MASK_SHOWN && l->length < from + BUDGET)
			put_argument(&r, &c, argv[count], program);
	line_array_end(l);
	line_number(l, "argc", count);
}

/* ---- paths and names -------------------------------------------------------
 */

void mask_known(struct line *l, const char *key, const char *text)
{
	size_t n = text_length(text);
	struct reading r;

	if (!holds_key(text, n)) {
		line_text(l, key, held_value_is_in(text, n) ? "***" : text);
		return;
	}
	reading_begin(&r, l);
	reading_learn(&r, environ);
	reading_open(&r, text, n);
	line_string(l, key);
	put_existing_path(&r, text, n);
	line_item_end(l);
}

/* The system's own directories are named by nobody's secret. */
bool mask_hides(const char *path)
{
	size_t n = text_length(path);

	return holds_key(path, n) ||
	       (!text_begins(path, "/usr/") && !text_begins(path, "/lib") &&
		held_value_is_in(path, n));
}

/* worker.js, <string>, [eval]: not made up. */
static bool is_source_name(const char *name, size_t n)
{
	return text_find(name, '/') || (name[0] == '<' && name[n - 1] == '>') ||
	       is_file_name(name, n);
}

void mask_source(struct line *l, const char *name)
{
	size_t n = text_length(name);
	struct reading r;

	reading_begin(&r, l);
	learn(&r, environ);
	reading_forget_paths(&r); /* a directory that a variable names */
	reading_open(&r, name, n);
	if (text_begins(name, "data:")) {
		show(&r, name, 5);
		put_stars(&r);
	} else if (r.holds_known || holds_key(name, n)) {
		put_stars(&r);
	} else if (text_begins(name, "file://") || !put_url(&r, name, n)) {
		if (!n || is_source_name(name, n) || is_harmless(name, n))
			show(&r, name, n);
		else
			put_stars(&r);
	}
}

bool mask_shows(const char *path)
{
	struct line l;

	line_begin(&l, KT_EXEC_FAILED, 0);
	mask_path(&l, "path", path);
	return !text_speaks_of(l.at, l.length, "***");
}

void mask_path(struct line *l, const char *key, const char *path)
{
	size_t n = text_length(path);
	struct reading r;

	reading_begin(&r, l);
	learn(&r, environ);
	reading_open(&r, path, n);
	line_string(l, key);
	put_script(&r, path, n);
	line_item_end(l);
}
