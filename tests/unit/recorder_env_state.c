#include "recorder_host.h"

#include "keytrail/trace.h"
#include "recorder/process/env_state.h"
#include "recorder/trace/event_line.h"
#include "recorder/lib/str.h"

static const char *trace(void)
{
	return host_get(host_file("append.jsonl"));
}

static struct fingerprint print_of(const char *value)
{
	char **copy = HOST_ENV(value);
	struct fingerprint p;

	secret_fingerprint(secret_of(*copy), globals->settings.key, &p);
	p.tag = secret_tag(secret_of(*copy), globals->seed);
	return p;
}

/* "NAME":{"fp":"...": as it stands in a list */
static const char *told(const char *name, const char *value)
{
	static char text[4][160];
	static unsigned next_text;
	char *to = text[next_text++ % 4], digits[33] = "";
	struct fingerprint p = print_of(value);

	str_hex(digits, p.fp, 16);
	snprintf(to, sizeof text[0], "\"%s\":{\"fp\":\"%s\",\"len\":%zu", name,
		 digits, strlen(value));
	return to;
}

static void begin(char **envp)
{
	environ = envp;
	env_state_begin(envp);
}

static struct env_difference compared(char *const *envp)
{
	struct env_difference d;

	memset(&d, 0x5a, sizeof d);
	env_hashes_compare(envp, &d);
	return d;
}

static void assert_difference(char *const *envp, uint32_t vars, uint32_t held,
			      uint32_t unchanged, uint32_t dropped,
			      uint32_t changed, uint32_t added)
{
	struct env_difference d = compared(envp);

	assert_true(d.is_known);
	assert_int_equal(d.vars, vars);
	assert_int_equal(d.held, held);
	assert_int_equal(d.unchanged, unchanged);
	assert_int_equal(d.dropped, dropped);
	assert_int_equal(d.changed, changed);
	assert_int_equal(d.added, added);
}

static const char *listed(void (*list)(struct event_line *, char *const *),
			  char *const *envp)
{
	static struct event_line l;

	event_begin(&l, KT_EXEC, 1);
	list(&l, envp);
	l.at[l.length] = '\0';
	return strchr(l.at + 30, '{');
}

static void list_env(struct event_line *l, char *const *envp)
{
	env_state_list_env(l, "env", envp);
}

static void list_now(struct event_line *l, char *const *envp)
{
	(void)envp;
	env_state_list_now(l, "env");
}

#define ENV(envp)  listed(list_env, envp)
#define LOST(envp) listed(env_state_list_lost, envp)
#define NOW()	   listed(list_now, NULL)

/* ---- counting */

static void
our_two_variables_and_entries_without_a_name_do_not_count(void **state)
{
	(void)state;
	assert_int_equal(env_count(NULL), 0);
	assert_int_equal(
		env_count(HOST_ENV("A=1", "LD_PRELOAD=/x", "KEYTRAIL=d", "=x",
				   "none", "", "B=")),
		2);
}

static void the_same_environment_has_no_difference(void **state)
{
	char **envp = HOST_ENV("A=1", "B=2", "MY_KEY=3", "LD_PRELOAD=/x");

	(void)state;
	begin(envp);
	assert_difference(envp, 3, 3, 3, 0, 0, 0);
	assert_difference(HOST_ENV("MY_KEY=3", "KEYTRAIL=x", "B=2", "A=1"), 3,
			  3, 3, 0, 0, 0);
}

static void every_kind_of_difference_is_counted(void **state)
{
	(void)state;
	begin(HOST_ENV("A=1", "B=2", "C=3", "D=4", "MY_KEY=k"));
	assert_difference(HOST_ENV("A=1", "B=x", "E=5", "MY_KEY="), 4, 5, 1, 2,
			  2, 1);
	assert_difference(HOST_ENV("Z=1"), 1, 5, 0, 5, 0, 1);
	assert_difference(NULL, 0, 5, 0, 5, 0, 0);
	assert_difference(HOST_ENV("A=1", "B=2", "C=3", "D=4"), 4, 5, 4, 1, 0,
			  0);
}

static void nothing_was_held_by_an_empty_environment(void **state)
{
	(void)state;
	begin(NULL);
	assert_difference(NULL, 0, 0, 0, 0, 0, 0);
	assert_difference(HOST_ENV("A=1"), 1, 0, 0, 0, 0, 1);
	assert_string_equal(NOW(), "{}");
}

static void of_two_entries_the_first_counts_as_getenv_has_it(void **state)
{
	(void)state;
	begin(HOST_ENV("MY_KEY=first", "A=1", "MY_KEY=second", "A=2"));
	assert_non_null(strstr(NOW(), told("MY_KEY", "first")));
	assert_int_equal(host_count(NOW(), "MY_KEY"), 1);
	assert_difference(HOST_ENV("MY_KEY=first", "A=1"), 2, 2, 2, 0, 0, 0);
	assert_difference(HOST_ENV("MY_KEY=second", "A=1"), 2, 2, 1, 0, 1, 0);
	assert_string_equal(LOST(HOST_ENV("MY_KEY=first")), "{}");
	assert_int_equal(
		host_count(ENV(HOST_ENV("MY_KEY=first", "MY_KEY=x")), "MY_KEY"),
		1);
	assert_non_null(strstr(ENV(HOST_ENV("MY_KEY=first", "MY_KEY=x")),
			       told("MY_KEY", "first")));
}

static char **many(size_t count, const char *form)
{
	char **envp = host_map((count + 1) * sizeof *envp + count * 40);
	char *at = (char *)(envp + count + 1);

	for (size_t i = 0; i < count; i++) {
		envp[i] = at;
		at += snprintf(at, 40, form, (int)i, (int)i) + 1;
	}
	return envp;
}

static void four_thousand_variables_are_compared_exactly(void **state)
{
	char **envp = many(4000, "NAME_%d=%d"),
	     **fewer = many(4000, "NAME_%d=%d");

	(void)state;
	begin(envp);
	assert_difference(envp, 4000, 4000, 4000, 0, 0, 0);
	assert_difference(fewer + 7, 3993, 4000, 3993, 7, 0, 0);
	fewer[3999] = fewer[3998];
	assert_int_equal(compared(fewer).dropped, 1);
}

static void of_ten_thousand_variables_only_their_number_is_known(void **state)
{
	char **envp = many(10000, "NAME_%d=%d");

	(void)state;
	begin(envp);
	assert_false(compared(envp).is_known);
	assert_int_equal(compared(envp).vars, 10000);
	assert_int_equal(compared(HOST_ENV("A=1")).vars, 1);
	begin(HOST_ENV("A=1"));
	assert_int_equal(compared(envp).vars, 10000);
	assert_int_equal(compared(envp).added, 10000);
}

static void ten_thousand_watched_variables_do_no_harm(void **state)
{
	char **envp = many(10000, "NAME_%d_KEY=%d");

	(void)state;
	begin(envp);
	env_state_check();
	env_state_inherit();
	assert_string_equal(trace(), "");
	environ = envp + 1;
	env_state_check();
	host_lines(trace());
	assert_int_equal(host_count(trace(), "\"e\":\"swap\""), 1);
	assert_non_null(strstr(trace(), told("NAME_0_KEY", "0")));
}

static void bytes_that_are_no_text_are_held_too(void **state)
{
	char **envp =
		HOST_ENV("A\xff_KEY=\xfe\x01", "B\n=\xff", "=", "==", "C");

	(void)state;
	begin(envp);
	assert_difference(envp, 2, 2, 2, 0, 0, 0);
	assert_non_null(strstr(NOW(), "\"A\\u00ff_KEY\":"));
}

/* ---- lists */

static void only_watched_variables_are_listed(void **state)
{
	char **envp = HOST_ENV("PATH=/bin", "A_KEY=1", "LD_PRELOAD=/x",
			       "KEYTRAIL=dir=/,key=0", "X=sk-ant-0123456789ab");

	(void)state;
	begin(envp);
	assert_int_equal(host_count(NOW(), "\"fp\""), 2);
	assert_non_null(strstr(NOW(), told("A_KEY", "1")));
	assert_non_null(strstr(NOW(), told("X", "sk-ant-0123456789ab")));
	assert_string_equal(NOW(), ENV(envp));
}

static void what_the_base_had_and_is_not_passed_is_lost(void **state)
{
	(void)state;
	begin(HOST_ENV("A_KEY=1", "B_KEY=2", "C=3"));
	assert_string_equal(LOST(HOST_ENV("A_KEY=changed", "B_KEY=2")), "{}");
	assert_int_equal(host_count(LOST(HOST_ENV("A_KEY=1")), "\"fp\""), 1);
	assert_non_null(strstr(LOST(HOST_ENV("A_KEY=1")), told("B_KEY", "2")));
	assert_int_equal(host_count(LOST(NULL), "\"fp\""), 2);
}

static void a_name_that_only_begins_alike_is_another(void **state)
{
	(void)state;
	begin(HOST_ENV("A_KEY=1"));
	assert_non_null(strstr(LOST(HOST_ENV("A_KEYS=1", "A_KE=1", "A_KEY")),
			       told("A_KEY", "1")));
}

static void no_value_is_ever_in_a_list(void **state)
{
	(void)state;
	begin(HOST_ENV("A_KEY=Quoth-the-raven"));
	assert_null(strstr(NOW(), "Quoth"));
	assert_null(strstr(LOST(NULL), "raven"));
}

/* ---- setters, and an environ that changes by itself */

static void what_setters_say_is_no_swap(void **state)
{
	struct fingerprint p = print_of("2");

	(void)state;
	begin(HOST_ENV("A_KEY=1", "B_KEY=2"));
	environ = HOST_ENV("A_KEY=2", "C_KEY=2");
	env_state_set("A_KEY", 5, &p);
	env_state_set("C_KEY", 5, &p);
	env_state_unset("B_KEY", 5);
	env_state_unset("NEVER_KEY", 9);
	env_state_check();
	assert_string_equal(trace(), "");
	environ = NULL;
	env_state_clear();
	env_state_check();
	assert_string_equal(trace(), "");
	assert_string_equal(NOW(), "{}");
	assert_int_equal(host_count(LOST(NULL), "\"fp\""), 2);
}

static void a_swap_tells_what_went_what_came_and_what_changed(void **state)
{
	const char *lost, *env;

	(void)state;
	begin(HOST_ENV("A_KEY=1", "B_KEY=2", "C_KEY=3", "D=4"));
	environ = HOST_ENV("B_KEY=2", "C_KEY=changed", "E_KEY=new");
	env_state_check();
	assert_int_equal(host_lines(trace()), 1);
	assert_non_null(strstr(trace(), "{\"e\":\"swap\""));
	assert_non_null(strstr(trace(), "\"vars\":3"));
	lost = strstr(trace(), "\"lost\":{");
	env = strstr(trace(), "\"env\":{");
	assert_true(lost && env && lost < env);
	assert_int_equal(host_count(trace(), "\"fp\""), 3);
	assert_true(strstr(lost, told("A_KEY", "1")) < env);
	assert_non_null(strstr(env, told("C_KEY", "changed")));
	assert_non_null(strstr(env, told("E_KEY", "new")));
	env_state_check();
	assert_int_equal(host_lines(trace()), 1);
}

static void a_value_edited_in_place_is_a_swap(void **state)
{
	char **envp = HOST_ENV("A_KEY=1111", "B=2");

	(void)state;
	begin(envp);
	env_state_check();
	envp[0][6] = '9';
	env_state_check();
	assert_non_null(strstr(trace(), told("A_KEY", "9111")));
}

static void an_unwatched_change_is_no_swap(void **state)
{
	(void)state;
	begin(HOST_ENV("A_KEY=1", "B=2"));
	environ = HOST_ENV("B=3", "C=4", "A_KEY=1");
	env_state_check();
	assert_string_equal(trace(), "");
}

static void one_read_notices_only_its_own_variable(void **state)
{
	char **envp = HOST_ENV("A_KEY=1", "B_KEY=2");
	struct fingerprint p;

	(void)state;
	begin(envp);
	p = print_of("1");
	env_state_check_one("A_KEY", 5, &p);
	env_state_check_one("NEVER_KEY", 9, NULL);
	envp[1][6] = '3';
	env_state_check_one("A_KEY", 5, &p);
	assert_string_equal(trace(), "");
	p = print_of("3");
	env_state_check_one("B_KEY", 5, &p);
	assert_non_null(strstr(trace(), told("B_KEY", "3")));
	assert_int_equal(host_lines(trace()), 1);
	envp[1] = NULL;
	env_state_check_one("B_KEY", 5, NULL);
	assert_int_equal(host_lines(trace()), 2);
}

static void another_environ_is_noticed_by_any_watched_read(void **state)
{
	struct fingerprint p;

	(void)state;
	begin(HOST_ENV("A_KEY=1", "B_KEY=2"));
	environ = HOST_ENV("A_KEY=1");
	p = print_of("1");
	env_state_check_one("A_KEY", 5, &p);
	assert_non_null(strstr(trace(), "\"e\":\"swap\""));
	assert_non_null(strstr(trace(), told("B_KEY", "2")));
}

/* ---- base: what an exec is judged against */

static void until_a_fork_the_base_is_the_birth(void **state)
{
	struct fingerprint p = print_of("2");

	(void)state;
	begin(HOST_ENV("A_KEY=1", "B=2"));
	environ = HOST_ENV("C_KEY=2");
	env_state_unset("A_KEY", 5);
	env_state_set("C_KEY", 5, &p);
	assert_non_null(strstr(LOST(environ), told("A_KEY", "1")));
	assert_difference(environ, 1, 2, 0, 2, 0, 1);
}

static void a_fork_makes_what_stands_there_the_base(void **state)
{
	struct fingerprint p = print_of("2");

	(void)state;
	begin(HOST_ENV("A_KEY=1", "B=2"));
	environ = HOST_ENV("C_KEY=2");
	env_state_unset("A_KEY", 5);
	env_state_set("C_KEY", 5, &p);
	env_state_inherit();
	assert_string_equal(trace(), "");
	assert_string_equal(LOST(environ), "{}");
	assert_difference(environ, 1, 1, 1, 0, 0, 0);
	assert_non_null(strstr(LOST(NULL), told("C_KEY", "2")));
	assert_int_equal(host_count(LOST(NULL), "\"fp\""), 1);
}

static void a_fork_after_a_silent_change_tells_the_swap(void **state)
{
	(void)state;
	begin(HOST_ENV("A_KEY=1"));
	environ = NULL;
	env_state_inherit();
	assert_int_equal(host_count(trace(), "\"e\":\"swap\""), 1);
	assert_string_equal(LOST(NULL), "{}");
	assert_difference(NULL, 0, 0, 0, 0, 0, 0);
}

static void while_another_writes_no_difference_is_known(void **state)
{
	char **envp = HOST_ENV("A=1", "B=2");

	(void)state;
	begin(envp);
	globals->env_state.hashes.version++;
	assert_false(compared(envp).is_known);
	assert_int_equal(compared(envp).vars, 2);
	globals->env_state.hashes.version++;
	assert_true(compared(envp).is_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(
			our_two_variables_and_entries_without_a_name_do_not_count),
		HOST_TEST(the_same_environment_has_no_difference),
		HOST_TEST(every_kind_of_difference_is_counted),
		HOST_TEST(nothing_was_held_by_an_empty_environment),
		HOST_TEST(of_two_entries_the_first_counts_as_getenv_has_it),
		HOST_TEST(four_thousand_variables_are_compared_exactly),
		HOST_TEST(of_ten_thousand_variables_only_their_number_is_known),
		HOST_TEST(ten_thousand_watched_variables_do_no_harm),
		HOST_TEST(bytes_that_are_no_text_are_held_too),
		HOST_TEST(only_watched_variables_are_listed),
		HOST_TEST(what_the_base_had_and_is_not_passed_is_lost),
		HOST_TEST(a_name_that_only_begins_alike_is_another),
		HOST_TEST(no_value_is_ever_in_a_list),
		HOST_TEST(what_setters_say_is_no_swap),
		HOST_TEST(a_swap_tells_what_went_what_came_and_what_changed),
		HOST_TEST(a_value_edited_in_place_is_a_swap),
		HOST_TEST(an_unwatched_change_is_no_swap),
		HOST_TEST(one_read_notices_only_its_own_variable),
		HOST_TEST(another_environ_is_noticed_by_any_watched_read),
		HOST_TEST(until_a_fork_the_base_is_the_birth),
		HOST_TEST(a_fork_makes_what_stands_there_the_base),
		HOST_TEST(a_fork_after_a_silent_change_tells_the_swap),
		HOST_TEST(while_another_writes_no_difference_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
