#include "recorder_host.h"

#include "recorder/process/env_state.h"
#include "recorder/process/open_event.h"
#include "recorder/state/file_targets.h"
#include "shared/env_file_name.h"

/* A copy with nothing behind the end that could be read by chance. */
static bool may_be_told(const char *path)
{
	char *copy = strdup(path);
	bool answer = open_may_be_told(copy);

	free(copy);
	return answer;
}

/* The quick test and the table of names must agree on any path. */
static void agrees_with_the_names_on_paths_of_many_parts(void **state)
{
	static const char *const parts[] = {
		"/",	    "a",     ".env",	".env.local", "prod.env",
		".aws",	    "x",     "gcloud",	"credentials.db",
		".netrc",   "/run/", "secrets", "/var/run/",  ".dev.vars",
		".pgpass",  ".",     "..",	"huggingface", "token",
		"eight888", ".git",  "env",	".environment"};
	const size_t n_parts = sizeof parts / sizeof *parts;
	unsigned seed = 7, told = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char path[256] = "";

		for (int n = 0; n < 1 + i % 6; n++) {
			seed = seed * 1103515245 + 12345;
			strcat(path, parts[(seed >> 16) % n_parts]);
		}
		told += may_be_told(path);
		if (may_be_told(path) !=
		    (env_file_kind_of(path, strlen(path)) != ENV_FILE_NONE))
			fail_msg("differs on %s", path);
	}
	assert_true(told > 10000);
}

static void a_variable_may_name_the_file(void **state)
{
	char **envp = HOST_ENV("ACME_API_KEY_FILE=/etc/acme/key.txt",
			       "SSL_CERT_FILE=/etc/ssl/cert.pem", "HOME=/root");

	(void)state;
	assert_false(may_be_told("/etc/acme/key.txt"));
	env_state_begin(envp);
	assert_true(may_be_told("/etc/acme/key.txt"));
	assert_string_equal(file_target_name("/etc/acme/key.txt", 17),
			    "ACME_API_KEY_FILE");
	assert_false(may_be_told("/etc/acme/key.tmp"));
	assert_false(may_be_told("/etc/ssl/cert.pem"));
	env_state_begin(envp + 1);
	assert_false(may_be_told("/etc/acme/key.txt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(agrees_with_the_names_on_paths_of_many_parts),
		HOST_TEST(a_variable_may_name_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
