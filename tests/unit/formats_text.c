#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "formats/formats.h"

extern const struct format format_text;

static struct arena *arena;

static struct image shell = {.pid = 1, .command = STR("/bin/bash -l")};
static struct image worker = {.pid = 2,
			      .exe = STR("/usr/bin/node"),
			      .command = STR("node worker.js")};
static struct image other = {.exe = STR("/usr/local/bin/turbo")};

static struct step steps[] = {
	{.image = &shell,
	 .state = STATE_PRESENT,
	 .fp = STR("8c1f2a90aabbccdd")},
	{.image = &other, .state = STATE_UNSEEN},
	{.image = &worker, .state = STATE_ABSENT},
};

static struct finding lost = {
	.code = "KT201",
	.id = "env-replaced",
	.variable = STR("OPENAI_API_KEY"),
	.severity = FAULT,
	.confidence = LIKELY,
	.summary = STR("bash passed another environment."),
	.detail = STR("nearly all of it is new"),
	.victim = &worker,
	.victim_site = STR("worker.js:3"),
	.culprit = &shell,
	.operation = STR("execve"),
	.path = steps,
	.n_path = 3,
	.fix = STR("Export it."),
	.count = 8,
};

static struct variable variable = {.name = STR("OPENAI_API_KEY"),
				   .processes = 1,
				   .readers = 9,
				   .missed = 8};
static const struct trace no_trace;
static struct model model = {
	.trace = &no_trace, .variables = &variable, .n_variables = 1};

static const char *tell(const struct report *r, unsigned width)
{
	struct out o = out_to_memory(arena);

	o.width = width;
	format_text.write(&o, r);
	out_str(&o, (struct str){"", 1});
	return out_memory(&o).at;
}

static void a_fault_is_told_in_the_order_in_which_people_ask(void **state)
{
	struct coverage_gap gaps[] = {{&other, GAP_STATIC},
				      {&other, GAP_STATIC}};
	struct report r = {.verdict = FAULTY,
			   .findings = &lost,
			   .n_findings = 1,
			   .model = &model,
			   .processes = 3,
			   .observed_processes = 2,
			   .gaps = gaps,
			   .n_gaps = 2,
			   .lost_events = 1};

	(void)state;
	assert_string_equal(
		tell(&r, 80),
		"FAULT     bash passed another environment.\n"
		"          nearly all of it is new\n"
		"  path    bash -l             + present   8c1f2a90  pid 1\n"
		"          ` turbo             ? not seen\n"
		"            ` node worker.js  - absent              pid 2\n"
		"  fix     Export it.\n"
		"  more    keytrail explain KT201 (the likely cause; not "
		"proven)\n"
		"\n"
		"  keys    OPENAI_API_KEY        missed by 8 of 9 readers, "
		"held "
		"by 1 process\n"
		"  seen    2 of 3 processes\n"
		"  unseen  /usr/local/bin/turbo, 2 times: statically linked, "
		"no recorder can\n"
		"          enter it; to record what it starts: keytrail doctor "
		"-- turbo\n"
		"          1 lost event\n");
}

static void further_warnings_are_shorter_and_notes_shorter_still(void **state)
{
	struct event read = {.kind = KT_READ};
	struct finding f[] = {lost, lost, lost};
	struct report r = {.findings = f, .n_findings = 3, .model = &model};

	(void)state;
	f[0].severity = f[1].severity = WARNING;
	f[1].n_path = f[1].detail.len = 0;
	f[2].severity = NOTE;
	f[2].variable = STR("GH_TOKEN");
	f[2].summary = STR("it is another matter.");
	f[2].victim_event = &read;
	r.verdict = WARNED;
	assert_non_null(strstr(
		tell(&r, 80),
		"warning   bash passed another environment.\n"
		"  fix     Export it.\n"
		"  more    keytrail explain KT201 (the likely cause; not "
		"proven)\n"
		"\n"
		"note      it is another matter. (KT201)\n"));
}

static void a_place_outside_the_working_directory_is_whole(void **state)
{
	struct image inside = {.pid = 4, .cwd = STR("/srv/app")};
	struct image beside = {.pid = 5, .cwd = STR("/srv/ap")};
	struct finding f = lost;
	struct report r = {.findings = &f, .n_findings = 1, .model = &model};

	(void)state;
	f.n_path = 0;
	f.victim_site = STR("/srv/app/lib/start.js:3");
	f.summary = STR("bash passed another environment to start.js:3.");
	f.victim = &inside;
	assert_null(strstr(tell(&r, 80), "where"));
	f.victim = &beside;
	assert_non_null(
		strstr(tell(&r, 80), "  where   /srv/app/lib/start.js:3\n"));
}

static void nothing_from_the_trace_commands_the_terminal(void **state)
{
	struct image evil = {.pid = 3,
			     .exe = STR("/\x1b[2J\n"),
			     .command = STR("/a\x1b]0;x\a \xff\r\n\xc2\x9b")};
	struct step path[] = {{.image = &evil,
			       .state = STATE_CHANGED,
			       .fp = STR("\x1b\x1b\x1b")}};
	struct coverage_gap gap = {&evil, GAP_STATIC};
	struct finding f = lost;
	struct report r = {.verdict = FAULTY,
			   .findings = &f,
			   .n_findings = 1,
			   .model = &model,
			   .gaps = &gap,
			   .n_gaps = 1};

	(void)state;
	f.victim = f.culprit = &evil;
	f.variable = f.summary = f.fix = evil.command;
	f.victim_site = f.culprit_site = f.operation = evil.exe;
	f.path = path;
	f.n_path = 1;
	for (const char *at = tell(&r, 80); *at; at++)
		if (*at != '\n')
			assert_in_range((unsigned char)*at, ' ', '~');
}

static void two_values_and_a_foreign_one_are_shown(void **state)
{
	struct value old = {.fp = STR("3f01aabbccdd"), .len = 51},
		     new = {.fp = STR("a6ff00112233"),
			    .len = 108,
			    .is = KT_IS_CR | KT_IS_QUOTED,
			    .from = STR("anthropic")};
	struct value_use uses[] = {
		{.value = &old, .processes = 4},
		{.value = &new, .processes = 3, .readers = 2}};
	struct variable v = variable;
	struct model m = {.variables = &v, .n_variables = 1};
	struct report r = {.verdict = HEALTHY, .model = &m};

	(void)state;
	v.values = uses;
	v.n_values = 2;
	assert_non_null(strstr(
		tell(&r, 84),
		"            2 values: 3f01aabb in 4, not read (51 bytes); "
		"a6ff0011 in 3, read by 2\n"
		"            (108 bytes, a key of anthropic, cr, quoted)\n"));
	v.n_values = 1;
	assert_null(strstr(tell(&r, 84), "value"));
	v.values = uses + 1;
	assert_non_null(strstr(tell(&r, 84), "1 value: a6ff0011 in 3"));
}

/* Under two keys nobody knows whether two fingerprints are of one value. */
static void only_values_under_one_key_are_counted_together(void **state)
{
	struct value a = {.fp = STR("3f01aabbccdd"), .len = 51},
		     b = {.fp = STR("a6ff00112233"), .len = 51},
		     c = {.fp = STR("b7ff00112233"), .len = 51};
	struct value_use uses[] = {
		{.value = &a, .key = STR("11111111"), .processes = 4},
		{.value = &b, .key = STR("22222222"), .processes = 3},
		{.value = &c, .key = STR("22222222"), .processes = 1}};
	struct variable v = variable;
	struct model m = {.variables = &v, .n_variables = 1};
	struct report r = {.verdict = HEALTHY, .model = &m};

	(void)state;
	v.values = uses;
	v.n_values = 2;
	assert_null(strstr(tell(&r, 84), "values"));
	v.n_values = 3;
	assert_null(strstr(tell(&r, 84), "3f01aabb"));
	assert_non_null(strstr(tell(&r, 84), "2 values: a6ff0011 in 3"));
}

static void readers_of_an_empty_value_did_not_find_it(void **state)
{
	struct value empty = {.fp = STR("3f01aabbccdd"), .is = KT_IS_EMPTY};
	struct value_use use = {.value = &empty, .processes = 5, .readers = 4};
	struct variable v = {.name = STR("OPENAI_API_KEY"),
			     .processes = 5,
			     .readers = 4,
			     .values = &use,
			     .n_values = 1};
	struct model m = {.variables = &v, .n_variables = 1};
	struct report r = {.verdict = HEALTHY, .model = &m};

	(void)state;
	assert_non_null(strstr(tell(&r, 90), "found empty by all 4 readers, "
					     "held by 5 processes"));
	v.readers = 6;
	assert_non_null(strstr(tell(&r, 90), "found empty by 4 of 6 readers"));
	v.missed = 2;
	assert_non_null(strstr(
		tell(&r, 90), "missed by 2 and found empty by 4 of 6 readers"));
	empty.is = 0;
	assert_non_null(strstr(tell(&r, 90), "missed by 2 of 6 readers"));
}

static unsigned widest(const char *text)
{
	unsigned most = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		if (strcspn(text, "\n") > most)
			most = (unsigned)strcspn(text, "\n");
	return most;
}

static void long_words_and_long_paths_stay_within_the_width(void **state)
{
	char word[3000];
	struct image image = {.pid = 4194304, .command = {word, sizeof word}};
	struct image child = {.pid = 4194303, .command = {word, sizeof word}};
	struct step path[300];
	struct finding f = lost;
	struct report r = {.verdict = FAULTY,
			   .findings = &f,
			   .n_findings = 1,
			   .model = &model};

	(void)state;
	memset(word, 'x', sizeof word);
	for (size_t i = 0; i < 300; i++)
		path[i] = (struct step){.image = i % 2 ? &child : &image,
					.state = STATE_PRESENT,
					.fp = STR("8c1f2a90")};
	f.summary = f.fix = image.command;
	f.path = path;
	f.n_path = 300;
	f.victim = f.culprit = &image;
	for (unsigned width = 70; width <= 120; width += 10)
		assert_in_range(widest(tell(&r, width)), 20, width);
	f.victim = f.culprit = &other; /* no hop of the path */
	assert_non_null(strstr(tell(&r, 80), "298 more hops"));
	for (size_t i = 0; i < 300; i++) /* something happens at each */
		path[i].state = i % 2 ? STATE_PRESENT : STATE_CHANGED;
	assert_non_null(strstr(tell(&r, 80), "290 more hops"));
}

static void a_process_that_only_execs_is_one_hop(void **state)
{
	struct image shim = {.pid = 2, .command = STR("shim")};
	struct step path[] = {
		{.image = &shim, .state = STATE_ABSENT},
		{.image = &shim, .state = STATE_PRESENT, .fp = STR("8c1f")},
		{.image = &shim, .state = STATE_PRESENT, .fp = STR("8c1f")},
		{.image = &worker, .state = STATE_PRESENT, .fp = STR("8c1f")}};
	struct finding f = lost;
	struct report r = {.verdict = FAULTY,
			   .findings = &f,
			   .n_findings = 1,
			   .model = &model};

	(void)state;
	f.path = path;
	f.n_path = 4;
	assert_non_null(strstr(
		tell(&r, 80),
		"  path    shim              - absent              pid 2\n"
		"          ` node worker.js  + present   8c1f      pid 2\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_fault_is_told_in_the_order_in_which_people_ask),
		cmocka_unit_test(
			further_warnings_are_shorter_and_notes_shorter_still),
		cmocka_unit_test(
			a_place_outside_the_working_directory_is_whole),
		cmocka_unit_test(nothing_from_the_trace_commands_the_terminal),
		cmocka_unit_test(two_values_and_a_foreign_one_are_shown),
		cmocka_unit_test(only_values_under_one_key_are_counted_together),
		cmocka_unit_test(readers_of_an_empty_value_did_not_find_it),
		cmocka_unit_test(a_process_that_only_execs_is_one_hop),
		cmocka_unit_test(
			long_words_and_long_paths_stay_within_the_width),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
