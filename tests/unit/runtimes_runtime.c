#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtimes/runtime.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct image *running(const char *exe, const char *script)
{
	struct image *image = TAKE(arena, struct image, 1);
	struct event *birth = TAKE(arena, struct event, 1);

	birth->args.at = TAKE(arena, struct str, 2);
	birth->args.at[0] = image->exe = str_of(exe);
	birth->args.at[1] = str_of(script);
	birth->args.n = 2;
	image->birth = birth;
	return image;
}

static const char *name(const char *exe, const char *script)
{
	return runtime_of(running(exe, script))->name;
}

static void knows_a_runtime_whatever_its_version(void **state)
{
	(void)state;
	assert_string_equal(name("/usr/bin/python3.11", "app.py"), "Python");
	assert_string_equal(name("/usr/bin/node", "app.js"), "Node");
	assert_string_equal(name("/usr/sbin/php-fpm8.2", "-F"), "PHP-FPM");
	assert_string_equal(name("/opt/acme/server", "-d"), "this program");
}

static void knows_a_script_better_than_its_interpreter(void **state)
{
	(void)state;
	assert_string_equal(name("/usr/bin/python3", "/usr/bin/gunicorn"),
			    "gunicorn");
	assert_string_equal(name("/usr/bin/node", "/usr/bin/npm"), "npm");
	assert_string_equal(name("/usr/bin/sudo", "node"), "sudo");
}

static void knows_whose_reads_cannot_be_seen(void **state)
{
	(void)state;
	assert_true(runtime_of(running("python3", "a.py"))->hides_reads);
	assert_false(runtime_of(running("node", "a.js"))->hides_reads);
	assert_false(runtime_of(running("./reader", ""))->hides_reads);
}

/* `line` is the command line, in words. */
static struct image *started_as(const char *exe, const char *line)
{
	struct image *image = running(exe, "");
	struct event *birth = TAKE(arena, struct event, 1);

	birth->args.at = TAKE(arena, struct str, 16);
	for (size_t len; *line; line += len + (line[len] == ' ')) {
		len = strcspn(line, " ");
		birth->args.at[birth->args.n++] = (struct str){line, len};
	}
	image->birth = birth;
	return image;
}

static struct str script(const char *exe, const char *line)
{
	return runtime_script(started_as(exe, line));
}

static void knows_which_arguments_begin_a_new_environment(void **state)
{
	static const struct {
		const char *line;
		bool is_new;
	} rows[] = {
		{"sudo node a.js", true},
		{"sudo -E node", false},
		{"sudo -nE node", false},
		{"sudo --preserve-env=A node", false},
		{"sudo --Env node", true},
		{"su - app", true},
		{"su app", false},
		{"su -l app", true},
		{"su --login app", true},
		{"doas node", true},
		{"docker run x", true},
		{"docker ps", false},
		{"docker runs x", false},
		{"docker run --env-file=e x", false},
		{"docker compose run x", false},
		{"kubectl exec p", true},
		{"ssh host cmd", true},
		{"ssh -N host", false},
		{"srun job", false},
		{"srun --export=A job", true},
		{"srun --export=ALL,A job", false},
		{"mpirun -n 2 a", false},
		{"mpirun -H b a", true},
		{"mpirun -H b -genvall a", false},
		{"systemd-run a", true},
		{"systemd-run --scope a", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str exe = {rows[i].line, strcspn(rows[i].line, " ")};
		const char *name = arena_print(arena, "%.*s", STR_FMT(exe)).at;

		if (runtime_starts_new_environment(
			    started_as(name, rows[i].line)) != rows[i].is_new)
			fail_msg("%s", rows[i].line);
	}
}

static void
a_client_without_further_rows_waits_and_reports_no_failure(void **state)
{
	struct image *kubectl = started_as("kubectl", "kubectl run x");
	struct image *docker = started_as("docker", "docker run x");

	(void)state;
	docker->status = kubectl->status = 125;
	assert_int_equal(runtime_leads(kubectl), LEADS_TO_PLACE);
	assert_true(runtime_waits(kubectl));
	assert_false(runtime_failed_itself(kubectl));
	assert_true(runtime_failed_itself(docker));
	assert_false(runtime_waits(started_as("crontab", "crontab f")));
}

static void knows_the_script_of_a_shell(void **state)
{
	static const char *const lines[] = {
		"bash deploy.sh one",
		"/bin/sh ./deploy.sh",
		"bash -e -u deploy.sh",
		"bash -euo pipefail deploy.sh",
		"bash -o pipefail -O extglob deploy.sh",
		"bash --norc --rcfile rc deploy.sh",
		"bash -- deploy.sh",
		"-bash deploy.sh",
		"dash +e deploy.sh",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_true(str_eq(str_base(script("/usr/bin/bash", lines[i])),
				   STR("deploy.sh")));
}

static void and_says_none_where_that_is_not_certain(void **state)
{
	static const char *const lines[] = {
		"bash",	    "bash -c deploy.sh", "bash -ec deploy.sh",
		"bash -l",  "bash -s one",	 "bash -o",
		"bash ***", "bash x/***",	 "fish deploy.sh",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_int_equal(script("/usr/bin/bash", lines[i]).len, 0);
	assert_int_equal(script("/usr/bin/python3", "sh deploy.sh").len, 0);
}

static struct str text(const char *exe, const char *line)
{
	return runtime_shell_text(started_as(exe, line));
}

static void knows_what_a_shell_was_given(void **state)
{
	static const struct {
		const char *exe, *line, *script, *text;
	} rows[] = {
		{"/bin/dash", "sh -c go", "", "go"},
		{"/bin/bash", "bash -ec go x", "", "go"},
		{"/bin/bash", "bash -c -e go", "", "go"},
		{"/bin/bash", "bash -o pipefail -c go", "", "go"},
		{"/bin/bash", "bash +c go", "", ""},
		{"/bin/dash", "sh -s go", "", ""},
		{"/bin/dash", "sh -c", "", ""},
		{"/bin/dash", "sh x.sh -c", "x.sh", ""},
		{"/bin/busybox", "busybox sh x.sh", "x.sh", ""},
		{"/bin/busybox", "/bin/busybox ash -c go", "", "go"},
		{"/bin/busybox", "ash x.sh", "x.sh", ""},
		{"/bin/busybox", "busybox grep x.sh", "", ""},
		{"/bin/busybox", "busybox", "", ""},
		{"/bin/zsh", "zsh -f x.sh", "x.sh", ""},
		{"/bin/ksh", "ksh -c go", "", "go"},
		{"/usr/bin/env", "sh -c go", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!str_eq(script(rows[i].exe, rows[i].line),
			    str_of(rows[i].script)) ||
		    !str_eq(text(rows[i].exe, rows[i].line),
			    str_of(rows[i].text)))
			fail_msg("%s", rows[i].line);
}

static struct str remedy(const char *exe, enum remedy what)
{
	return runtime_remedy(arena, running(exe, ""), what, STR("A_KEY"));
}

static void speaks_in_the_terms_of_the_culprit(void **state)
{
	(void)state;
	assert_true(str_eq(remedy("nginx", REMEDY_CLEARED),
			   STR("add `env A_KEY;` to the top of nginx.conf, and "
			       "restart nginx: workers keep only the names "
			       "that are listed")));
	assert_true(str_eq(remedy("/usr/bin/env", REMEDY_DROPPED),
			   STR("drop `-u A_KEY`")));
}

static void has_a_word_for_every_runtime_and_remedy(void **state)
{
	(void)state;
	for (enum remedy r = 0; r < REMEDY_COUNT; r++) {
		assert_true(remedy("/opt/server", r).len);
		assert_true(remedy("/usr/bin/sudo", r).len);
	}
	assert_true(runtime_remedy(arena, NULL, REMEDY_UNSET, STR("A")).len);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(knows_a_runtime_whatever_its_version),
		TEST(knows_a_script_better_than_its_interpreter),
		TEST(knows_whose_reads_cannot_be_seen),
		TEST(knows_which_arguments_begin_a_new_environment),
		TEST(knows_what_a_shell_was_given),
		TEST(a_client_without_further_rows_waits_and_reports_no_failure),
		TEST(knows_the_script_of_a_shell),
		TEST(and_says_none_where_that_is_not_certain),
		TEST(speaks_in_the_terms_of_the_culprit),
		TEST(has_a_word_for_every_runtime_and_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
