#include "recorder/process/redact/redact.h"

#include "recorder/process/redact/redact_command.h"
#include "recorder/process/redact/redact_shell.h"
#include "recorder/secrets/classify_text.h"
#include "recorder/state/process_globals.h"
#include "recorder/lib/str.h"
#include "shared/key_prefix.h"

enum { BUDGET = 600, SCRIPT_BYTES = 1000 };

/* ---- arguments ------------------------------------------------------------
 */

static void begin(struct reading *r, struct event_line *l)
{
	reading_begin(r, l);
	r->put_script = put_script;
}

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

/* Shows nothing of an argument longer than the limit. */
static void put_argument(struct reading *r, struct command *c, const char *s,
			 const char *program)
{
	size_t n = str_length(s);
	bool is_shown = n <= (is_script(c) ? SCRIPT_BYTES : REDACT_ARG_BYTES);

	event_item(r->line);
	reading_open(r, s, is_shown ? n : 0);
	if (program && str_equal(s, program) && !path_has_secret(s)) {
		command_program(r, c, s);
	} else if (is_shown) {
		command_word(r, c, s, n);
	} else {
		put_stars(r);
		c->next = 0;
	}
	event_item_end(r->line);
}

static bool is_program_alone(char *const *argv, const char *program)
{
	return argv && argv[0] && !argv[1] && program &&
	       str_equal(argv[0], program) && !path_has_secret(program);
}

void redact_args(struct event_line *l, char *const *argv, char *const *envp,
		 const char *program)
{
	size_t count = 0, from = l->length;
	struct command c = {.is_begun = false};
	struct reading r;

	begin(&r, l);
	if (!is_program_alone(argv, program))
		learn(&r, envp);
	event_array(l, "args");
	for (; argv && argv[count]; count++)
		if (count < REDACT_SHOWN && l->length < from + BUDGET)
			put_argument(&r, &c, argv[count], program);
	event_array_end(l);
	event_number(l, "argc", count);
}

/* ---- paths and names -------------------------------------------------------
 */

/* Puts what `put` shows of the text. */
static void put_shown(struct event_line *l, const char *key,
		      void (*put)(struct reading *, const char *, size_t),
		      const char *text, size_t n)
{
	struct reading r;

	begin(&r, l);
	learn(&r, environ);
	reading_open(&r, text, n);
	event_string(l, key);
	put(&r, text, n);
	event_item_end(l);
}

static void put_unless_touched(struct reading *r, const char *s, size_t n,
			       size_t from, size_t to)
{
	if (watched_value_touches(s, n, from, to))
		put_stars(r);
	else
		show(r, s + from, to - from);
}

/* A value such as `test` may be the name of a directory, and many places lie
 * below: the other parts of the path are no secret. */
static void put_path_around_values(struct reading *r, const char *s, size_t n)
{
	for (size_t from = 0, to; from < n; from = to + 1) {
		to = from;
		while (to < n && s[to] != '/')
			to++;
		if (to > from)
			put_unless_touched(r, s, n, from, to);
		if (to < n)
			put_unless_touched(r, s, n, to, to + 1);
	}
}

static bool is_whole_path(const char *s)
{
	return s[0] == '/' || str_begins(s, "file:///");
}

static void put_around_values(struct reading *r, const char *s, size_t n)
{
	if (is_whole_path(s))
		put_path_around_values(r, s, n);
	else
		put_stars(r);
}

/* Asks the filter of values instead of learning those in environ: other threads
 * may change environ meanwhile. */
static void put_text_around_values(struct event_line *l, const char *key,
				   const char *text, size_t n)
{
	struct reading r;

	begin(&r, l);
	reading_open(&r, text, n);
	event_string(l, key);
	put_around_values(&r, text, n);
	event_item_end(l);
}

void redact_known(struct event_line *l, const char *key, const char *text)
{
	size_t n = str_length(text);

	if (holds_key(text, n))
		put_shown(l, key, put_existing_path, text, n);
	else if (watched_value_is_in(text, n))
		put_text_around_values(l, key, text, n);
	else
		event_text(l, key, text);
}

/* Names that runtimes give to code without a file: Node's -e and its workers',
 * PHP's -r and standard input. */
static bool is_name_by_runtime(const char *name, size_t n)
{
	return is_one_of("[eval]|[worker eval]|command line code|"
			 "standard input code",
			 name, n);
}

/* worker.js, <string>: not made up. */
static bool is_source_name(const char *name, size_t n)
{
	return str_find_char(name, '/') ||
	       (name[0] == '<' && name[n - 1] == '>') ||
	       is_file_name(name, n) || is_name_by_runtime(name, n);
}

/* Asks the filter of values instead of learning those in environ: other threads
 * may change environ meanwhile. */
void redact_source(struct event_line *l, const char *name)
{
	size_t n = str_length(name);
	struct reading r;

	begin(&r, l);
	reading_open(&r, name, n);
	if (str_begins(name, "data:")) {
		show(&r, name, 5);
		put_stars(&r);
	} else if (holds_key(name, n)) {
		put_stars(&r);
	} else if (watched_value_is_in(name, n)) {
		put_around_values(&r, name, n);
	} else if (str_begins(name, "file://") || !put_url(&r, name, n)) {
		if (!n || is_source_name(name, n) || is_harmless(name, n))
			show(&r, name, n);
		else
			put_stars(&r);
	}
}

void redact_known_part(struct event_line *l, const char *text)
{
	size_t n = str_length(text);
	bool is_secret = holds_key(text, n) || watched_value_is_in(text, n);

	event_part(l, is_secret ? "***" : text, is_secret ? 3 : n);
}

bool redact_shows(const char *path)
{
	struct event_line l;

	event_begin(&l, KT_EXEC_FAILED, 0);
	redact_path(&l, "path", path);
	return !str_mentions(l.at, l.length, "***");
}

void redact_path(struct event_line *l, const char *key, const char *path)
{
	put_shown(l, key, put_script, path, str_length(path));
}
