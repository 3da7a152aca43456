/* The table of severities in docs/judgement.md, cell by cell. A cell is F, W or
 * N; F/W(when) is F where `when` holds, and else W. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "diagnosis/evaluation.h"
#include "page_table.h"

static const uint64_t SECOND = 1000000000;

static const char *const losses[] = {
	[LOSS_SEEN] = "seen",
	[LOSS_OUT_OF_SIGHT] = "out-of-sight",
	[LOSS_ELSEWHERE] = "elsewhere",
	[LOSS_NOWHERE] = "nowhere",
	[LOSS_MALFORMED] = "malformed",
	[LOSS_FOREIGN] = "foreign",
	[LOSS_OTHER_VALUE] = "other-value",
	[LOSS_OVERWRITTEN] = "overwritten",
	[LOSS_REQUEST] = "request",
	[LOSS_NONE] = "none",
};
static const char *const needs[] = {
	[OPTIONAL] = "optional", [WANTED] = "wanted", [NEEDED] = "needed"};

/* --- circumstances -------------------------------------------------------- */

/* A candidate with all that it refers to, and the conditions that hold. */
struct scene {
	struct candidate c;
	struct reading reading, later;
	struct reading *readings[2];
	struct variable variable;
	struct image image, other;
	struct event read, exit, birth, newer;
	struct value value;
	struct named_value env;
	const char *holds;
};

static void nothing_special(struct scene *s)
{
	s->holds = "row";
}

static void a_client_asks(struct scene *s)
{
	s->c.ask.client_asks = true;
	s->holds = "row client at-once";
}

static void another_library_asks(struct scene *s)
{
	s->c.ask.asker.who = OTHER_LIBRARY;
	s->holds = "row";
}

static void a_name_of_which_any_will_do(struct scene *s)
{
	s->reading.name = STR("GITHUB_TOKEN");
	s->holds = "row any-will-do";
}

static void a_name_in_no_row(struct scene *s)
{
	s->reading.name = STR("ACME_API_KEY");
	s->holds = "any-will-do";
}

static void an_optional_name(struct scene *s)
{
	s->reading.name = STR("OPENAI_WEBHOOK_SECRET");
	s->holds = "row";
}

static void the_user_gave_the_name(struct scene *s)
{
	s->c.ask.named_by_user = true;
	s->holds = "row by-user";
}

static void the_environment_may_be_copied(struct scene *s)
{
	s->image.exe = STR("/usr/bin/node");
	s->holds = "row copied";
}

static void put_end(struct scene *s, struct str site, uint64_t after)
{
	s->exit = (struct event){
		.kind = KT_EXIT, .t = s->read.t + after, .site = site};
	s->image.exit = &s->exit;
}

static void an_exit_twenty_lines_below(struct scene *s)
{
	put_end(s, STR("/app/main.py:30"), SECOND);
	s->holds = "row at-once";
}

static void an_exit_twenty_one_lines_below(struct scene *s)
{
	put_end(s, STR("/app/main.py:31"), SECOND);
	s->holds = "row";
}

static void an_exit_above(struct scene *s)
{
	put_end(s, STR("/app/main.py:9"), 1);
	s->holds = "row";
}

static void an_exit_in_another_file(struct scene *s)
{
	put_end(s, STR("/app/other.py:11"), 1);
	s->holds = "row";
}

static void an_exit_after_more_than_a_second(struct scene *s)
{
	put_end(s, STR("/app/main.py:12"), SECOND + 1);
	s->holds = "row";
}

static void an_exit_below_the_caller(struct scene *s)
{
	s->c.ask.asker.user_site = STR("/app/run.py:100");
	put_end(s, STR("/app/run.py:110"), 1);
	s->holds = "row at-once";
}

static const struct event *child_ends[1];

static void an_exit_after_a_child_had_ended(struct scene *s)
{
	static struct event wait;

	put_end(s, STR("/app/main.py:12"), 100);
	wait = (struct event){.kind = KT_WAIT, .t = s->read.t + 50};
	child_ends[0] = &wait;
	s->image.events = child_ends;
	s->image.n_events = 1;
	s->holds = "row";
}

static void an_error_below(struct scene *s)
{
	put_end(s, STR("/app/main.py:12"), 1);
	s->image.exit = NULL;
	s->image.raise = &s->exit;
	s->holds = "row at-once";
}

static void put_value(struct scene *s, uint32_t is)
{
	s->value = (struct value){.fp = STR("11"), .len = 20, .is = is};
	s->reading.value = &s->value;
	s->reading.outcome = READ_FOUND;
}

static void a_value_is_there(struct scene *s)
{
	put_value(s, 0);
	s->holds = "row";
}

static void the_client_of_a_daemon_held_the_name(struct scene *s)
{
	s->c.finding.is_meant = true;
	s->holds = "row meant";
}

static void another_trace_held_what_no_client_asked_for(struct scene *s)
{
	s->c.finding.is_meant_for_client = true;
	s->holds = "row";
}

static void another_trace_held_what_a_client_asked_for(struct scene *s)
{
	s->c.finding.is_meant_for_client = s->c.ask.client_asks = true;
	s->holds = "row client at-once meant";
}

static void a_placeholder_word(struct scene *s)
{
	put_value(s, KT_IS_PLACEHOLDER);
	s->holds = "row";
}

static void the_text_undefined(struct scene *s)
{
	put_value(s, KT_IS_LITERAL);
	s->holds = "row no-value";
}

static void a_name_not_expanded(struct scene *s)
{
	put_value(s, KT_IS_UNEXPANDED);
	s->holds = "row no-value";
}

static void a_reference_that_nobody_resolved(struct scene *s)
{
	put_value(s, KT_IS_REFERENCE);
	s->holds = "row no-value";
}

static void the_key_in_a_header(struct scene *s)
{
	put_value(s, KT_IS_HEADER);
	s->holds = "row no-value";
}

static void a_header_where_no_form_is_known(struct scene *s)
{
	s->reading.name = STR("MISTRAL_API_KEY");
	put_value(s, KT_IS_HEADER);
	s->holds = "row";
}

static void put_base_url(struct scene *s, struct str name)
{
	s->env = (struct named_value){.name = name, .value = {.fp = STR("u")}};
	s->birth.env = (struct values){&s->env, 1};
	s->image.birth = &s->birth;
}

static void a_base_url_and_the_text_undefined(struct scene *s)
{
	put_value(s, KT_IS_LITERAL);
	put_base_url(s, STR("OPENAI_BASE_URL"));
	s->holds = "row other-endpoint";
}

static void the_base_url_of_another_provider(struct scene *s)
{
	put_value(s, 0);
	put_base_url(s, STR("ANTHROPIC_BASE_URL"));
	s->holds = "row";
}

static void a_key_of_a_provider_with_the_same_protocol(struct scene *s)
{
	put_value(s, 0);
	s->value.from = STR("groq");
	s->holds = "row other-endpoint";
}

static void a_key_of_a_provider_with_another_protocol(struct scene *s)
{
	put_value(s, 0);
	s->value.from = STR("anthropic");
	s->holds = "row";
}

/* Another reader of the value began after the newer value was there. */
static void put_later_reader(struct scene *s)
{
	put_value(s, 0);
	s->newer = (struct event){.kind = KT_SET, .t = 5 * SECOND};
	s->c.finding.culprit_event = &s->newer;
	s->other = (struct image){
		.born = 6 * SECOND, .has_status = true, .status = 0};
	s->later = (struct reading){
		.image = &s->other, .outcome = READ_FOUND, .value = &s->value};
	s->holds = "row worked";
}

static void the_value_worked_for_a_later_reader(struct scene *s)
{
	put_later_reader(s);
}

static void the_value_worked_before_only(struct scene *s)
{
	put_later_reader(s);
	s->other.born = 4 * SECOND;
	s->holds = "row";
}

static void the_later_reader_failed_too(struct scene *s)
{
	put_later_reader(s);
	s->other.status = 1;
	s->holds = "row";
}

static const struct {
	const char *name;
	void (*set)(struct scene *);
} circumstances[] = {
#define CIRCUMSTANCE(name)                                                     \
	{                                                                      \
#name, name                                                    \
	}
	CIRCUMSTANCE(nothing_special),
	CIRCUMSTANCE(a_client_asks),
	CIRCUMSTANCE(another_trace_held_what_no_client_asked_for),
	CIRCUMSTANCE(another_trace_held_what_a_client_asked_for),
	CIRCUMSTANCE(another_library_asks),
	CIRCUMSTANCE(a_name_of_which_any_will_do),
	CIRCUMSTANCE(a_name_in_no_row),
	CIRCUMSTANCE(an_optional_name),
	CIRCUMSTANCE(the_user_gave_the_name),
	CIRCUMSTANCE(the_environment_may_be_copied),
	CIRCUMSTANCE(an_exit_twenty_lines_below),
	CIRCUMSTANCE(an_exit_twenty_one_lines_below),
	CIRCUMSTANCE(an_exit_above),
	CIRCUMSTANCE(an_exit_in_another_file),
	CIRCUMSTANCE(an_exit_after_more_than_a_second),
	CIRCUMSTANCE(an_exit_below_the_caller),
	CIRCUMSTANCE(an_exit_after_a_child_had_ended),
	CIRCUMSTANCE(an_error_below),
	CIRCUMSTANCE(a_value_is_there),
	CIRCUMSTANCE(the_client_of_a_daemon_held_the_name),
	CIRCUMSTANCE(a_placeholder_word),
	CIRCUMSTANCE(the_text_undefined),
	CIRCUMSTANCE(a_name_not_expanded),
	CIRCUMSTANCE(a_reference_that_nobody_resolved),
	CIRCUMSTANCE(the_key_in_a_header),
	CIRCUMSTANCE(a_header_where_no_form_is_known),
	CIRCUMSTANCE(a_base_url_and_the_text_undefined),
	CIRCUMSTANCE(the_base_url_of_another_provider),
	CIRCUMSTANCE(a_key_of_a_provider_with_the_same_protocol),
	CIRCUMSTANCE(a_key_of_a_provider_with_another_protocol),
	CIRCUMSTANCE(the_value_worked_for_a_later_reader),
	CIRCUMSTANCE(the_value_worked_before_only),
	CIRCUMSTANCE(the_later_reader_failed_too),
#undef CIRCUMSTANCE
};

enum { N_CIRCUMSTANCES = sizeof circumstances / sizeof *circumstances };

/* Own code asks for OPENAI_API_KEY at line 10, in a program of its own whose
 * reads are seen; nobody holds a value. */
static void begin(struct scene *s)
{
	*s = (struct scene){.holds = ""};
	s->read = (struct event){.kind = KT_READ,
				 .t = 10 * SECOND,
				 .site = STR("/app/main.py:10")};
	s->image = (struct image){.exe = STR("/usr/bin/ssh")};
	s->readings[0] = &s->reading;
	s->readings[1] = &s->later;
	s->later = (struct reading){.image = &s->other, .outcome = READ_MISSED};
	s->variable =
		(struct variable){.readings = s->readings, .n_readings = 2};
	s->reading = (struct reading){.image = &s->image,
				      .name = STR("OPENAI_API_KEY"),
				      .outcome = READ_MISSED,
				      .event = &s->read,
				      .variable = &s->variable};
	s->c.reading = &s->reading;
	s->c.ask = (struct ask){.event = &s->read, .end = FAILED};
	s->c.finding = (struct finding){.severity = FAULT};
}

/* --- the table in words --------------------------------------------------- */

static int number_of(const char *word, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(words[i], word))
			return i;
	fprintf(stderr, "no such word: %s\n", word);
	fail();
	return -1;
}

static bool holds(const struct scene *s, const char *cell)
{
	char condition[32] = "";

	sscanf(cell, "%*c/%*c(%31[^)])", condition);
	return str_is_listed(str_of(condition), s->holds);
}

static char letter_of(const struct scene *s, const char *cell)
{
	return !cell[1] || holds(s, cell) ? cell[0] : cell[2];
}

static void compare(const char *row, const struct scene *made, const char *cell,
		    const char *circumstance)
{
	struct scene s = *made;
	char expected = letter_of(made, cell), is;

	/* The copy refers to the original, which stays alive. */
	decide_severity(&s.c);
	is = "NWF"[s.c.finding.severity];
	if (is == expected)
		return;
	fprintf(stderr, "%.*s\n  %s, end %s: %c, not %c\n",
		(int)strcspn(row, "\n"), row, circumstance,
		end_word(made->c.ask.end), is, expected);
	fail();
}

static void compare_row(const char *row)
{
	char loss[16], need[16], cells[5][32];

	assert_int_equal(sscanf(row, "%15s %15s %31s %31s %31s %31s %31s", loss,
				need, cells[0], cells[1], cells[2], cells[3],
				cells[4]),
			 7);
	for (size_t i = 0; i < N_CIRCUMSTANCES; i++)
		for (int end = FAILED_BY_IT; end <= WELL; end++) {
			struct scene s;

			begin(&s);
			circumstances[i].set(&s);
			s.c.finding.loss = (enum loss_class)number_of(
				loss, losses, LOSS_NONE + 1);
			s.c.ask.need =
				(enum need)number_of(need, needs, NEEDED + 1);
			s.c.ask.end = (enum end)end;
			compare(row, &s, cells[end], circumstances[i].name);
		}
}

static void every_cell_is_as_written(void **state)
{
	const char *row =
		page_table("docs/judgement.md", "\nloss         need");
	size_t rows = 0;

	(void)state;
	assert_non_null(row);
	for (; *row; row = strchr(row, '\n') + 1) {
		compare_row(row);
		rows++;
	}
	assert_int_equal(rows, (LOSS_NONE + 1) * (NEEDED + 1));
}

/* --- before the table ----------------------------------------------------- */

static enum severity decide(struct scene *s)
{
	s->c.finding.loss = LOSS_SEEN;
	s->c.ask.need = NEEDED;
	decide_severity(&s->c);
	return s->c.finding.severity;
}

static void relief_makes_a_note_in_every_column(void **state)
{
	(void)state;
	for (int end = FAILED_BY_IT; end <= WELL; end++) {
		struct scene s;

		begin(&s);
		s.c.ask.end = (enum end)end;
		s.c.ask.relieved = true;
		assert_int_equal(decide(&s), NOTE);
	}
}

static void a_finding_may_count_only_for_names_that_the_user_gave(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	s.c.finding.is_note_unless_given = true;
	assert_int_equal(decide(&s), NOTE);
	begin(&s);
	s.c.finding.is_note_unless_given = true;
	s.c.ask.named_by_user = true;
	assert_int_equal(decide(&s), FAULT);
}

static void a_rule_may_set_a_limit(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	s.c.finding.severity = WARNING;
	assert_int_equal(decide(&s), WARNING);
}

static void a_program_that_never_asked_needs_nothing(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	s.reading.outcome = READ_NONE;
	assert_int_equal(decide(&s), NOTE);
	begin(&s);
	s.reading.outcome = READ_NONE;
	s.image.exe = STR("/usr/bin/java");
	assert_int_equal(decide(&s), FAULT);
}

static void a_shell_and_make_are_no_readers(void **state)
{
	static const struct str programs[] = {STR("/bin/sh"), STR("/bin/bash"),
					      STR("/usr/bin/make")};

	(void)state;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		struct scene s;

		begin(&s);
		s.reading.outcome = READ_NONE;
		s.image.exe = programs[i];
		assert_int_equal(decide(&s), NOTE);
	}
}

static void a_loss_out_of_sight_is_never_certain(void **state)
{
	for (int by_user = 0; by_user < 2; by_user++) {
		struct scene s;

		begin(&s);
		s.image.exe = STR("/usr/bin/java");
		s.reading.outcome = READ_NONE;
		s.c.finding.confidence = CERTAIN;
		s.c.finding.loss = LOSS_OUT_OF_SIGHT;
		s.c.ask.need = NEEDED;
		s.c.ask.named_by_user = by_user;
		decide_severity(&s.c);
		assert_int_equal(s.c.finding.severity,
				 by_user ? FAULT : WARNING);
		assert_int_equal(s.c.finding.confidence,
				 by_user ? LIKELY : POSSIBLE);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_is_as_written),
		cmocka_unit_test(relief_makes_a_note_in_every_column),
		cmocka_unit_test(
			a_finding_may_count_only_for_names_that_the_user_gave),
		cmocka_unit_test(a_rule_may_set_a_limit),
		cmocka_unit_test(a_program_that_never_asked_needs_nothing),
		cmocka_unit_test(a_shell_and_make_are_no_readers),
		cmocka_unit_test(a_loss_out_of_sight_is_never_certain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
