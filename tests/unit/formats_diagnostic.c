#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "formats/formats.h"

extern const struct format format_gcc, format_github;

static struct arena *arena;

static struct image launcher = {.pid = 6, .cwd = STR("/repo/services")};
static struct image reader = {.pid = 7, .cwd = STR("/repo")};

static struct finding fault(const char *culprit_site, const char *victim_site)
{
	return (struct finding){.code = "KT201",
				.id = "env-replaced",
				.variable = STR("OPENAI_API_KEY"),
				.severity = FAULT,
				.summary = STR("start.py:5 starts app.py"),
				.culprit = &launcher,
				.victim = &reader,
				.culprit_site = str_of(culprit_site),
				.victim_site = str_of(victim_site)};
}

static void tells(const struct format *how, const struct finding *f,
		  const char *wanted)
{
	struct finding findings[] = {*f};
	struct model model = {0};
	struct report r = {.model = &model,
			   .verdict = FAULTY,
			   .view = {.directory = STR("/repo")},
			   .findings = findings,
			   .n_findings = 1};
	struct out o = out_to_memory(arena);

	how->write(&o, &r);
	out_str(&o, (struct str){"", 1});
	assert_string_equal(out_memory(&o).at, wanted);
}

static void gcc_is_at(const char *culprit_site, const char *victim_site,
		      const char *place)
{
	struct finding f = fault(culprit_site, victim_site);

	tells(&format_gcc, &f,
	      arena_print(arena,
			  "%s: fault: start.py:5 starts app.py [KT201]\n",
			  place)
		      .at);
}

static void a_place_is_relative_to_the_working_directory(void **state)
{
	(void)state;
	gcc_is_at("/repo/start.py:5", "", "start.py:5");
	gcc_is_at("start.py:5", "", "services/start.py:5");
	gcc_is_at("./a/../start.sh:5", "", "services/start.sh:5");
	gcc_is_at("../start.sh:5", "", "start.sh:5");
	gcc_is_at("../../../../start.sh:5", "", "/start.sh:5");
	gcc_is_at("file:///repo/start.mjs:5", "", "start.mjs:5");
	gcc_is_at("/repository/start.py:5", "", "/repository/start.py:5");
	gcc_is_at("/repo/-o.py:5", "", "./-o.py:5");
	gcc_is_at("/repo/::error::x.py:5", "", "./::error::x.py:5");
}

static void a_place_without_line_is_a_file_or_none(void **state)
{
	(void)state;
	gcc_is_at("/opt/tool+0x12ab", "", "/opt/tool");
	gcc_is_at("/opt/tool+0x12ab", "app.py:7", "app.py:7");
	gcc_is_at("", "app.py:7", "app.py:7");
	gcc_is_at("", "/repo/bin/app+0x1", "bin/app");
	gcc_is_at("main", "", "keytrail");
	gcc_is_at("", "", "keytrail");
}

static void github_names_file_line_and_title(void **state)
{
	struct finding f = fault("/repo/start.py:5", "");

	(void)state;
	tells(&format_github, &f,
	      "::error file=start.py,line=5,title=KT201 env-replaced::"
	      "start.py:5 starts app.py\n");
	f.severity = WARNING;
	f.fix = STR("pass env=os.environ");
	f.culprit_site = STR("");
	tells(&format_github, &f,
	      "::warning title=KT201 env-replaced::start.py:5 starts app.py"
	      "%0Afix: pass env=os.environ\n");
}

/* A name of the trace ends neither the line, the property nor the command. */
static void foreign_text_injects_no_command(void **state)
{
	struct finding f = fault("/repo/a,line=9::x\n::error::%0A:5", "");

	(void)state;
	f.summary = STR("50%\r\n::set-output name=x::y\x1b[31m");
	f.fix = STR("\n::stop-commands::t");
	tells(&format_github, &f,
	      "::error file=a%2Cline=9%3A%3Ax%0A%3A%3Aerror%3A%3A%250A,line=5,"
	      "title=KT201 env-replaced::50%25%0D%0A::set-output name=x::y?[31m"
	      "%0Afix: %0A::stop-commands::t\n");
	tells(&format_gcc, &f,
	      "a,line=9::x?::error::%0A:5: fault: "
	      "50%??::set-output name=x::y?[31m [KT201]\n");
}

static void notes_are_told_when_wanted(void **state)
{
	struct finding f = fault("/repo/start.py:5", "");
	struct model model = {0};
	struct report r = {.model = &model,
			   .verdict = INCONCLUSIVE,
			   .headline = STR("nothing was recorded"),
			   .findings = &f,
			   .n_findings = 1};
	struct out brief = out_to_memory(arena), whole = out_to_memory(arena);

	(void)state;
	f.severity = NOTE;
	format_gcc.write(&brief, &r);
	assert_true(str_eq(out_memory(&brief),
			   STR("keytrail: note: nothing was recorded\n")));
	r.view.verbose = true;
	format_github.write(&whole, &r);
	assert_true(str_eq(
		out_memory(&whole),
		STR("::notice title=keytrail::nothing was recorded\n"
		    "::notice file=/repo/start.py,line=5,title=KT201 "
		    "env-replaced::start.py:5 starts app.py\n")));
}

static void a_healthy_report_is_empty(void **state)
{
	struct model model = {0};
	struct report r = {.model = &model,
			   .verdict = HEALTHY,
			   .headline = STR("all is well")};
	struct out o = out_to_memory(arena);

	(void)state;
	format_gcc.write(&o, &r);
	format_github.write(&o, &r);
	assert_int_equal(out_memory(&o).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_is_relative_to_the_working_directory),
		cmocka_unit_test(a_place_without_line_is_a_file_or_none),
		cmocka_unit_test(github_names_file_line_and_title),
		cmocka_unit_test(foreign_text_injects_no_command),
		cmocka_unit_test(notes_are_told_when_wanted),
		cmocka_unit_test(a_healthy_report_is_empty),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
