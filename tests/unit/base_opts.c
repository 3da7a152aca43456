#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/opts.h"

static struct arena *arena;
static const char *file;
static bool quiet;
static struct texts names;
static struct opts opts;
static struct str why;

static const struct opt table[] = {
	{'o', "output", "FILE", "write to FILE", .text = &file},
	{'w', NULL, "GLOB", "watch", .list = &names},
	{'q', "quiet", NULL, "say nothing", .flag = &quiet},
	{0},
};

static bool parse(bool stops_early, const char *words)
{
	char *copy = strdupa(words), *argv[20];
	int argc = 0;

	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = (char *)arena_print(arena, "%s", w).at;
	argv[argc] = NULL;
	file = NULL;
	quiet = false;
	names = (struct texts){0};
	opts = (struct opts){.table = table, .stops_early = stops_early};
	if (!opts_parse(arena, &opts, argc, argv, &why))
		return false;
	for (int i = 0; i < opts.n_operands; i++)
		assert_non_null(opts.operands[i]);
	assert_null(opts.operands[opts.n_operands]);
	opts.operands = memcpy(TAKE(arena, char *, 20), argv, sizeof argv);
	return true;
}

static void operands_may_stand_before_options(void **state)
{
	(void)state;
	assert_true(parse(false, "pack A -o F - -q -- -x"));
	assert_string_equal(file, "F");
	assert_true(quiet);
	assert_int_equal(opts.n_operands, 3);
	assert_string_equal(opts.operands[0], "A");
	assert_string_equal(opts.operands[1], "-");
	assert_string_equal(opts.operands[2], "-x");
}

static void a_command_of_its_own_keeps_its_options(void **state)
{
	(void)state;
	assert_true(parse(true, "run -qw A -wB ls -q --help"));
	assert_true(quiet);
	assert_false(opts.help);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.at[1], "B");
	assert_int_equal(opts.n_operands, 3);
	assert_string_equal(opts.operands[1], "-q");
	assert_true(parse(true, "run -- -q"));
	assert_string_equal(opts.operands[0], "-q");
}

static void long_names_take_their_argument_either_way(void **state)
{
	(void)state;
	assert_true(parse(false, "x --output=F --quiet"));
	assert_string_equal(file, "F");
	assert_true(parse(false, "x --output G --help"));
	assert_string_equal(file, "G");
	assert_true(opts.help);
}

static void every_table_takes_a_color(void **state)
{
	(void)state;
	assert_true(parse(false, "x"));
	assert_null(opts.color);
	assert_true(parse(false, "x --color=never"));
	assert_string_equal(opts.color, "never");
	assert_true(parse(false, "x --color always y"));
	assert_string_equal(opts.color, "always");
	assert_int_equal(opts.n_operands, 1);
}

static void says_what_it_cannot_take(void **state)
{
	(void)state;
	assert_false(parse(false, "x -z"));
	assert_true(str_eq(why, STR("unknown option -z")));
	assert_false(parse(false, "x -o"));
	assert_true(str_eq(why, STR("-o needs a FILE")));
	assert_false(parse(false, "x --quiet=1"));
	assert_false(parse(false, "x --no=secret"));
	assert_null(memmem(why.at, why.len, "secret", 6));
	assert_false(parse(false, "x --outptu F"));
	assert_true(str_eq(why, STR("unknown option --outptu (did you mean "
				    "--output?)")));
	assert_false(parse(true, "run -w -- echo"));
	assert_true(str_eq(why, STR("-w needs a GLOB")));
	assert_false(parse(false, "x --output= A"));
	assert_non_null(memmem(why.at, why.len, "needs a FILE, which is", 22));
}

/* Nobody knows which of two was meant. */
static void refuses_two_values_for_one(void **state)
{
	(void)state;
	assert_false(parse(false, "x -o F --output G"));
	assert_true(str_eq(why, STR("-o is given twice, with two values; give "
				    "one")));
	assert_false(parse(false, "x -oF -oG"));
	assert_true(parse(false, "x -o F --output=F"));
	assert_string_equal(file, "F");
	assert_true(parse(false, "x -w A -w B"));
	assert_int_equal(names.n, 2);
	assert_true(parse(false, "x --color=always --color=never"));
	assert_string_equal(opts.color, "never");
	assert_true(parse(true, "run -o F echo -o G"));
	assert_string_equal(file, "F");
}

static void help_names_every_row(void **state)
{
	struct out o = out_to_memory(arena);
	struct opts all = {
		.synopsis = "x [-o FILE]", .about = "Does x.", .table = table};
	struct str text;

	(void)state;
	opts_help(&all, &o);
	text = out_memory(&o);
	assert_non_null(memmem(text.at, text.len, "-o, --output FILE", 17));
	assert_non_null(memmem(text.at, text.len, "-w GLOB", 7));
	assert_non_null(memmem(text.at, text.len, "-h, --help", 10));
	assert_non_null(memmem(text.at, text.len, "--color WHEN", 12));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operands_may_stand_before_options),
		cmocka_unit_test(a_command_of_its_own_keeps_its_options),
		cmocka_unit_test(long_names_take_their_argument_either_way),
		cmocka_unit_test(every_table_takes_a_color),
		cmocka_unit_test(says_what_it_cannot_take),
		cmocka_unit_test(refuses_two_values_for_one),
		cmocka_unit_test(help_names_every_row),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
