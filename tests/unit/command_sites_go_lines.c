/* The lines of a source in Go that start programs or give them an environment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "command_sites/go/go_lines.h"

static struct arena *arena;

#define BEGIN "package main\nimport (\"os\"; \"os/exec\"; \"syscall\")\n"
#define MAIN  BEGIN "func main() {\n"

/* "4 start python3 a.py+": line, act and words; a + stands for words that are
 * not known. Of an environment: whole, untouched, names, more, doubtful, and
 * the number of the launch. A ? at the end: something is not known. */
static const struct {
	const char *text, *lines;
} rows[] = {
	{BEGIN, ""},
	{MAIN "exec.Command(\"a\", \"b c\").Run()\n}", "4 start a b c"},
	{MAIN "exec.Command(\"a\", x, \"b\")\n}", "4 start a +"},
	{MAIN "exec.Command(\"a\", more...)\n}", "4 start a +"},
	{MAIN "exec.Command(os.Args[1])\n}", "4 start +"},
	{MAIN "exec.Command(\n\"a\",\n`b`,\n)\n}", "4 start a b"},
	{MAIN "exec.Command(\"a\\n\")\n}", "4 start +"},
	{MAIN "exec.CommandContext(f(x, y), \"a\")\n}", "4 start a"},
	{MAIN "// exec.Command(\"a\")\n/* c.Env = nil\n*/ _ = \"c.Env = x\"\n}",
	 ""},
	{MAIN "_ = '\"'; exec.Command(\"a\")\n}", "4 start a"},
	{MAIN "_ = '\\''; exec.Command(\"a\")\n}", "4 start a"},
	{MAIN "x.exec.Command(\"a\")\n}", ""},
	{MAIN "c := exec.Command(\"a\")\nc.Env = os.Environ()\n}",
	 "4 start a|5 env whole untouched of 1"},
	{MAIN
	 "c := exec.Command(\"a\")\nc.Env = append(os.Environ(), \"A=b\")\n}",
	 "4 start a|5 env whole of 1"},
	{MAIN
	 "c := exec.Command(\"a\")\nc.Env = append(os.Environ()[:1], x)\n}",
	 "4 start a|5 env of 1"},
	{MAIN "c := exec.Command(\"a\")\nc.Env = os.Environ()[:1]\n}",
	 "4 start a|5 env of 1"},
	{MAIN "c := exec.Command(\"a\")\nc.Env = nil\n}",
	 "4 start a|5 env whole untouched of 1"},
	{MAIN
	 "c := exec.Command(\"a\")\nc.Env = []string{\"A=b\", \"B=\" + x}\n}",
	 "4 start a|5 env names of 1"},
	{MAIN "c := exec.Command(\"a\")\nc.Env = []string{a}\n}",
	 "4 start a|5 env of 1"},
	{MAIN "c := exec.Command(\"a\")\nc.Env = append(c.Env, \"A=b\")\n}",
	 "4 start a|5 env more of 1"},
	{MAIN "c := exec.Command(\"a\")\nif c.Env == nil {}\n}", "4 start a"},
	{MAIN "s.c = exec.Command(\"a\")\ns.c.Env = f()\n}",
	 "4 start a|5 env of 1"},
	{MAIN
	 "c := exec.Command(\"a\")\n}\nfunc f(c *exec.Cmd) {\nc.Env = x\n}",
	 "4 start a|7 env"},
	{MAIN "c.Env = f()\n}", "4 env doubtful"},
	{MAIN "c.Env = \"prod\"\nc.Env = os.Getenv(\"E\")\n}", ""},
	{MAIN "c := new(exec.Cmd)\nc.Out, c.Env = a, b\n}",
	 "4 start +|5 env doubtful of 1"},
	{MAIN "c := &exec.Cmd{Args: []string{\"a\"}, Env: x}\n}",
	 "4 start a|4 env of 1"},
	{MAIN "_ = []exec.Cmd{{Env: []string{\"A=b\"}}}\n}",
	 "4 start +|4 env names doubtful"},
	{MAIN "_ = Config{Env: x}\nswitch Env { case Env: f() }\n}", ""},
	{MAIN
	 "p, _ := os.StartProcess(x, []string{\"a\", \"b\"}, &os.ProcAttr{\n"
	 "Env: x})\n}",
	 "4 start a b|5 env"},
	{MAIN "syscall.Exec(x, []string{\"a\"}, os.Environ())\n}",
	 "4 become a whole untouched"},
	{MAIN "syscall.Exec(x, args, append(os.Environ(), \"A=b\"))\n}",
	 "4 become + whole"},
	{MAIN "os.Unsetenv(\"A\")\nos.Clearenv()\n}", "4 unset A|5 unset"},
	{"package main\nimport x \"os/exec\"\nfunc main() "
	 "{\nx.Command(\"a\")\n}",
	 "?"},
	{"package main\nimport . \"os/exec\"\nfunc main() {\nCommand(\"a\")\n}",
	 "?"},
	{"package main\nimport \"k8s.io/utils/exec\"\nfunc main() {\n"
	 "exec.Command(\"a\")\n}",
	 "4 start a|?"},
};

static struct str act_in_words(const struct go_line *l)
{
	static const char *const words[] = {[GO_STARTS] = "start",
					    [GO_BECOMES] = "become",
					    [GO_GIVES_ENV] = "env",
					    [GO_UNSETS] = "unset"};
	struct str text = arena_print(arena, "%lu %s", l->line, words[l->act]);

	for (size_t i = 0; i < l->words.n; i++)
		text = arena_print(arena, "%.*s %.*s", STR_FMT(text),
				   STR_FMT(l->words.at[i]));
	if (l->act <= GO_BECOMES && !l->has_all_words)
		text = arena_print(arena, "%.*s +", STR_FMT(text));
	return text;
}

static struct str line_in_words(const struct go_line *l)
{
	struct str text = act_in_words(l);

	text = arena_print(arena, "%.*s%s%s%s%s%s%s%.*s", STR_FMT(text),
			   l->is_whole ? " whole" : "",
			   l->is_untouched ? " untouched" : "",
			   l->is_all_there ? " names" : "",
			   l->adds_to_given ? " more" : "",
			   l->is_doubtful ? " doubtful" : "",
			   l->name.len ? " " : "", STR_FMT(l->name));
	if (l->launch)
		text = arena_print(arena, "%.*s of %zu", STR_FMT(text),
				   l->launch);
	return text;
}

static struct str lines_in_words(struct str source)
{
	struct go_lines lines = {.arena = arena};
	struct str text = STR("");

	go_lines_add(&lines, STR("/a.go"), source);
	for (size_t i = 0; i < lines.n; i++)
		text = arena_print(arena, "%.*s%s%.*s", STR_FMT(text),
				   i ? "|" : "",
				   STR_FMT(line_in_words(&lines.at[i])));
	if (lines.has_unknown)
		text = arena_print(arena, "%.*s%s?", STR_FMT(text),
				   text.len ? "|" : "");
	return text;
}

static void the_lines_of_a_source(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str told = lines_in_words(str_of(rows[i].text));

		if (!str_eq(told, str_of(rows[i].lines)))
			fail_msg("%s\nhas %.*s\nnot %s", rows[i].text,
				 STR_FMT(told), rows[i].lines);
	}
}

/* In memory of its own: the sanitizer sees an access beyond the end. */
static void a_source_that_is_cut_ends_quietly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t n = 0; n <= strlen(rows[i].text); n++) {
			char *copy = malloc(n + !n);

			memcpy(copy, rows[i].text, n);
			lines_in_words((struct str){copy, n});
			free(copy);
		}
}

static void a_source_with_too_many_lines_is_cut(void **state)
{
	struct go_lines lines = {.arena = arena};
	struct str line = STR("exec.Command(f)\n"), text = {NULL, 40000};
	char *at = malloc(text.len * line.len);

	(void)state;
	for (size_t i = 0; i < text.len; i++)
		memcpy(at + i * line.len, line.at, line.len);
	text = (struct str){at, text.len * line.len};
	go_lines_add(&lines, STR("/a.go"), text);
	assert_true(lines.is_cut);
	free(at);
}

static int before_each(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_lines_of_a_source),
		TEST(a_source_that_is_cut_ends_quietly),
		TEST(a_source_with_too_many_lines_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
