/* The catalogue of credential names: rows are sound, and questions about them
 * have the right answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "catalogue/catalogue.h"
#include "catalogue/errors.h"
#include "catalogue/hosts.h"
#include "catalogue/env_libraries.h"

#define IS(answer, truth, what, of)                                            \
	do {                                                                   \
		if ((answer) == (truth))                                       \
			break;                                                 \
		fprintf(stderr, "%s of %s: not %s\n", what, of, #truth);       \
		fail();                                                        \
	} while (0)

/* Calls `see` for each word of a list with blanks between. */
static void each_word(const struct credential *row, const char *list,
		      void (*see)(const struct credential *, struct str))
{
	while (*list) {
		size_t len = strcspn(list, " ");

		see(row, (struct str){list, len});
		list += len + (list[len] == ' ');
	}
}

/* --- rows ----------------------------------------------------------------- */

static void every_name_is_found_once(void **state)
{
	(void)state;
	assert_true(n_credentials > 450);
	for (size_t i = 0; i < n_credentials; i++) {
		IS(find_credential(credentials[i].name), &credentials[i], "row",
		   credentials[i].name.at);
		IS(role_of(credentials[i].name), credentials[i].role, "role",
		   credentials[i].name.at);
	}
}

static void every_name_is_a_name_of_a_variable(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_credentials; i++)
		IS(strspn(credentials[i].name.at,
			  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
			  "abcdefghijklmnopqrstuvwxyz"),
		   credentials[i].name.len, "letters", credentials[i].name.at);
}

static void see_alternative(const struct credential *row, struct str other)
{
	IS(str_eq(other, row->name), false, "itself", row->name.at);
	IS(find_credential(other) || memchr(other.at, '_', other.len), true,
	   "a name", row->name.at);
	IS(!!find_credential(other), true, "has a row", row->name.at);
	IS(are_alternatives(row->name, other), true, "forwards", row->name.at);
	IS(are_alternatives(other, row->name), true, "backwards", row->name.at);
}

static void alternatives_are_names_and_symmetric(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_credentials; i++)
		each_word(&credentials[i], credentials[i].alternatives,
			  see_alternative);
}

static void see_client(const struct credential *row, struct str client)
{
	IS(is_client_of(client, row->name), true, "client", row->name.at);
}

static void clients_in_a_row_are_clients(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_credentials; i++)
		each_word(&credentials[i], credentials[i].clients, see_client);
}

/* --- questions ------------------------------------------------------------ */

static void a_name_in_no_row_has_no_role(void **state)
{
	static const char *const names[] = {"ACME_API_KEY", "OPENAI_API_KEYS",
					    "OPENAI_API_KE", "", "PATH"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		IS(role_of(str_of(names[i])), ROLE_NONE, "role", names[i]);
		IS(!!find_credential(str_of(names[i])), false, "row", names[i]);
	}
	assert_string_equal(role_word(ROLE_NONE), "-");
	assert_string_equal(role_word(ROLE_KEY), "key");
}

static void parts_of_one_credential_are_no_alternatives(void **state)
{
	static const char *const pairs[][2] = {
		{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"},
		{"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"},
		{"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"},
		{"AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"},
		{"OPENAI_API_KEY", "OPENAI_WEBHOOK_SECRET"},
		{"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"},
		{"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"},
		{"OPENAI_API_KEY", "ANTHROPIC_API_KEY"},
		{"OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"},
		{"OPENAI_API_KEY", "OPENAI_BASE_URL"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		IS(are_alternatives(str_of(pairs[i][0]), str_of(pairs[i][1])),
		   false, pairs[i][1], pairs[i][0]);
}

static void any_of_these_will_do(void **state)
{
	static const char *const pairs[][2] = {
		{"GITHUB_TOKEN", "GH_TOKEN"},
		{"GOOGLE_API_KEY", "GEMINI_API_KEY"},
		{"AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"},
		{"OPENAI_BASE_URL", "OPENAI_API_BASE"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		IS(are_alternatives(str_of(pairs[i][1]), str_of(pairs[i][0])),
		   true, pairs[i][1], pairs[i][0]);
}

static void clients_are_packages_and_paths_of_python(void **state)
{
	static const struct {
		const char *package, *name;
		bool is;
	} rows[] = {
		{"openai", "OPENAI_API_KEY", true},
		{"openai/_client", "OPENAI_API_KEY", true},
		{"openai/resources/chat", "OPENAI_API_KEY", true},
		{"openaid", "OPENAI_API_KEY", false},
		{"openai_helpers/x", "OPENAI_API_KEY", false},
		{"langchain_openai/chat_models/base", "OPENAI_API_KEY", true},
		{"@ai-sdk/openai", "OPENAI_API_KEY", true},
		{"@ai-sdk/anthropic", "OPENAI_API_KEY", false},
		{"litellm/main", "OPENAI_API_KEY", true},
		{"requests/sessions", "OPENAI_API_KEY", false},
		{"google/genai/client", "GOOGLE_API_KEY", true},
		{"google/auth/default", "GOOGLE_API_KEY", false},
		{"botocore/credentials", "AWS_ACCESS_KEY_ID", true},
		{"@aws-sdk/credential-provider-env", "AWS_ACCESS_KEY_ID", true},
		{"@octokit/core", "GITHUB_TOKEN", true},
		{"uv", "OPENAI_API_KEY", false},
		{"", "OPENAI_API_KEY", false},
		{"openai", "ACME_API_KEY", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		IS(is_client_of(str_of(rows[i].package), str_of(rows[i].name)),
		   rows[i].is, rows[i].package, rows[i].name);
}

static void a_client_of_one_name_is_one_of_its_family(void **state)
{
	(void)state;
	assert_true(is_client_of(STR("openai"), STR("OPENAI_WEBHOOK_SECRET")));
	assert_true(are_of_one_provider(STR("OPENAI_API_KEY"),
					STR("OPENAI_WEBHOOK_SECRET")));
	assert_false(are_of_one_provider(STR("OPENAI_API_KEY"),
					 STR("AZURE_OPENAI_API_KEY")));
	assert_false(
		are_of_one_provider(STR("ACME_API_KEY"), STR("ACME_API_KEY")));
}

static void kinds_of_providers(void **state)
{
	static const struct {
		const char *a, *b;
		bool is;
	} rows[] = {
		{"OPENAI_API_KEY", "ANTHROPIC_API_KEY", true},
		{"OPENAI_API_KEY", "OPENAI_BASE_URL", false},
		{"OPENAI_API_KEY", "STRIPE_SECRET_KEY", false},
		{"STRIPE_SECRET_KEY", "SENDGRID_API_KEY", false},
		{"SENDGRID_API_KEY", "RESEND_API_KEY", true},
		{"GITHUB_TOKEN", "GITLAB_TOKEN", true},
		{"OPENAI_API_KEY", "ACME_API_KEY", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		IS(are_of_one_kind(str_of(rows[i].a), str_of(rows[i].b)),
		   rows[i].is, rows[i].a, rows[i].b);
		IS(are_of_one_kind(str_of(rows[i].b), str_of(rows[i].a)),
		   rows[i].is, rows[i].b, rows[i].a);
	}
}

/* --- forms of values ------------------------------------------------------ */

static void forms_of_values(void **state)
{
	static const struct {
		const char *name, *provider;
		bool is_foreign;
	} rows[] = {
		{"OPENAI_API_KEY", "openai", false},
		{"OPENAI_API_KEY", "anthropic", true},
		{"OPENAI_API_KEY", "groq", true},
		{"OPENAI_API_KEY", "", false},
		{"OPENAI_API_KEY", "jwt", false},
		{"ANTHROPIC_API_KEY", "openai", true},
		{"GITHUB_TOKEN", "github", false},
		{"GITHUB_TOKEN", "gitlab", true},
		/* many providers' keys begin with sk- */
		{"DEEPSEEK_API_KEY", "openai", false},
		{"DEEPSEEK_API_KEY", "anthropic", true},
		{"OPENAI_BASE_URL", "anthropic", false},
		{"ACME_API_KEY", "anthropic", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		IS(is_foreign_form(str_of(rows[i].name),
				   str_of(rows[i].provider)),
		   rows[i].is_foreign, rows[i].provider, rows[i].name);
	assert_string_equal(form_of(STR("OPENAI_API_KEY")), "openai");
	assert_null(form_of(STR("MISTRAL_API_KEY")));
	assert_null(form_of(STR("ACME_API_KEY")));
}

static void base_urls(void **state)
{
	static const struct {
		const char *name, *provider;
		bool is;
	} rows[] = {
		{"OPENAI_BASE_URL", "openai", true},
		{"OPENAI_API_BASE", "openai", true},
		{"AZURE_OPENAI_ENDPOINT", "azure-openai", true},
		{"OPENAI_BASE_URL", "anthropic", false},
		{"OPENAI_ORG_ID", "openai", false},
		{"OPENAI_API_KEY", "openai", false},
		{"ACME_BASE_URL", "openai", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		IS(is_base_url_of(str_of(rows[i].name), rows[i].provider),
		   rows[i].is, rows[i].provider, rows[i].name);
}

/* --- readers on behalf of others ------------------------------------------ */

static void readers_are_known_by_their_files(void **state)
{
	static const struct {
		const char *file;
		enum reader is;
	} rows[] = {
		{"/app/node_modules/dotenv/lib/main.js", READER_LOADER},
		{"/app/node_modules/@next/env/dist/index.js", READER_LOADER},
		{"/app/node_modules/@nestjs/config/dist/config.module.js",
		 READER_SETTINGS},
		{"/app/node_modules/@dotenvx/dotenvx/src/lib/main.js",
		 READER_LOADER},
		{"/app/node_modules/@dotenvx/dotenvx/src/lib/resolvers/get.js",
		 READER_SETTINGS},
		{"/v/lib/python3.11/site-packages/environ/environ.py",
		 READER_GETTER},
		{"/app/node_modules/@nestjs/config/dist/config.service.js",
		 READER_GETTER},
		{"/app/node_modules/lodash/get.js", READER_GETTER},
		{"/app/node_modules/commander/lib/command.js", READER_PARSER},
		{"/v/lib/python3.11/site-packages/decouple.py", READER_GETTER},
		{"/v/lib/python3.11/site-packages/click/core.py",
		 READER_PARSER},
		{"/v/lib/python3.11/site-packages/pydantic_settings/main.py",
		 READER_SETTINGS},
		{"/v/lib/python3.11/site-packages/dotenv/main.py",
		 READER_LOADER},
		{"/v/gems/dotenv-2.8.1/lib/dotenv/environment.rb",
		 READER_LOADER},
		{"/app/vendor/vlucas/phpdotenv/src/Repository/X.php",
		 READER_GETTER},
		{"/app/vendor/vlucas/phpdotenv/src/Dotenv.php", READER_LOADER},
		{"/usr/share/php/Dotenv/Repository/Adapter/PutenvAdapter.php",
		 READER_GETTER},
		{"/usr/share/php/Dotenv/Dotenv.php", READER_LOADER},
		{"/app/main.py", READER_NONE},
		{"/app/dotenv.py", READER_NONE},
		{"", READER_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		IS(reader_of(str_of(rows[i].file)), rows[i].is, "reader",
		   rows[i].file);
	assert_string_equal(loader_family(STR("/x/@dotenvx/a.js")), "dotenvx");
	assert_string_equal(
		loader_family(STR("/usr/share/php/Dotenv/Repository/X.php")),
		"dotenv");
	assert_string_equal(loader_family(STR("/x/environ/environ.py")),
			    "environ");
	assert_string_equal(
		loader_family(STR("/x/@nestjs/config/dist/config.module.js")),
		"nest");
	assert_null(loader_family(STR("/x/lodash/get.js")));
}

static void see_class(const struct credential *row, struct str class)
{
	IS(class.len > 4 && class.at[0] >= 'A' && class.at[0] <= 'Z', true,
	   "is a class", row->name.at);
	IS(!!memmem(class.at, class.len, "Limit", 5), false, "is a limit",
	   row->name.at);
}

static void classes_of_errors_are_those_of_a_credential(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_credentials; i++) {
		const char *classes = errors_of_provider(credentials[i].name);

		if (classes)
			each_word(&credentials[i], classes, see_class);
	}
	assert_non_null(errors_of_provider(STR("OPENAI_API_KEY")));
	assert_null(errors_of_provider(STR("MY_OWN_KEY")));
	assert_string_equal(errors_of_setting(STR("AWS_REGION")),
			    "NoRegionError");
	assert_null(errors_of_setting(STR("OPENAI_BASE_URL")));
}

/* A row for a provider that the catalogue does not have would never count. */
static void errors_are_of_providers_in_the_catalogue(void **state)
{
	static const char *const providers[] = {
#define ERRORS(provider, classes) provider,
#include "catalogue/errors.def"
	};

	(void)state;
	for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
		bool is_known = false;

		for (size_t j = 0; j < n_credentials; j++)
			is_known |=
				!strcmp(credentials[j].provider, providers[i]);
		IS(is_known, true, "is a provider", providers[i]);
	}
}

/* The same for the names of an order. */
static void orders_are_of_names_in_the_catalogue(void **state)
{
	static const char *const names[] = {
#define OUTRANKS(winner, loser, clients) winner, loser,
#include "catalogue/orders.def"
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i += 2)
		IS(are_of_one_provider(str_of(names[i]), str_of(names[i + 1])),
		   true, "is of one provider", names[i]);
}

/* --- hosts ---------------------------------------------------------------- */

static bool has_provider(const char *provider)
{
	for (size_t i = 0; i < n_credentials; i++)
		if (!strcmp(credentials[i].provider, provider))
			return true;
	return false;
}

static void every_host_has_a_provider_and_a_source(void **state)
{
	static const char *const rows[][3] = {
#define HOST(provider, host, source) {provider, host, source},
#include "catalogue/hosts.def"
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *host = rows[i][1];

		IS(has_provider(rows[i][0]), true, "provider", rows[i][0]);
		IS(strspn(host + (*host == '*'),
			  "abcdefghijklmnopqrstuvwxyz0123456789.-"),
		   strlen(host) - (*host == '*'), "letters", host);
		IS(strlen(rows[i][2]) > 6, true, "source", host);
	}
}

static void hosts_are_known_whole_or_by_their_end(void **state)
{
	(void)state;
	assert_string_equal(provider_of_host(STR("api.openai.com")), "openai");
	assert_string_equal(provider_of_host(STR("API.OpenAI.com")), "openai");
	assert_string_equal(provider_of_host(STR("eu.api.openai.com")),
			    "openai");
	assert_null(provider_of_host(STR("api.openai.com.evil.example")));
	assert_null(provider_of_host(STR("notapi.openai.com")));
	assert_null(provider_of_host(STR(".openai.azure.com")));
	assert_null(provider_of_host(STR("")));
	assert_true(is_host_of(STR("x.googleapis.com"), STR("google")));
	assert_true(is_host_of(STR("x.googleapis.com"), STR("google-cloud")));
	assert_false(is_host_of(STR("x.googleapis.com"), STR("openai")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_host_has_a_provider_and_a_source),
		cmocka_unit_test(hosts_are_known_whole_or_by_their_end),
		cmocka_unit_test(every_name_is_found_once),
		cmocka_unit_test(every_name_is_a_name_of_a_variable),
		cmocka_unit_test(alternatives_are_names_and_symmetric),
		cmocka_unit_test(classes_of_errors_are_those_of_a_credential),
		cmocka_unit_test(errors_are_of_providers_in_the_catalogue),
		cmocka_unit_test(orders_are_of_names_in_the_catalogue),
		cmocka_unit_test(clients_in_a_row_are_clients),
		cmocka_unit_test(a_name_in_no_row_has_no_role),
		cmocka_unit_test(parts_of_one_credential_are_no_alternatives),
		cmocka_unit_test(any_of_these_will_do),
		cmocka_unit_test(clients_are_packages_and_paths_of_python),
		cmocka_unit_test(a_client_of_one_name_is_one_of_its_family),
		cmocka_unit_test(kinds_of_providers),
		cmocka_unit_test(forms_of_values),
		cmocka_unit_test(base_urls),
		cmocka_unit_test(readers_are_known_by_their_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
