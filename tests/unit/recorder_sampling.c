#include "recorder_host.h"

#include "recorder/runtimes/sampling.h"

static int due(uint64_t act, const char *name, const char *value, int times)
{
	char held[64] = ""; /* values are read by words, beyond their ends */
	int n = 0;

	if (value)
		strcpy(held, value);
	while (times--)
		n += sampling_is_due(act, name, strlen(name),
				     value ? held : NULL);
	return n;
}

static void of_what_is_met_often_one_in_many_is_due(void **state)
{
	(void)state;
	assert_true(sampling_start());
	assert_int_equal(due(1, "A_TOKEN", "x", SAMPLING_ALWAYS),
			 SAMPLING_ALWAYS);
	assert_int_equal(due(1, "A_TOKEN", "x", 3 * SAMPLING_SAMPLE), 3);
}

static void another_value_act_or_name_is_another_habit(void **state)
{
	(void)state;
	assert_true(sampling_start());
	due(1, "A_TOKEN", "x", 1000);
	assert_int_equal(due(1, "A_TOKEN", "y", 5), 5);
	assert_int_equal(due(1, "A_TOKEN", NULL, 5), 5);
	assert_int_equal(due(2, "A_TOKEN", "x", 5), 5);
	assert_int_equal(due(1, "B_TOKEN", "x", 5), 5);
	assert_int_equal(due(1, "A_TOKEN", "x", 5), 0);
}

/* A server asks for some twenty names in each request: wherever two of them
 * fell together, each would push the other out, and both be due each time. Five
 * in one set of four are one in ten thousand such servers. */
static void many_habits_do_not_push_each_other_out(void **state)
{
	enum { NAMES = 20, ROUNDS = 1000, RUNS = 50 };
	int exact = 0;

	(void)state;
	for (int run = 0; run < RUNS; run++) {
		char name[32];
		int n = 0;

		assert_true(sampling_start());
		for (int round = 0; round < ROUNDS; round++)
			for (int i = 0; i < NAMES; i++) {
				snprintf(name, sizeof name, "NAME_%d_%d_TOKEN",
					 run, i);
				n += due(1, name, "value", 1);
			}
		exact += n == NAMES * SAMPLING_ALWAYS;
	}
	assert_true(exact >= RUNS - 1);
}

static void a_forks_child_has_habits_of_its_own(void **state)
{
	int status;
	pid_t child;

	(void)state;
	assert_true(sampling_start());
	due(1, "A_TOKEN", "x", 1000);
	child = fork();
	if (!child)
		_exit(due(1, "A_TOKEN", "x", 5));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(of_what_is_met_often_one_in_many_is_due),
		HOST_TEST(another_value_act_or_name_is_another_habit),
		HOST_TEST(many_habits_do_not_push_each_other_out),
		HOST_TEST(a_forks_child_has_habits_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
