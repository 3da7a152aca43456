#include "recorder_host.h"

#include "recorder/process/callers.h"

/* The callers of a place in `site`, as the array of the trace; `frames`: file
 * and function of each, outward. */
static const char *callers(const char *site, const char *const frames[][2])
{
	static struct event_line l;
	static struct callers to;
	struct caller_choice choice;
	bool is_more = true;
	char *begin;

	callers_begin(&choice, &to, site);
	for (uint64_t i = 0; is_more && frames[i][0]; i++)
		is_more = callers_add(&choice, &(struct caller_frame){
						       .file = frames[i][0],
						       .function = frames[i][1],
						       .line = i + 1});
	callers_end(&choice);
	event_begin(&l, KT_READ, 1);
	l.length = 0;
	callers_put(&l, &to);
	l.at[l.length] = '\0';
	begin = strchr(l.at, '[');
	return begin ? begin : "none";
}

#define CALLERS(site, ...)                                                     \
	callers(site, (const char *const[][2]){__VA_ARGS__, {NULL, NULL}})
#define PACKAGES "/v/lib/python3.11/site-packages/"

static void three_frames_of_the_program_are_told(void **state)
{
	(void)state;
	assert_string_equal(CALLERS("/a/env.py", {"/a/b.py", "f"},
				    {"/a/c.py", "g"}, {"/a/d.py", NULL},
				    {"/a/e.py", "h"}),
			    "[\"/a/b.py:1 f\",\"/a/c.py:2 g\",\"/a/d.py:3\"]");
}

static void a_place_without_callers_has_no_field(void **state)
{
	(void)state;
	assert_string_equal(CALLERS("/a/env.py", {"<frozen runpy>", "run"}),
			    "none");
}

static void of_a_library_the_outermost_frame_is_told(void **state)
{
	(void)state;
	assert_string_equal(CALLERS(PACKAGES "openai/_client.py",
				    {PACKAGES "openai/_base.py", "a"},
				    {PACKAGES "openai/resources/chat.py", "b"},
				    {PACKAGES "langchain/llm.py", "c"},
				    {PACKAGES "langchain/base.py", "d"},
				    {"/a/main.py", "e"}),
			    "[\"" PACKAGES "openai/resources/chat.py:2 b\","
			    "\"" PACKAGES
			    "langchain/base.py:4 d\",\"/a/main.py:5 e\"]");
}

static void the_place_itself_is_no_caller(void **state)
{
	(void)state;
	assert_string_equal(
		CALLERS(PACKAGES "decouple.py", {"/a/main.py", "e"}),
		"[\"/a/main.py:1 e\"]");
}

static void frames_of_the_language_divide_no_library(void **state)
{
	(void)state;
	assert_string_equal(CALLERS("/a/env.py",
				    {PACKAGES "click/core.py", "a"},
				    {"/usr/lib/python3.11/contextlib.py", "b"},
				    {"<frozen importlib._bootstrap>", "c"},
				    {PACKAGES "click/main.py", "d"}),
			    "[\"" PACKAGES "click/main.py:4 d\"]");
}

static void a_library_behind_the_last_frame_is_not_told(void **state)
{
	(void)state;
	assert_string_equal(
		CALLERS("/a/env.py", {"/a/b.py", "a"}, {"/a/b.py", "b"},
			{"/a/b.py", "c"}, {PACKAGES "click/core.py", "d"}),
		"[\"/a/b.py:1 a\",\"/a/b.py:2 b\",\"/a/b.py:3 c\"]");
}

static void of_many_libraries_four_are_told_and_the_program(void **state)
{
	const char *told;
	size_t n = 0;

	(void)state;
	told = CALLERS("/a/env.py", {PACKAGES "a/x.py", "f"},
		       {PACKAGES "b/x.py", "f"}, {PACKAGES "c/x.py", "f"},
		       {PACKAGES "d/x.py", "f"}, {PACKAGES "e/x.py", "f"},
		       {PACKAGES "f/x.py", "f"}, {PACKAGES "g/x.py", "f"},
		       {PACKAGES "h/x.py", "f"}, {"/a/main.py", "f"});
	assert_non_null(strstr(told, "\"/a/main.py:9 f\"]"));
	for (; (told = strstr(told, ".py:")); told++)
		n++;
	assert_int_equal(n, 5);
}

static void a_long_path_ends_the_list(void **state)
{
	static char path[CALLERS_BYTES + 8] = "/a/";

	(void)state;
	memset(path + 3, 'x', sizeof path - 4);
	assert_string_equal(CALLERS("/a/env.py", {"/a/b.py", "f"}, {path, "g"}),
			    "[\"/a/b.py:1 f\"]");
}

static void a_secret_in_a_path_is_not_told(void **state)
{
	(void)state;
	setenv("OPENAI_API_KEY", "sk-proj-abcdefghijklmnopqrstuvwxyz012345", 1);
	assert_string_equal(
		CALLERS("/a/env.py",
			{"/a/sk-proj-abcdefghijklmnopqrstuvwxyz012345/b.py",
			 "sk-proj-abcdefghijklmnopqrstuvwxyz012345"}),
		"[\"***:1 ***\"]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(three_frames_of_the_program_are_told),
		HOST_TEST(a_place_without_callers_has_no_field),
		HOST_TEST(of_a_library_the_outermost_frame_is_told),
		HOST_TEST(the_place_itself_is_no_caller),
		HOST_TEST(frames_of_the_language_divide_no_library),
		HOST_TEST(a_library_behind_the_last_frame_is_not_told),
		HOST_TEST(of_many_libraries_four_are_told_and_the_program),
		HOST_TEST(a_long_path_ends_the_list),
		HOST_TEST(a_secret_in_a_path_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
