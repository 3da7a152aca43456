#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "formats/formats.h"
#include "trace/json.h"

extern const struct format format_json;

static struct arena *arena;

static const char *tell(const struct report *r)
{
	struct out o = out_to_memory(arena);
	struct json j;

	format_json.write(&o, r);
	j = json_of(arena, out_memory(&o));
	json_skip(&j);
	assert_true(json_whole(&j));
	out_str(&o, (struct str){"", 1});
	return out_memory(&o).at;
}

static void an_empty_report_has_every_list_and_no_null(void **state)
{
	struct model model = {0};
	struct report r = {.model = &model, .verdict = HEALTHY};

	(void)state;
	assert_string_equal(tell(&r), "{\n"
				      "  \"schema\": \"keytrail-report/1\",\n"
				      "  \"verdict\": \"healthy\",\n"
				      "  \"ignored\": 0,\n"
				      "  \"findings\": [],\n"
				      "  \"variables\": [],\n"
				      "  \"coverage\": {\n"
				      "    \"processes\": 0,\n"
				      "    \"images\": 0,\n"
				      "    \"observed\": 0,\n"
				      "    \"gaps\": [],\n"
				      "    \"folded\": [],\n"
				      "    \"lost_events\": 0,\n"
				      "    \"broken_lines\": 0\n"
				      "  }\n"
				      "}\n");
}

static void a_finding_leaves_out_what_does_not_apply(void **state)
{
	struct model model = {0};
	struct image victim = {.pid = 7, .command = STR("a \"b\"\xff")};
	struct step step = {.image = &victim, .state = STATE_UNSEEN};
	struct finding f = {.code = "KT101",
			    .id = "never-present",
			    .variable = STR("A_KEY"),
			    .severity = FAULT,
			    .summary = STR("nobody held it."),
			    .victim = &victim,
			    .path = &step,
			    .n_path = 1,
			    .count = 2};
	struct report r = {.model = &model,
			   .verdict = FAULTY,
			   .findings = &f,
			   .n_findings = 1};
	const char *text = tell(&r);

	(void)state;
	assert_non_null(strstr(text,
			       "\"victim\": {\n"
			       "        \"pid\": 7,\n"
			       "        \"command\": \"a \\\"b\\\"\\ufffd\"\n"
			       "      },\n"
			       "      \"path\": ["));
	assert_non_null(strstr(text, "\"state\": \"unseen\"\n"));
	assert_non_null(strstr(text, "\"count\": 2\n"));
	assert_null(strstr(text, "culprit"));
	assert_null(strstr(text, "fix"));
	assert_null(strstr(text, "null"));
}

static void a_request_has_what_came_back(void **state)
{
	struct model model = {0};
	struct event sent = {.method = STR("POST"),
			     .host = STR("api.openai.com"),
			     .port = 443,
			     .tls = true,
			     .path = STR("/v1/responses"),
			     .n = 1};
	struct event answer = {.status = 401, .n = 8};
	struct image image = {0};
	struct request q = {.image = &image,
			    .event = &sent,
			    .response = &answer,
			    .code = STR("invalid_api_key")};
	struct finding f = {.code = "KT803",
			    .id = "refused-upstream",
			    .variable = STR("A_KEY"),
			    .request = &q,
			    .request_site = STR("app.js:20")};
	struct report r = {.model = &model, .findings = &f, .n_findings = 1};

	(void)state;
	assert_non_null(strstr(tell(&r),
			       "\"request\": {\n"
			       "        \"method\": \"POST\",\n"
			       "        \"host\": \"api.openai.com\",\n"
			       "        \"port\": 443,\n"
			       "        \"path\": \"/v1/responses\",\n"
			       "        \"status\": 401,\n"
			       "        \"code\": \"invalid_api_key\",\n"
			       "        \"site\": \"app.js:20\",\n"
			       "        \"count\": 8\n"
			       "      }"));
	q.response = NULL;
	assert_null(strstr(tell(&r), "status"));
	assert_non_null(strstr(tell(&r), "\"count\": 1\n      }"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_what_came_back),
		cmocka_unit_test(an_empty_report_has_every_list_and_no_null),
		cmocka_unit_test(a_finding_leaves_out_what_does_not_apply),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
