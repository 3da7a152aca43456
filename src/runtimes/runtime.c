#include "runtimes/runtime.h"

#include <stdlib.h>

#include "base/compare.h"

enum reads { SEEN, HIDDEN, ADAPTED, HELPER };

static const struct row {
	struct runtime runtime;
	const char *programs;
	bool interprets, may_copy;
} rows[RUNTIME_COUNT] = {
#define RUNTIME(row, text, reads, names)                                       \
	[RUNTIME_##row].runtime.id = RUNTIME_##row,                            \
	[RUNTIME_##row].runtime.name = text,                                   \
	[RUNTIME_##row].runtime.hides_reads =                                  \
		reads == HIDDEN || reads == ADAPTED,                           \
	[RUNTIME_##row].runtime.has_adapter = reads == ADAPTED,                \
	[RUNTIME_##row].runtime.runs_parents_exec = reads == HELPER,           \
	[RUNTIME_##row].programs = names,
#define INTERPRETS(id) [RUNTIME_##id].interprets = true,
#define MAY_COPY(id)   [RUNTIME_##id].may_copy = true,
#define RUNS_TASKS(id) [RUNTIME_##id].runtime.runs_tasks = true,
#define OWN_TLS(id)    [RUNTIME_##id].runtime.has_own_tls = true,
#define DEPTH(id, extent, text)                                                \
	[RUNTIME_##id].runtime.depth = DEPTH_##extent,                         \
	[RUNTIME_##id].runtime.depth_text = text,
#define STARTS(id, text) [RUNTIME_##id].runtime.starts_text = text,
#include "runtimes/runtimes.def"
};

/* python3.11 is python, php-fpm8.2 is php-fpm. */
static struct str without_version(struct str name)
{
	while (name.len &&
	       (name.at[name.len - 1] == '.' || name.at[name.len - 1] == '-' ||
		(name.at[name.len - 1] >= '0' && name.at[name.len - 1] <= '9')))
		name.len--;
	return name;
}

/* --- the row of a program ------------------------------------------------- */

/* A report asks for each pair of equal processes: the names are sorted once. */
static struct name {
	struct str text;
	const struct row *row;
} names[256];

static int by_text(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
	int order = len ? memcmp(x->text.at, y->text.at, len) : 0;

	return order ? order : ORDER(x->text.len, y->text.len);
}

static size_t sort_names(void)
{
	static size_t n;

	if (n)
		return n;
	for (const struct row *row = rows; row < rows + RUNTIME_COUNT; row++)
		for (const char *at = row->programs; *at; n++)
			names[n] = (struct name){str_next_word(&at), row};
	qsort(names, n, sizeof *names, by_text);
	return n;
}

static const struct row *row_of_program(struct str program)
{
	struct name name = {.text = str_base(program)}, *found;
	size_t n = sort_names();

	found = bsearch(&name, names, n, sizeof name, by_text);
	name.text = without_version(name.text);
	if (!found)
		found = bsearch(&name, names, n, sizeof name, by_text);
	return found ? found->row : &rows[RUNTIME_OTHER];
}

static bool is_other(const struct row *row)
{
	return row->runtime.id == RUNTIME_OTHER;
}

/* A script with a row goes before the interpreter. */
static const struct row *row_of(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	const struct row *program = row_of_program(image->exe), *script;

	if (is_other(program) && args->n)
		program = row_of_program(args->at[0]);
	if (is_other(program) && model_bypasses_libc(image))
		program = &rows[RUNTIME_GO];
	if (!program->interprets || args->n < 2)
		return program;
	script = row_of_program(args->at[1]);
	return is_other(script) ? program : script;
}

const struct runtime *runtime_of_program(struct str exe)
{
	return &row_of_program(exe)->runtime;
}

const struct runtime *runtime_of(const struct image *image)
{
	return &row_of(image)->runtime;
}

/* A program of busybox other than the shell: `busybox env`, or a link. */
static bool is_applet(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	const struct str busybox = STR("busybox");
	struct str name = args->n ? str_base(args->at[0]) : busybox;

	if (!str_eq(str_base(image->exe), busybox))
		return false;
	if (str_eq(name, busybox))
		name = args->n > 1 ? str_base(args->at[1]) : name;
	return !str_is_listed(name, "sh ash hush -sh -ash busybox");
}

bool runtime_interprets(const struct image *image)
{
	return row_of_program(image->exe)->interprets && !is_applet(image);
}

static bool are_reads_observed(const struct image *image)
{
	while (image && !image->reads_observed)
		image = model_is_fork_or_thread(image) ? image->parent : NULL;
	return image;
}

bool runtime_hides_reads(const struct image *image)
{
	return !are_reads_observed(image) && runtime_of(image)->hides_reads;
}

bool runtime_may_hide_copies(const struct image *image)
{
	return !are_reads_observed(image) &&
	       row_of_program(image->exe)->may_copy;
}

/* Deno's workers share the environment of the process. */
bool runtime_hides_threads(const struct image *image)
{
	return runtime_of_program(image->exe)->id == RUNTIME_NODE &&
	       !are_reads_observed(image) &&
	       !str_eq(str_base(image->exe), STR("deno"));
}
