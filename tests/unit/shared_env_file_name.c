#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shared/env_file_name.h"

static enum env_file_kind kind_of(const char *path)
{
	return env_file_kind_of(path, strlen(path));
}

static void names_of_env_files(void **state)
{
	static const char *const yes[] = {".env",	  "/srv/.env",
					  ".env.local",	  "a/.env.production",
					  "prod.env",	  "/etc/app/prod.env",
					  ".envrc",	  ".env-local",
					  ".env.example", ".dev.vars",
					  ".env_test",	  ".dev.vars.staging"};
	static const char *const no[] = {"",	       "/",
					 "env",	       ".environment",
					 "a.environ",  ".env/bin/python",
					 "/srv/.env/", "app.env.js",
					 "dev.vars",   ".dev.variables",
					 "xenv",       ".envoy"};

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		assert_int_equal(kind_of(yes[i]), ENV_FILE_ASSIGNS);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		assert_int_equal(kind_of(no[i]), ENV_FILE_NONE);
}

static void names_of_secrets_and_logins(void **state)
{
	(void)state;
	assert_int_equal(kind_of("/run/secrets/openai"), ENV_FILE_SECRET);
	assert_int_equal(kind_of("/run/secrets/app.env"), ENV_FILE_SECRET);
	assert_int_equal(kind_of("/var/run/secrets/kubernetes.io/token"),
			 ENV_FILE_SECRET);
	assert_int_equal(kind_of("/run/secrets/"), ENV_FILE_NONE);
	assert_int_equal(kind_of("/run/secret"), ENV_FILE_NONE);
	assert_int_equal(kind_of("/root/.aws/credentials"), ENV_FILE_LOGIN);
	assert_int_equal(kind_of("/root/.aws/"), ENV_FILE_NONE);
	assert_int_equal(kind_of("/root/.aws/models"), ENV_FILE_NONE);
	assert_int_equal(kind_of("/root/.awsome/x"), ENV_FILE_NONE);
	assert_int_equal(kind_of("/root/.netrc"), ENV_FILE_LOGIN);
	assert_int_equal(kind_of("/root/.pgpass"), ENV_FILE_LOGIN);
	assert_int_equal(kind_of("/r/.config/gcloud/"
				 "application_default_credentials.json"),
			 ENV_FILE_LOGIN);
	assert_int_equal(kind_of("/r/.cache/huggingface/token"),
			 ENV_FILE_LOGIN);
}

static void examples_are_not_real(void **state)
{
	(void)state;
	assert_true(env_file_is_real(".env.local", 10));
	assert_false(env_file_is_real(".env.example", 12));
	assert_false(env_file_is_real("a/.env.keys", 11));
}

static void names_of_variables_that_name_files(void **state)
{
	(void)state;
	assert_true(is_name_of_file("OPENAI_API_KEY_FILE", 19));
	assert_true(is_name_of_file("GOOGLE_APPLICATION_CREDENTIALS", 30));
	assert_true(is_name_of_file("NETRC", 5));
	assert_false(is_name_of_file("_FILE", 5));
	assert_false(is_name_of_file("PROFILE", 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_env_files),
		cmocka_unit_test(names_of_secrets_and_logins),
		cmocka_unit_test(examples_are_not_real),
		cmocka_unit_test(names_of_variables_that_name_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
