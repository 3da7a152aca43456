#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "formats/mask_source.h"

static struct arena *arena;

static const struct row {
	const char *file, *line, *shown; /* null: nothing */
} rows[] = {
	{"a.py", "\tkey = os.environ['KEY']\r", "key = os.environ['...']"},
	{"a.py", "run([\"a\", 'b'], env={})", "run([\"...\", '...'], env={})"},
	{"a.py", "f(\"a\\\"b\", x)", "f(\"...\", x)"},
	{"a.py", "f(\"\", x)", "f(\"\", x)"},
	{"a.py", "f(f\"{d[\"hunter2\"]}\", x)", "f(f\"...\", x)"},
	{"a.py", "text = \"\"\"hunter2", "text = \"\"\"..."},
	{"a.py", "x = 'hunter2", "x = '..."},
	{"a.py", "x = 1 # hunter2", "x = 1"},
	{"a.js", "f(`a${b(`hunter2`)}`)", "f(`...`)"},
	{"a.ts", "x = y // hunter2", "x = y"},
	{"a.ts", "x = y /* hunter2 */", "x = y"},
	{"a.go", "os.Setenv(\"A\", `hunter2`)", "os.Setenv(\"...\", `...`)"},
	{"a.rs", "f(r#\"hunter2\"#)", "f(r#\"...\"#)"},
	{"a.rb", "exec('x', unsetenv_others: true)",
	 "exec('...', unsetenv_others: true)"},
	{"a.rb", "ENV.update(%w[hunter2 b])", NULL},
	{"a.pl", "exec qw(a hunter2)", NULL},
	{"a.pl", "print <<END", NULL},
	{"a.py", "f(ghp_abcdefghijklmnopqrstuvwxyz0123456789)", "f(...)"},
	{"a.py", "sk-proj-abcdefghijklmnopqrstuvwxyz01234567", "..."},
	{"Makefile", "KEY = sk-abc", "KEY =..."},
	{"Makefile", "\tenv -u KEY node app.js", "env -u KEY node app.js"},
	{"Makefile", "\tenv -i node app.js", "env -i node app.js"},
	{"x.sh", "KEY=hunter2 node app.js", "KEY=..."},
	{"x.sh", "mysql -phunter2 db", "mysql"},
	{"x.sh", "curl --token hunter2", "curl"},
	{"x.sh", "docker login -u me hunter2", "docker"},
	{"x.sh", "node 'hunter2'", "node '..."},
	{"x.sh", "node app.js # hunter2", "node app.js"},
	{"c.yml", "  password: hunter2", "password:..."},
	{"c.yml", "  KEY:", "KEY:"},
	{"c.json", "{\"KEY\": \"hunter2\"}", "{\"..."},
	{".env", "KEY=hunter2", "KEY=..."},
	{"noname", "hunter2: x", "hunter2:..."},
	{"a.py", "", NULL},
	{"a.py", "   ", NULL},
	{"a.py", "# hunter2", NULL},
};

static void a_line_is_shown_without_what_may_be_a_secret(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str shown = mask_source(arena, str_of(rows[i].file),
					       str_of(rows[i].line));

		if (!str_eq(shown, str_of(rows[i].shown)))
			fail_msg("%s: %s: %.*s", rows[i].file, rows[i].line,
				 STR_FMT(shown));
	}
}

static void every_byte_is_bearable(void **state)
{
	char line[64];

	(void)state;
	for (unsigned seed = 1; seed < 20000; seed++) {
		unsigned x = seed * 2654435761u;

		for (size_t i = 0; i < sizeof line; i++, x = x * 1103515245 + 1)
			line[i] = "`\"'\\#/=: $%{}<qwf\n\xff\0a1"[(x >> 16) % 22];
		mask_source(arena, STR("a.rb"), (struct str){line, seed % 64});
		mask_source(arena, STR("a.js"), (struct str){line, seed % 64});
		mask_source(arena, STR("a"), (struct str){line, seed % 64});
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_shown_without_what_may_be_a_secret),
		cmocka_unit_test(every_byte_is_bearable),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
