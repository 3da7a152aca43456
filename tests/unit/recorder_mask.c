#include "recorder_host.h"

#include "keytrail/trace.h"
#include "recorder/mask.h"
#include "recorder/text.h"

static struct line l;
static char *const no_variables[] = {NULL};

/* What is shown of a command line: ["sh","-c"],"argc":2 */
static const char *shown(const char *const *argv, char *const *envp)
{
	size_t before;

	line_begin(&l, KT_EXEC, 1);
	before = l.length;
	mask_args(&l, (char *const *)(uintptr_t)argv, envp, NULL);
	l.at[l.length] = '\0';
	return l.at + before + strlen(",\"args\":");
}

#define SHOWN(...) shown((const char *const[]){__VA_ARGS__, NULL}, no_variables)

/* ---- ordinary commands stay readable */

#define COMMAND(...)                                                           \
	{                                                                      \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}

static const struct {
	const char *argv[12];
} ordinary[] = {
	COMMAND("node", "worker.js", "--port", "3000"),
	COMMAND("sh", "-c", "node worker.js && echo done"),
	COMMAND("/bin/sh", "-c", "cd /srv/app; exec npm run start > log 2>&1"),
	COMMAND("ls", "-la", "/usr/lib/x86_64-linux-gnu/libc.so.6"),
	COMMAND("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "./a.out"),
	COMMAND("python3", "manage.py", "runserver", "0.0.0.0:8000"),
	COMMAND("python3", "-m", "http.server", "-d", "/srv/www"),
	COMMAND("/usr/bin/python3.11", "/opt/app/main.py"),
	COMMAND("gunicorn", "-w", "4", "-b", "127.0.0.1:8000", "app:create"),
	COMMAND("java", "-Xmx512m", "-jar", "target/server-1.0.2.jar"),
	COMMAND("docker", "run", "--rm", "-it", "ubuntu:22.04", "bash"),
	COMMAND("docker", "run", "-e", "NODE_ENV=production", "app"),
	COMMAND("env", "-i", "PATH=/usr/bin:/bin", "HOME=/root", "sh"),
	COMMAND("git", "commit", "--amend", "--no-edit"),
	COMMAND("make", "-j2", "CC=clang", "all"),
	COMMAND("node", "--max-old-space-size=4096", "dist/index.js"),
	COMMAND("curl", "-fsSL", "https://example.com/v1/models"),
	COMMAND("systemctl", "restart", "nginx.service"),
	COMMAND("grep", "-rn", "getenv", "src"),
	COMMAND("kubectl", "get", "pods", "-n", "kube-system"),
	COMMAND("sudo", "-E", "systemctl", "status"),
	COMMAND("/usr/local/bin/python3.11", "-c"),
	COMMAND("tar", "-C", "/tmp", "-xzf", "node-v20.11.1.tar.gz"),
	COMMAND("ssh", "deploy@host", "uptime"),
	COMMAND("sh", "-c", "a | b || c & (d) < e"),
	COMMAND("git", "clone", "git@github.com:org/repo.git"),
	COMMAND("docker", "pull", "registry:5000/name@sha256:cafe"),
	COMMAND("scp", "me@host:/srv/app", "a@b:c@d"),
	COMMAND("run", "--user", "app", "--pattern", "x", "12:30", ":@", "@:"),
};

static void ordinary_commands_stay_readable(void **state)
{
	char expected[512];

	(void)state;
	for (size_t i = 0; i < LENGTH(ordinary); i++) {
		size_t n = 0, count = 0;
		const char *got = shown(ordinary[i].argv, no_variables);

		n += (size_t)sprintf(expected, "[");
		for (; ordinary[i].argv[count]; count++)
			n += (size_t)sprintf(expected + n, "%s\"%s\"",
					     count ? "," : "",
					     ordinary[i].argv[count]);
		sprintf(expected + n, "],\"argc\":%zu", count);
		assert_string_equal(got, expected);
	}
}

/* ---- secrets do not */

static const struct {
	const char *shown, *argv[8];
} masked[] = {
	{"docker run -e OPENAI_API_KEY=*** app",
	 {"docker", "run", "-e", "OPENAI_API_KEY=hunter2horse", "app"}},
	{"env DB_PASSWORD=*** ./server",
	 {"env", "DB_PASSWORD=hunter2horse", "./server"}},
	{"env MY_PASSPHRASE_X=*** x",
	 {"env", "MY_PASSPHRASE_X=hunter2horse", "x"}},
	{"app --token=***", {"app", "--token=hunter2horse"}},
	{"app --token *** run", {"app", "--token", "hunter2horse", "run"}},
	{"app --api-key *** run", {"app", "--api-key", "hunter2horse", "run"}},
	{"app -password *** run", {"app", "-password", "hunter2horse", "run"}},
	{"app --token *** run",
	 {"app", "--token", "hunter2 horse word", "run"}},
	{"curl -u *** host", {"curl", "-u", "admin:hunter2horse", "host"}},
	{"curl --user *** host",
	 {"curl", "--user", "admin:hunter2horse", "host"}},
	{"curl --user=*** host", {"curl", "--user=admin:hunter2horse", "host"}},
	{"rsync root:***@host:3306/db", {"rsync", "root:hunter2horse@host:3306/db"}},
	{"app --pw *** --pat=*** PIN=***",
	 {"app", "--pw", "hunter2horse", "--pat=hunter2horse",
	  "PIN=hunter2horse"}},
	{"sh -c mysql -p*** && redis-cli -a *** ping",
	 {"sh", "-c", "mysql -phunter2horse && redis-cli -a hunter2horse ping"}},
	{"curl -H Authorization: Bearer ***",
	 {"curl", "-H", "Authorization: Bearer hunter2horse"}},
	{"curl -H authorization: basic ***",
	 {"curl", "-H", "authorization: basic hunter2horse"}},
	{"curl -H x-api-key: ***", {"curl", "-H", "x-api-key: hunter2horse"}},
	{"curl Bearer ***", {"curl", "Bearer", "hunter2horse"}},
	{"mysql -uroot -p*** db", {"mysql", "-uroot", "-phunter2horse", "db"}},
	{"/usr/bin/mysqldump -p***", {"/usr/bin/mysqldump", "-phunter2horse"}},
	{"mariadb -p***", {"mariadb", "-phunter2horse"}},
	{"psql postgres://***@db/app",
	 {"psql", "postgres://me:hunter2horse@db/app"}},
	{"psql postgres://***@db/app",
	 {"psql", "postgres://hunter2horse@db/app"}},
	{"git clone https://***@github.com/a/b.git",
	 {"git", "clone", "https://hunter2horse@github.com/a/b.git"}},
	{"curl https://h/p?***", {"curl", "https://h/p?hunter2horse"}},
	{"curl https://h/p#***", {"curl", "https://h/p#hunter2horse"}},
	{"app --db=redis://***@h", {"app", "--db=redis://:hunter2horse@h"}},
	{"python3 -c ***", {"python3", "-c", "print('hunter2horse')"}},
	{"node -e ***", {"node", "-e", "hunter2horse()"}},
	{"perl -e ***", {"perl", "-e", "hunter2horse;"}},
	{"sh -c MY_KEY=*** node x.js",
	 {"sh", "-c", "MY_KEY=hunter2horse node x.js"}},
	{"sh -c export A_TOKEN=***; run",
	 {"sh", "-c", "export A_TOKEN='hunter2 horse'; run"}},
	{"sh -c curl -H *** https://h",
	 {"sh", "-c", "curl -H 'X-Key: hunter2horse' https://h"}},
	{"sh -c echo *** | run", {"sh", "-c", "echo \"hunter2horse\" | run"}},
	{"sh -c app --secret *** -v",
	 {"sh", "-c", "app --secret hunter2horse -v"}},
	{"app ***", {"app", "sk-ant-hunter2horse"}},
	{"app ***", {"app", "ghp_hunter2horse"}},
	{"app key ***", {"app", "key", "a8f5f167f44f4964e6c998dee827110c"}},
	{"app ***", {"app", "Zm9vYmFyQmF6UXV4"}},
	{"app ***", {"app", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}},
	{"app ***", {"app", "correcthorsebatterystaple"}},
	{"app ***", {"app", "4111111111111111"}},
	{"app ***", {"app", "it's hunter2horse"}},
};

/* The shown arguments, with blanks between them. */
static const char *plain(const char *args)
{
	static char text[2048];
	size_t n = 0;
	const char *end = strstr(args, "],\"argc\"");

	for (const char *c = args + 1; c < end; c++) {
		if (*c != '"')
			text[n++] = *c == ',' && c[1] == '"' ? ' ' : *c;
	}
	text[n] = '\0';
	return text;
}

static void a_part_that_could_be_a_secret_is_masked(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(masked); i++) {
		assert_string_equal(plain(shown(masked[i].argv, no_variables)),
				    masked[i].shown);
		assert_null(strstr(l.at, "hunter2"));
		assert_null(strstr(l.at, "horse"));
	}
}

/* ---- the values of watched variables */

static const char secret[] = "Quoth-the-raven";

static bool shows_the_secret(const char *text)
{
	for (size_t i = 0; i + 6 <= sizeof secret - 1; i++)
		if (memmem(text, strlen(text), secret + i, 6))
			return true;
	return false;
}

static void a_watched_value_is_masked_in_any_argument(void **state)
{
	static const char *const around[] = {
		"%s",		"x%sy",	       "--name=%s",    "a %s b",
		"sh -c %s",	"echo '%s'",   "a;%s;b",       "http://h/%s",
		"http://%s.h/", "NAME=%s",     "http://h/?%s", "{\"a\":\"%s\"}",
		"(%s)",		"$(%s)",       "%s\n",	       "-x%s",
		"a=b=%s",	"a=%s&b=c",    "/tmp/%s/x",    "/tmp/%s",
		"/tmp/a%s",	"--f=/usr/%s", "\\%s",
	};
	char **envp = HOST_ENV("HOME=/root", "MY_KEY=Quoth-the-raven");
	char argument[128];

	(void)state;
	for (size_t i = 0; i < LENGTH(around); i++) {
		const char *argv[] = {"app", argument, NULL};

		snprintf(argument, sizeof argument, around[i], secret);
		if (shows_the_secret(shown(argv, envp)))
			fail_msg("%s: %s", argument, l.at);
		assert_true(shows_the_secret(shown(argv, no_variables)) ||
			    strstr(l.at, "***"));
	}
}

static void
a_watched_value_is_masked_in_every_place_of_the_command(void **state)
{
	char **envp = HOST_ENV("MY_KEY=Quoth-the-raven", "OTHER=1");

	(void)state;
	for (size_t at = 0; at < 20; at++) {
		const char *argv[21] = {NULL};

		for (size_t i = 0; i < 20; i++)
			argv[i] = i == at ? secret : "argument";
		assert_false(shows_the_secret(shown(argv, envp)));
	}
}

static void a_value_that_has_the_form_of_a_key_is_learnt_too(void **state)
{
	char **envp = HOST_ENV("HARMLESS=hf_aaaaaaaaaaaa-bbbb-cccc");
	const char *argv[] = {"app", "xhf_aaaaaaaaaaaa-bbbb-cccc", NULL};

	(void)state;
	assert_string_equal(shown(argv, envp), "[\"app\",\"***\"],\"argc\":2");
}

static void a_short_value_does_not_mask_everything(void **state)
{
	char **envp = HOST_ENV("MY_KEY=", "A_KEY=a", "B_KEY=app");
	const char *argv[] = {"app", "apple", NULL};

	(void)state;
	assert_string_equal(shown(argv, envp),
			    "[\"app\",\"apple\"],\"argc\":2");
}

/* ---- shapes of a command line */

static void no_arguments_and_no_environment_are_fine(void **state)
{
	static const char *const none[] = {NULL};

	(void)state;
	assert_string_equal(shown(none, no_variables), "[],\"argc\":0");
	assert_string_equal(shown(NULL, NULL), "[],\"argc\":0");
	assert_string_equal(SHOWN(""), "[\"\"],\"argc\":1");
	assert_string_equal(SHOWN("a", "", "b"),
			    "[\"a\",\"\",\"b\"],\"argc\":3");
}

static void sixteen_arguments_are_shown_and_all_are_counted(void **state)
{
	const char *argv[101] = {NULL};

	(void)state;
	for (size_t i = 0; i < 100; i++)
		argv[i] = "x";
	assert_int_equal(host_count(shown(argv, no_variables), "\"x\""), 16);
	assert_non_null(strstr(l.at, "\"argc\":100"));
}

static void a_very_long_argument_is_not_shown(void **state)
{
	char argument[MASK_ARG_BYTES + 2];

	(void)state;
	memset(argument, '-', sizeof argument);
	argument[MASK_ARG_BYTES] = '\0';
	assert_null(strstr(SHOWN("a", argument), "***"));
	argument[MASK_ARG_BYTES] = '-';
	argument[MASK_ARG_BYTES + 1] = '\0';
	assert_string_equal(SHOWN("a", argument), "[\"a\",\"***\"],\"argc\":2");
}

static void any_bytes_make_valid_json(void **state)
{
	unsigned seed = 1;
	char text[16][220];
	const char *argv[17] = {NULL};

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t count = (size_t)rand_r(&seed) % 16 + 1;

		memset(argv, 0, sizeof argv);
		for (size_t i = 0; i < count; i++) {
			size_t n = (size_t)rand_r(&seed) % sizeof text[0];

			for (size_t k = 0; k < n; k++)
				text[i][k] = (char)(rand_r(&seed) % 255 + 1);
			text[i][n ? n - 1 : 0] = '\0';
			argv[i] = text[i];
		}
		shown(argv, no_variables);
		assert_in_range(l.length, 1, LINE_BYTES - 2);
		l.at[l.length] = '}';
		if (!is_json(l.at, l.length + 1u))
			fail_msg("%s", l.at);
	}
}

/* Whatever stands around it, and however long it is: as a whole argument
 * after a word that announces it, a secret is not shown. */
static void what_follows_an_announcement_is_never_shown(void **state)
{
	static const char *const announcing[] = {"--token", "--password", "--pw-key",
						 "Bearer", "X-Api-Key:"};
	unsigned seed = 7;
	char text[64];

	(void)state;
	for (int round = 0; round < 5000; round++) {
		const char *argv[] = {"app", announcing[round % 5], text, NULL};
		size_t n = (size_t)rand_r(&seed) % 50 + 1;

		for (size_t k = 0; k < n; k++)
			text[k] = (char)(rand_r(&seed) % 94 + '!');
		text[n] = '\0';
		if (text[0] == '-' || text[n - 1] == ':')
			continue; /* an option, a header: they announce too */
		shown(argv, no_variables);
		assert_non_null(strstr(l.at, ",\"***\"],\"argc\":3"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(ordinary_commands_stay_readable),
		HOST_TEST(a_part_that_could_be_a_secret_is_masked),
		HOST_TEST(a_watched_value_is_masked_in_any_argument),
		HOST_TEST(
			a_watched_value_is_masked_in_every_place_of_the_command),
		HOST_TEST(a_value_that_has_the_form_of_a_key_is_learnt_too),
		HOST_TEST(a_short_value_does_not_mask_everything),
		HOST_TEST(no_arguments_and_no_environment_are_fine),
		HOST_TEST(sixteen_arguments_are_shown_and_all_are_counted),
		HOST_TEST(a_very_long_argument_is_not_shown),
		HOST_TEST(any_bytes_make_valid_json),
		HOST_TEST(what_follows_an_announcement_is_never_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
