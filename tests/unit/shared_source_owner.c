/* Whose a source file is, by its path alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/source_owner.h"

#define PY "/v/lib/python3.11/site-packages/"

static const struct {
	const char *path;
	enum source_owner_kind owner;
	const char *package;
} rows[] = {
	/* the program's own */
	{"/home/ann/shop/app.py", SOURCE_OWN, ""},
	{"/srv/web/worker.js", SOURCE_OWN, ""},
	{"/app/src/index.ts", SOURCE_OWN, ""},
	{"worker.js", SOURCE_OWN, ""},
	{"./run.py", SOURCE_OWN, ""},
	{"app/main.rb", SOURCE_OWN, ""},
	{"/srv/node/main.c", SOURCE_OWN, ""},
	{"/home/ann/my_node_modules/x.js", SOURCE_OWN, ""},
	{"/home/ann/vendors/x.php", SOURCE_OWN, ""},
	{"/home/ann/python3/x.py", SOURCE_OWN, ""},
	{"/opt/shop/lib/main.rb", SOURCE_OWN, ""},
	{"/usr/src/app/index.js", SOURCE_OWN, ""},
	{"file.with:colon.js", SOURCE_OWN, ""},
	{"<string>", SOURCE_OWN, ""},
	{"<stdin>", SOURCE_OWN, ""},
	{"[eval]", SOURCE_OWN, ""},
	/* a text that Ruby evaluated; its caller has the place */
	{"(eval)", SOURCE_RUNTIME, ""},
	{"(eval at /app/main.rb:3)", SOURCE_RUNTIME, ""},
	{"(evaluation)/app.rb", SOURCE_OWN, ""},
	/* packages of npm */
	{"/app/node_modules/.vite-temp/vite.config.mjs", SOURCE_OWN, ""},
	{"/app/node_modules/openai/client.js", SOURCE_LIBRARY, "openai"},
	{"/app/node_modules/@ai-sdk/openai/dist/index.js", SOURCE_LIBRARY,
	 "@ai-sdk/openai"},
	{"/app/node_modules/a/node_modules/b/i.js", SOURCE_LIBRARY, "b"},
	{"node_modules/pm2/bin/pm2-runtime", SOURCE_LIBRARY, "pm2"},
	{"/app/node_modules/.pnpm/x@1.0.0/node_modules/x/i.js", SOURCE_LIBRARY,
	 "x"},
	{"/usr/lib/node_modules/npm/lib/cli.js", SOURCE_LIBRARY, "npm"},
	{"/usr/src/app/node_modules/bullmq/i.js", SOURCE_LIBRARY, "bullmq"},
	{"/usr/share/nodejs/undici/lib/x.js", SOURCE_LIBRARY, "undici"},
	{"/app/node_modules/openai", SOURCE_LIBRARY, "openai"},
	/* packages of Python */
	{PY "openai/_client.py", SOURCE_LIBRARY, "openai/_client"},
	{PY "decouple.py", SOURCE_LIBRARY, "decouple"},
	{PY "google/genai/client.py", SOURCE_LIBRARY, "google/genai/client"},
	{"/usr/lib/python3/dist-packages/requests/api.py", SOURCE_LIBRARY,
	 "requests/api"},
	{"/app/.venv/lib64/python3.9/site-packages/x/__init__.py",
	 SOURCE_LIBRARY, "x/__init__"},
	/* gems, composer, Debian's folders, others */
	{"/var/lib/gems/3.1.0/gems/dotenv-2.8.1/lib/dotenv.rb", SOURCE_LIBRARY,
	 "dotenv"},
	{"/u/.gem/ruby/3.1.0/gems/aws-sdk-s3-1.2.0/lib/x.rb", SOURCE_LIBRARY,
	 "aws-sdk-s3"},
	{"/app/vendor/vlucas/phpdotenv/src/Dotenv.php", SOURCE_LIBRARY,
	 "vlucas/phpdotenv"},
	{"/go/src/shop/vendor/github.com/acme/x.go", SOURCE_LIBRARY,
	 "github.com/acme"},
	{"/usr/lib/ruby/vendor_ruby/net/telnet.rb", SOURCE_LIBRARY, "net"},
	{"/usr/lib/ruby/vendor_ruby/rake.rb", SOURCE_LIBRARY, "rake"},
	{"/usr/local/lib/site_ruby/own.rb", SOURCE_LIBRARY, "own"},
	{"/usr/share/php/Composer/autoload.php", SOURCE_LIBRARY, "Composer"},
	{"/usr/share/perl5/LWP/UserAgent.pm", SOURCE_LIBRARY, "LWP"},
	{"/home/ann/.vscode/extensions/ms.python-1/x.js", SOURCE_LIBRARY,
	 "ms.python-1"},
	/* the languages' own */
	{"node:internal/process", SOURCE_RUNTIME, ""},
	{"internal/modules/cjs/loader.js", SOURCE_RUNTIME, ""},
	{"<frozen importlib._bootstrap>", SOURCE_RUNTIME, ""},
	{"<frozen os>", SOURCE_RUNTIME, ""},
	{"<anonymous>", SOURCE_RUNTIME, ""},
	{"<internal:kernel>", SOURCE_RUNTIME, ""},
	{"", SOURCE_RUNTIME, ""},
	{"/usr/lib/python3.11/os.py", SOURCE_RUNTIME, ""},
	{"/home/ann/.pyenv/versions/3.9/lib/python3.9/os.py", SOURCE_RUNTIME,
	 ""},
	{"/usr/lib/ruby/3.1.0/net/http.rb", SOURCE_RUNTIME, ""},
	{"/usr/share/perl/5.36/CPAN.pm", SOURCE_RUNTIME, ""},
	{"/rustc/abc/library/std/src/env.rs", SOURCE_RUNTIME, ""},
	/* tools */
	{"/usr/bin/hf", SOURCE_TOOL, ""},
	{"/bin/sh", SOURCE_TOOL, ""},
	{"/usr/local/bin/uv", SOURCE_TOOL, ""},
	{"/snap/aws/1/bin/aws", SOURCE_TOOL, ""},
	{"/nix/store/abc-git/bin/git", SOURCE_TOOL, ""},
	{"/home/ann/.local/bin/uv", SOURCE_TOOL, ""},
	{"/home/ann/.cargo/bin/rg", SOURCE_TOOL, ""},
	{"phar:///usr/local/bin/composer/src/x.php", SOURCE_TOOL, ""},
};

static const char *const words[] = {
	[SOURCE_OWN] = "own",
	[SOURCE_LIBRARY] = "a library's",
	[SOURCE_TOOL] = "a tool's",
	[SOURCE_RUNTIME] = "the runtime's",
};

static void every_path_has_its_owner_and_package(void **state)
{
	size_t n = sizeof rows / sizeof *rows;

	(void)state;
	assert_true(n >= 40);
	for (size_t i = 0; i < n; i++) {
		const char *path = rows[i].path, *package = rows[i].package;
		struct source_owner f = find_source_owner(path, strlen(path));

		if (f.owner == rows[i].owner &&
		    f.package_len == strlen(package) &&
		    (!f.package_len ||
		     !memcmp(f.package, package, f.package_len)))
			continue;
		fprintf(stderr, "%s: %s \"%.*s\", not %s \"%s\"\n", path,
			words[f.owner], (int)f.package_len,
			f.package_len ? f.package : "", words[rows[i].owner],
			package);
		fail();
	}
}

/* The path need not end with a null byte, and each of its beginnings is a path,
 * too. */
static void every_beginning_of_a_path_is_read_within_its_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t len = 0; len <= strlen(rows[i].path); len++) {
			char *exact = malloc(len + !len);
			struct source_owner f;

			memcpy(exact, rows[i].path, len);
			f = find_source_owner(exact, len);
			assert_true(f.package_len <= len);
			free(exact);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_path_has_its_owner_and_package),
		cmocka_unit_test(
			every_beginning_of_a_path_is_read_within_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
