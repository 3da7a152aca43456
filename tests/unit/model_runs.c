/* Which events are judged together: runs, restarts and replicas. */
#include "model_events.h"

#include "model/runs.h"

static struct run_choice choice;

static struct event *born(uint64_t t, const char *image, uint64_t pid,
			  const char *command)
{
	struct event *e = say(KT_BIRTH, t, image);

	e->by = STR("exec");
	e->pid = pid;
	e->ppid = 1;
	e->exe = STR("/usr/bin/node");
	e->cwd = STR("/app");
	e->args = (struct strs){TAKE(arena, struct str, 1), 1};
	e->args.at[0] = str_of(command);
	e->argc = 1;
	return e;
}

static void asks(uint64_t t, const char *image)
{
	say(KT_READ, t, image);
}

static void exits(uint64_t t, const char *image, int64_t status)
{
	struct event *e = say(KT_EXIT, t, image);

	e->has_status = true;
	e->status = status;
}

static void run(uint64_t t, uint64_t pid)
{
	struct event *e = say(KT_RUN, t, "");

	e->image = (struct str){NULL, 0};
	e->pid = pid;
	e->command = STR("x");
}

static void ran(uint64_t t, uint64_t pid, int64_t status)
{
	struct event *e = say(KT_RAN, t, "");

	e->image = (struct str){NULL, 0};
	e->pid = pid;
	e->has_status = true;
	e->status = status;
}

static struct trace choose(long wanted)
{
	struct trace chosen;

	assert_true(choose_run(arena, model_build(arena, &trace), wanted,
			       &chosen, &choice));
	return chosen;
}

static bool has_image(const struct trace *t, const char *image)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->events[i].image, str_of(image)))
			return true;
	return false;
}

/* `judged`: the images of the chosen run, with blanks between; no others. */
static void expect(long wanted, const char *all, const char *judged)
{
	struct trace chosen = choose(wanted);

	for (const char *at = all; *at;) {
		size_t len = strcspn(at, " ");
		struct str image = {at, len};
		bool is = has_image(
			&chosen, arena_print(arena, "%.*s", STR_FMT(image)).at);

		if (is != str_is_listed(image, judged))
			fail_msg("%.*s is %sjudged", STR_FMT(image),
				 is ? "" : "not ");
		at += len + (at[len] == ' ');
	}
}

/* --- runs ----------------------------------------------------------------- */

static void one_command(uint64_t t, const char *image, uint64_t pid)
{
	run(t, pid);
	born(t + 1, image, pid, "one");
	asks(t + 2, image);
	exits(t + 3, image, 1);
	ran(t + 4, pid, 1);
}

static void runs_are_numbered_and_the_newest_is_judged(void **state)
{
	(void)state;
	one_command(100, "7.1", 7);
	one_command(200, "8.1", 8);
	one_command(300, "9.1", 9);
	expect(RUN_NEWEST, "7.1 8.1 9.1", "9.1");
	assert_int_equal(choice.run, 3);
	assert_int_equal(choice.runs, 3);
	expect(1, "7.1 8.1 9.1", "7.1");
	assert_int_equal(choice.run, 1);
	expect(2, "7.1 8.1 9.1", "8.1");
	expect(RUN_ALL, "7.1 8.1 9.1", "7.1 8.1 9.1");
	assert_int_equal(choice.run, RUN_ALL);
	assert_int_equal(choice.runs, 3);
}

static void there_is_no_run_beyond_the_last(void **state)
{
	struct trace chosen;

	(void)state;
	one_command(100, "7.1", 7);
	assert_false(choose_run(arena, model_build(arena, &trace), 2, &chosen,
				&choice));
	assert_int_equal(choice.runs, 1);
}

static void events_of_keytrail_run_belong_to_their_run(void **state)
{
	struct trace chosen;
	size_t n = 0;

	(void)state;
	one_command(100, "7.1", 7);
	one_command(200, "8.1", 8);
	chosen = choose(RUN_NEWEST);
	for (size_t i = 0; i < chosen.n; i++)
		if (event_is_of_run(&chosen.events[i])) {
			assert_int_equal(chosen.events[i].pid, 8);
			n++;
		}
	assert_int_equal(n, 2);
}

static void runs_that_overlap_in_time_are_one(void **state)
{
	(void)state;
	one_command(50, "6.1", 6);
	run(100, 7);
	born(101, "7.1", 7, "one");
	run(110, 8);
	born(111, "8.1", 8, "two");
	exits(120, "7.1", 0);
	ran(121, 7, 0);
	exits(130, "8.1", 1);
	ran(131, 8, 1);
	expect(RUN_NEWEST, "6.1 7.1 8.1", "7.1 8.1");
	assert_int_equal(choice.runs, 2);
}

static void a_run_lasts_until_its_last_process_has_ended(void **state)
{
	struct event *e;

	(void)state;
	run(100, 7);
	born(101, "7.1", 7, "launcher");
	e = born(102, "70.1", 70, "service");
	e->ppid = 7;
	exits(103, "7.1", 0);
	ran(104, 7, 0);
	run(110, 8);
	born(111, "8.1", 8, "two");
	exits(112, "8.1", 0);
	ran(113, 8, 0);
	asks(200, "70.1");
	expect(RUN_NEWEST, "7.1 70.1 8.1", "7.1 70.1 8.1");
	assert_int_equal(choice.runs, 1);
}

static void processes_without_run_belong_to_every_run_they_overlap(void **state)
{
	(void)state;
	born(10, "5.1", 5, "service");
	born(20, "4.1", 4, "early");
	exits(21, "4.1", 0);
	one_command(100, "7.1", 7);
	born(150, "3.1", 3, "between");
	exits(151, "3.1", 0);
	one_command(200, "8.1", 8);
	exits(300, "5.1", 0);
	expect(1, "3.1 4.1 5.1 7.1 8.1", "5.1 7.1");
	expect(2, "3.1 4.1 5.1 7.1 8.1", "5.1 8.1");
	expect(RUN_ALL, "3.1 4.1 5.1 7.1 8.1", "3.1 4.1 5.1 7.1 8.1");
}

/* --- several traces ------------------------------------------------------- */

static void in_trace(unsigned source)
{
	for (size_t i = 0; i < trace.n; i++)
		if (!events[i].source)
			events[i].source = source;
}

static void of_several_traces_the_newest_run_of_each_is_judged(void **state)
{
	(void)state;
	one_command(100, "7.1", 7);
	one_command(200, "8.1", 8);
	in_trace(1);
	one_command(300, "9.1", 9);
	in_trace(2);
	expect(RUN_NEWEST, "7.1 8.1 9.1", "8.1 9.1");
	assert_int_equal(choice.runs, 2);
	expect(1, "7.1 8.1 9.1", "7.1 9.1");
	expect(RUN_ALL, "7.1 8.1 9.1", "7.1 8.1 9.1");
}

static void a_trace_without_any_run_is_judged_whole(void **state)
{
	(void)state;
	born(10, "5.1", 5, "web");
	exits(11, "5.1", 0);
	in_trace(1);
	one_command(100, "7.1", 7);
	in_trace(2);
	expect(RUN_NEWEST, "5.1 7.1", "5.1 7.1");
}

static void equal_starts_in_two_traces_are_no_restarts(void **state)
{
	(void)state;
	born(10, "5.1", 5, "app");
	exits(11, "5.1", 1);
	in_trace(1);
	born(20, "6.1", 6, "app");
	exits(21, "6.1", 0);
	in_trace(2);
	expect(RUN_NEWEST, "5.1 6.1", "5.1 6.1");
}

static void without_any_run_all_is_one_run(void **state)
{
	(void)state;
	born(10, "5.1", 5, "one");
	exits(11, "5.1", 0);
	born(20, "6.1", 6, "two");
	exits(21, "6.1", 0);
	expect(RUN_NEWEST, "5.1 6.1", "5.1 6.1");
	assert_int_equal(choice.run, 1);
	assert_int_equal(choice.runs, 1);
	assert_int_equal(choice.earlier_starts, 0);
}

/* --- restarts and replicas ------------------------------------------------ */

static void of_restarts_the_newest_is_judged(void **state)
{
	(void)state;
	born(10, "5.1", 5, "service");
	asks(11, "5.1");
	exits(12, "5.1", 1);
	born(20, "6.1", 6, "service");
	exits(22, "6.1", 0);
	born(30, "7.1", 7, "service");
	asks(31, "7.1");
	expect(RUN_NEWEST, "5.1 6.1 7.1", "7.1");
	assert_int_equal(choice.earlier_starts, 2);
	assert_int_equal(choice.failed_starts, 1);
	expect(RUN_ALL, "5.1 6.1 7.1", "5.1 6.1 7.1");
	assert_int_equal(choice.earlier_starts, 0);
}

static void a_start_that_told_nothing_yet_does_not_count(void **state)
{
	(void)state;
	born(10, "5.1", 5, "service");
	asks(11, "5.1");
	exits(12, "5.1", 1);
	born(20, "6.1", 6, "service");
	expect(RUN_NEWEST, "5.1 6.1", "5.1");
	assert_int_equal(choice.earlier_starts, 0);
}

static void replicas_run_beside_one_another_and_are_all_judged(void **state)
{
	(void)state;
	born(10, "5.1", 5, "worker");
	born(11, "6.1", 6, "worker");
	asks(12, "5.1");
	asks(13, "6.1");
	exits(14, "5.1", 1);
	exits(15, "6.1", 0);
	expect(RUN_NEWEST, "5.1 6.1", "5.1 6.1");
	assert_int_equal(choice.earlier_starts, 0);
}

static void a_restart_of_replicas_takes_the_place_of_all(void **state)
{
	(void)state;
	born(10, "5.1", 5, "worker");
	born(11, "6.1", 6, "worker");
	exits(14, "5.1", 1);
	exits(15, "6.1", 1);
	born(20, "7.1", 7, "worker");
	born(21, "8.1", 8, "worker");
	asks(22, "7.1");
	asks(23, "8.1");
	expect(RUN_NEWEST, "5.1 6.1 7.1 8.1", "7.1 8.1");
	assert_int_equal(choice.earlier_starts, 2);
	assert_int_equal(choice.failed_starts, 2);
}

static void one_replica_is_restarted_beside_the_others(void **state)
{
	(void)state;
	born(10, "5.1", 5, "worker");
	born(11, "6.1", 6, "worker");
	asks(12, "6.1");
	exits(14, "5.1", 1);
	born(20, "7.1", 7, "worker");
	asks(21, "7.1");
	exits(30, "6.1", 0);
	expect(RUN_NEWEST, "5.1 6.1 7.1", "6.1 7.1");
	assert_int_equal(choice.failed_starts, 1);
}

/* Each `differ` changes one property of the second start. */
static void another_command(struct event *e)
{
	e->args.at[0] = STR("other");
}

static void another_directory(struct event *e)
{
	e->cwd = STR("/srv");
}

static void another_user(struct event *e)
{
	e->uid = 33;
	e->has_uid = true;
}

static void another_program(struct event *e)
{
	e->exe = STR("/usr/bin/python3");
}

static void only_equal_starts_are_restarts(void **state)
{
	void (*const differ[])(struct event *) = {
		another_command, another_directory, another_user,
		another_program};

	for (size_t i = 0; i < sizeof differ / sizeof *differ; i++) {
		end(state);
		begin(state);
		born(10, "5.1", 5, "service");
		exits(12, "5.1", 1);
		differ[i](born(20, "6.1", 6, "service"));
		asks(21, "6.1");
		expect(RUN_NEWEST, "5.1 6.1", "5.1 6.1");
	}
}

static void starts_of_two_services_may_alternate(void **state)
{
	(void)state;
	born(10, "5.1", 5, "service");
	exits(12, "5.1", 1);
	another_directory(born(20, "6.1", 6, "service"));
	exits(22, "6.1", 1);
	born(30, "7.1", 7, "service");
	exits(32, "7.1", 0);
	another_directory(born(40, "8.1", 8, "service"));
	exits(42, "8.1", 0);
	expect(RUN_NEWEST, "5.1 6.1 7.1 8.1", "7.1 8.1");
	assert_int_equal(choice.earlier_starts, 2);
}

static void children_follow_their_root(void **state)
{
	(void)state;
	born(10, "5.1", 5, "service");
	born(11, "50.1", 50, "child")->ppid = 5;
	exits(12, "50.1", 1);
	exits(13, "5.1", 1);
	born(20, "6.1", 6, "service");
	born(21, "60.1", 60, "child")->ppid = 6;
	exits(22, "60.1", 0);
	exits(23, "6.1", 0);
	expect(RUN_NEWEST, "5.1 50.1 6.1 60.1", "6.1 60.1");
	assert_int_equal(choice.earlier_starts, 1);
}

static void a_start_with_a_child_alive_is_a_replica(void **state)
{
	(void)state;
	born(10, "5.1", 5, "service");
	born(11, "50.1", 50, "child")->ppid = 5;
	exits(13, "5.1", 0);
	born(20, "6.1", 6, "service");
	asks(21, "6.1");
	exits(30, "50.1", 1);
	expect(RUN_NEWEST, "5.1 50.1 6.1", "5.1 50.1 6.1");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(runs_are_numbered_and_the_newest_is_judged),
		TEST(there_is_no_run_beyond_the_last),
		TEST(events_of_keytrail_run_belong_to_their_run),
		TEST(runs_that_overlap_in_time_are_one),
		TEST(a_run_lasts_until_its_last_process_has_ended),
		TEST(processes_without_run_belong_to_every_run_they_overlap),
		TEST(of_several_traces_the_newest_run_of_each_is_judged),
		TEST(a_trace_without_any_run_is_judged_whole),
		TEST(equal_starts_in_two_traces_are_no_restarts),
		TEST(without_any_run_all_is_one_run),
		TEST(of_restarts_the_newest_is_judged),
		TEST(a_start_that_told_nothing_yet_does_not_count),
		TEST(replicas_run_beside_one_another_and_are_all_judged),
		TEST(a_restart_of_replicas_takes_the_place_of_all),
		TEST(one_replica_is_restarted_beside_the_others),
		TEST(only_equal_starts_are_restarts),
		TEST(starts_of_two_services_may_alternate),
		TEST(children_follow_their_root),
		TEST(a_start_with_a_child_alive_is_a_replica),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
