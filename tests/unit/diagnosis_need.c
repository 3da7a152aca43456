/* The table of need in docs/judgement.md, cell by cell. N needed, W wanted, O
 * optional; W/O(somebody): wanted where somebody held the name, W/O(ancestor):
 * where an ancestor did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "diagnosis/evaluation.h"
#include "page_table.h"

/* Names that stand for a row of the table. */
static const struct {
	const char *row, *names[3];
} samples[] = {
	{"given", {"OPENAI_WEBHOOK_SECRET", "ACME_LICENSE", "OPENAI_BASE_URL"}},
	{"key", {"OPENAI_API_KEY", "STRIPE_SECRET_KEY", "ANTHROPIC_API_KEY"}},
	{"alternative",
	 {"GITHUB_TOKEN", "AZURE_OPENAI_AD_TOKEN", "AWS_SECRET_ACCESS_KEY"}},
	{"optional", {"OPENAI_WEBHOOK_SECRET", "PGPASSWORD", "SENTRY_DSN"}},
	{"setting", {"OPENAI_BASE_URL", "AWS_PROFILE", "DATABASE_URL"}},
	{"no-row", {"ACME_API_KEY", "ACME_TOKEN", "SESSION_SECRET"}},
	{"wildcard", {"ACME_LICENSE", "ACME_SEAT", "ACME_HOST"}},
};

struct scene {
	struct evaluation e;
	struct model model;
	struct reading reading;
	struct variable variable;
	struct owner_share share;
	struct image image;
	struct event birth;
	struct loss loss;
	struct strs named;
	struct str name, pattern;
	struct asker asker;
};

static void begin(struct scene *s, const char *name, enum who who)
{
	*s = (struct scene){.asker = {.who = who}};
	s->name = str_of(name);
	s->e = (struct evaluation){.model = &s->model, .named = &s->named};
	s->loss.kind = LOST_NEVER_HELD;
	s->image.birth = &s->birth;
	s->reading = (struct reading){.image = &s->image,
				      .name = s->name,
				      .outcome = READ_MISSED,
				      .variable = &s->variable,
				      .loss = &s->loss};
}

static void let_somebody_hold(struct scene *s)
{
	s->share.holders = 1;
	s->variable.shares = &s->share;
}

static void let_ancestor_hold(struct scene *s)
{
	let_somebody_hold(s);
	s->loss.kind = LOST_AT_HANDOVER;
}

static enum need need(struct scene *s)
{
	return need_of(&s->e, &s->reading, &s->asker);
}

/* --- the table ------------------------------------------------------------ */

/* 0: nobody held the name; 1: somebody did; 2: an ancestor did. */
static char letter_of(const char *cell, int held)
{
	if (!cell[1])
		return cell[0];
	return held >= (strstr(cell, "somebody") ? 1 : 2) ? cell[0] : cell[2];
}

static void put_patterns(struct scene *s, const char *row)
{
	if (!strcmp(row, "given"))
		s->pattern = s->name;
	if (!strcmp(row, "wildcard"))
		s->pattern = STR("ACME_*");
	if (s->pattern.len)
		s->model.watch = (struct strs){&s->pattern, 1};
}

/* A wildcard alone is judged where nobody ever held the name. */
static void compare(const char *row, const char *name, enum who who,
		    const char *cell)
{
	int most = strcmp(row, "wildcard") ? 2 : 0;

	for (int held = 0; held <= most; held++) {
		struct scene s;

		begin(&s, name, who);
		put_patterns(&s, row);
		if (held == 1)
			let_somebody_hold(&s);
		if (held == 2)
			let_ancestor_hold(&s);
		if ("OWN"[need(&s)] == letter_of(cell, held))
			continue;
		fprintf(stderr, "%s, %s, asker %d, held %d: %c, not %c\n", row,
			name, (int)who, held, "OWN"[need(&s)],
			letter_of(cell, held));
		fail();
	}
}

static void compare_row(const char *line, size_t at)
{
	char row[16], cells[3][32];

	assert_int_equal(sscanf(line, "%15s %31s %31s %31s", row, cells[0],
				cells[1], cells[2]),
			 4);
	assert_string_equal(row, samples[at].row);
	for (size_t i = 0; i < 3; i++)
		for (int who = OWN_CODE; who <= OTHER_LIBRARY; who++)
			compare(row, samples[at].names[i], (enum who)who,
				cells[who]);
}

static void every_cell_is_as_written(void **state)
{
	const char *line =
		page_table("docs/judgement.md", "\nrole         own");
	size_t rows = 0;

	(void)state;
	assert_non_null(line);
	for (; *line; line = strchr(line, '\n') + 1) {
		assert_true(rows < sizeof samples / sizeof *samples);
		compare_row(line, rows++);
	}
	assert_int_equal(rows, sizeof samples / sizeof *samples);
}

static void every_sample_has_its_role(void **state)
{
	static const enum role roles[] = {ROLE_KEY, ROLE_ALTERNATIVE,
					  ROLE_OPTIONAL, ROLE_SETTING,
					  ROLE_NONE};

	(void)state;
	for (size_t row = 0; row < 5; row++)
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(
				role_of(str_of(samples[row + 1].names[i])),
				roles[row]);
}

/* --- what the user gave --------------------------------------------------- */

static void a_name_that_the_user_gave_is_needed_by_everybody(void **state)
{
	(void)state;
	for (int way = 0; way < 3; way++)
		for (int who = OWN_CODE; who <= OTHER_LIBRARY; who++) {
			struct scene s;
			struct strs given = {&s.pattern, 1};

			begin(&s, "OPENAI_WEBHOOK_SECRET", (enum who)who);
			s.pattern = s.name;
			*(way == 0   ? &s.named
			  : way == 1 ? &s.model.watch
				     : &s.birth.watch) = given;
			assert_int_equal(need(&s), NEEDED);
		}
}

static void a_wildcard_gives_no_name(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, "ACME_LICENSE", OWN_CODE);
	s.pattern = STR("ACME_*");
	s.model.watch = (struct strs){&s.pattern, 1};
	assert_int_equal(need(&s), OPTIONAL);
	let_somebody_hold(&s);
	assert_int_equal(need(&s), NEEDED);
	s.pattern = STR("*");
	assert_int_equal(need(&s), NEEDED);
}

static void a_wildcard_takes_nothing_from_a_credential(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, "ACME_API_KEY", OWN_CODE);
	s.pattern = STR("ACME_*");
	s.model.watch = (struct strs){&s.pattern, 1};
	assert_int_equal(need(&s), NEEDED);
}

static void the_user_may_give_a_role(void **state)
{
	static const struct {
		const char *pattern;
		enum need own, client, library;
	} rows[] = {
		{"OPENAI_API_KEY:key", NEEDED, NEEDED, WANTED},
		{"OPENAI_API_KEY:alternative", NEEDED, OPTIONAL, OPTIONAL},
		{"OPENAI_API_KEY:optional", OPTIONAL, OPTIONAL, OPTIONAL},
		{"OPENAI_API_KEY:setting", WANTED, OPTIONAL, OPTIONAL},
		{"OPENAI_API_KEYS:optional", NEEDED, NEEDED, WANTED},
		{"OPENAI_API_KEY:nonsense", NEEDED, NEEDED, WANTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int who = OWN_CODE; who <= OTHER_LIBRARY; who++) {
			struct scene s;

			begin(&s, "OPENAI_API_KEY", (enum who)who);
			s.pattern = str_of(rows[i].pattern);
			s.model.watch = (struct strs){&s.pattern, 1};
			assert_int_equal(need(&s), who == OWN_CODE ? rows[i].own
						   : who == ITS_CLIENT
							   ? rows[i].client
							   : rows[i].library);
		}
}

/* --- tools, and programs whose reads are not seen ------------------------- */

static void a_tool_that_is_the_client_needs_one_step_less(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, "OPENAI_API_KEY", ITS_CLIENT);
	s.asker.is_tool = true;
	assert_int_equal(need(&s), WANTED);
	begin(&s, "OPENAI_BASE_URL", ITS_CLIENT);
	s.asker.is_tool = true;
	let_ancestor_hold(&s);
	assert_int_equal(need(&s), OPTIONAL);
	begin(&s, "GITHUB_TOKEN", ITS_CLIENT);
	s.asker.is_tool = true;
	assert_int_equal(need(&s), OPTIONAL);
}

static void unseen_reads_are_those_of_a_client(void **state)
{
	static const struct {
		const char *name;
		enum need nobody, ancestor;
	} rows[] = {
		{"OPENAI_API_KEY", NEEDED, NEEDED},
		{"GITHUB_TOKEN", OPTIONAL, WANTED},
		{"PGPASSWORD", OPTIONAL, WANTED},
		{"OPENAI_BASE_URL", OPTIONAL, WANTED},
		{"ACME_API_KEY", WANTED, WANTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct scene s;

		begin(&s, rows[i].name, OWN_CODE);
		assert_int_equal(need_of_unseen(&s.e, &s.reading),
				 rows[i].nobody);
		let_ancestor_hold(&s);
		assert_int_equal(need_of_unseen(&s.e, &s.reading),
				 rows[i].ancestor);
	}
}

/* --- upstream ------------------------------------------------------------- */

static void an_empty_value_is_none(void **state)
{
	struct value empty = {.fp = STR("0"), .is = KT_IS_EMPTY};
	struct value good = {.fp = STR("1")};
	struct scene s;

	(void)state;
	begin(&s, "OPENAI_API_KEY", OWN_CODE);
	s.loss = (struct loss){.kind = LOST_UNSET, .value = &good};
	assert_true(is_held_upstream(&s.reading));
	s.loss.value = &empty;
	assert_false(is_held_upstream(&s.reading));
	s.loss.kind = LOST_UNSEEN;
	s.loss.value = &good;
	assert_false(is_held_upstream(&s.reading));
	s.reading.loss = NULL;
	s.reading.value = &empty;
	assert_false(is_held_upstream(&s.reading));
	s.reading.value = &good;
	assert_true(is_held_upstream(&s.reading));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_is_as_written),
		cmocka_unit_test(every_sample_has_its_role),
		cmocka_unit_test(
			a_name_that_the_user_gave_is_needed_by_everybody),
		cmocka_unit_test(a_wildcard_gives_no_name),
		cmocka_unit_test(a_wildcard_takes_nothing_from_a_credential),
		cmocka_unit_test(the_user_may_give_a_role),
		cmocka_unit_test(a_tool_that_is_the_client_needs_one_step_less),
		cmocka_unit_test(unseen_reads_are_those_of_a_client),
		cmocka_unit_test(an_empty_value_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
