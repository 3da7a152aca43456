#include "model_events.h"

#include "model/model.h"

static struct event *born(uint64_t t, const char *image, uint64_t pid,
			  uint64_t ppid)
{
	struct event *e = say(KT_BIRTH, t, image);

	e->by = STR("exec");
	e->pid = pid;
	e->ppid = ppid;
	return e;
}

static struct values key_of(const char *print)
{
	struct values v = {TAKE(arena, struct named_value, 1), 1};

	v.at->name = STR("A_KEY");
	v.at->value.fp = str_of(print);
	return v;
}

static enum presence held(const struct image *image, uint64_t t)
{
	const struct value *value;

	return model_held(image, STR("A_KEY"), t, &value);
}

static void answers_for_any_moment_what_was_held(void **state)
{
	const struct model *m;
	const struct value *value;

	(void)state;
	born(10, "7.10", 7, 1)->env = key_of("one");
	say(KT_UNSET, 20, "7.10")->had_it = true;
	say(KT_SET, 30, "7.10")->value.fp = STR("two");
	say(KT_CLEAR, 40, "7.10");
	m = model_build(arena, &trace);
	assert_int_equal(m->n_images, 1);
	assert_int_equal(held(m->images[0], 15), PRESENT);
	assert_int_equal(held(m->images[0], 25), ABSENT);
	assert_int_equal(held(m->images[0], 35), PRESENT);
	assert_int_equal(held(m->images[0], 45), ABSENT);
	model_held(m->images[0], STR("A_KEY"), 35, &value);
	assert_true(str_eq(value->fp, STR("two")));
	assert_ptr_equal(
		model_last_removal(m->images[0], STR("A_KEY"), 45, &value),
		&events[3]);
}

static void a_set_that_kept_or_failed_changes_nothing(void **state)
{
	const struct model *m;
	struct event *e;

	(void)state;
	born(10, "7.10", 7, 1);
	say(KT_SET, 20, "7.10")->kept = true;
	e = say(KT_SET, 30, "7.10");
	e->has_errno = true;
	e->error = 12;
	m = model_build(arena, &trace);
	assert_int_equal(held(m->images[0], 35), ABSENT);
}

static void what_a_lost_birth_held_is_unseen(void **state)
{
	const struct model *m;

	(void)state;
	say(KT_READ, 20, "7.10");
	m = model_build(arena, &trace);
	assert_int_equal(m->n_images, 1);
	assert_false(m->images[0]->observed);
	assert_int_equal(m->images[0]->gap, GAP_LOST_EVENTS);
	assert_int_equal(m->images[0]->pid, 7);
	assert_int_equal(held(m->images[0], 25), UNSEEN);
}

static void counts_equal_reads_as_the_trace_does(void **state)
{
	const struct model *m;

	(void)state;
	born(10, "7.10", 7, 1);
	for (uint64_t n = 1; n <= 4; n *= 2)
		say(KT_READ, 20 + n, "7.10")->n = n;
	say(KT_READ, 40, "7.10")->at = STR("app+0x1");
	m = model_build(arena, &trace);
	assert_int_equal(m->n_readings, 1);
	assert_int_equal(m->readings[0].n, 5);
	assert_int_equal(m->variables[0].readers, 1);
	assert_int_equal(m->variables[0].missed, 1);
}

static void a_ring_of_parents_is_broken(void **state)
{
	const struct model *m;
	struct event *e;

	(void)state;
	say(KT_READ, 10, "8.20"); /* speaks before its birth */
	e = born(15, "7.15", 7, 8);
	e->by = STR("fork");
	e->parent = STR("8.20");
	e = born(20, "8.20", 8, 7);
	e->by = STR("fork");
	e->parent = STR("7.15");
	m = model_build(arena, &trace);
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *up = m->images[i];
		size_t steps = 0;

		while (up && steps++ < m->n_images)
			up = up->parent;
		assert_null(up);
	}
}

static void a_launcher_learns_how_its_child_ended(void **state)
{
	const struct model *m;
	struct event *e;

	(void)state;
	born(10, "7.10", 7, 1);
	e = say(KT_SPAWN, 20, "7.10");
	e->has_child = true;
	e->child = 8;
	born(30, "8.30", 8, 7);
	e = say(KT_WAIT, 40, "7.10");
	e->child = 8;
	e->has_status = true;
	e->status = 3;
	m = model_build(arena, &trace);
	assert_int_equal(m->n_images, 2);
	assert_ptr_equal(m->images[1]->parent, m->images[0]);
	assert_int_equal(m->images[1]->hop, HOP_SPAWN);
	assert_true(model_failed(m->images[1]));
	assert_ptr_equal(m->images[1]->waiter, m->images[0]);
	assert_true(m->images[0]->child_failed);
}

static void pids_of_two_boots_are_two_things(void **state)
{
	const struct model *m;

	(void)state;
	born(10, "7.10", 7, 1)->boot = STR("aaaaaaaa");
	born(5, "8.5", 8, 7)->boot = STR("bbbbbbbb");
	m = model_build(arena, &trace);
	assert_null(m->images[0]->parent);
	assert_null(m->images[1]->parent);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_for_any_moment_what_was_held),
		TEST(a_set_that_kept_or_failed_changes_nothing),
		TEST(what_a_lost_birth_held_is_unseen),
		TEST(counts_equal_reads_as_the_trace_does),
		TEST(a_ring_of_parents_is_broken),
		TEST(a_launcher_learns_how_its_child_ended),
		TEST(pids_of_two_boots_are_two_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
