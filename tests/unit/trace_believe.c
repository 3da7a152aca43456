/* A stranger's lines, as memory has them: owner 0 is believed, 1 and 2 are
 * strangers, 3 is a container's user. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "trace/believe.h"

static struct arena *arena;
static struct event events[16];
static struct owner owners[4];
static struct trace t;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	memset(events, 0, sizeof events);
	memset(owners, 0, sizeof owners);
	owners[1] = (struct owner){.uid = 1000, .tag = STR("1000")};
	owners[2] = (struct owner){.uid = 1001, .tag = STR("1001")};
	owners[3] = (struct owner){.uid = 100033, .tag = STR("100033")};
	t = (struct trace){.events = events, .owners = owners, .n_owners = 4};
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct event *say(unsigned owner, enum kt_event kind, const char *image)
{
	struct event *e = &events[t.n++];

	e->owner = owner;
	e->kind = kind;
	e->image = str_of(image);
	e->n = 1;
	owners[owner].lines++;
	return e;
}

static struct event *born(unsigned owner, const char *image, uint64_t uid)
{
	struct event *e = say(owner, KT_BIRTH, image);

	e->uid = uid;
	e->has_uid = true;
	return e;
}

static void a_user_is_believed_about_that_users_images(void **state)
{
	(void)state;
	born(0, "1.1", 0);
	born(1, "2.1", 1000);
	say(1, KT_READ, "2.1");
	born(0, "3.1", 33);	/* root speaks of all */
	say(1, KT_READ, "4.1"); /* its birth was lost */
	believe(arena, &t);
	assert_int_equal(t.n, 5);
	assert_int_equal(t.unbelieved, 0);
}

static void a_stranger_is_not_believed_about_anothers_image(void **state)
{
	(void)state;
	say(1, KT_READ, "1.1");
	born(1, "1.1", 1000);
	say(1, KT_UNSET, "2.1");
	born(0, "1.1", 0);
	born(2, "2.1", 1001);
	say(0, KT_READ, "3.1"); /* whose birth was lost */
	born(1, "3.1", 1000);
	believe(arena, &t);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.unbelieved, 4);
	assert_int_equal(owners[1].unbelieved, 4);
	assert_int_equal(owners[1].lines, 0);
	assert_int_equal(owners[2].lines, 1);
}

static void a_stranger_is_nobody_else(void **state)
{
	struct event *e;

	(void)state;
	born(1, "1.1", 0);
	say(1, KT_READ, "1.1");
	e = born(1, "2.1", 1000);
	e->euid = 0;
	e->has_euid = true;
	e = born(1, "3.1", 0);
	e->euid = 1000;
	e->has_euid = true;
	e = born(1, "4.1", 1000);
	e->euid = 1000;
	e->has_euid = true;
	say(1, KT_BIRTH, "5.1"); /* a thread's names no user */
	believe(arena, &t);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.unbelieved, 4);
}

static void in_a_container_a_user_has_another_number(void **state)
{
	(void)state;
	born(3, "1.1", 33);
	say(3, KT_READ, "1.1");
	believe(arena, &t);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.events[0].uid, 100033);
}

static void two_strangers_who_claim_one_image_each_have_their_own(void **state)
{
	(void)state;
	born(1, "1.1", 1000);
	born(2, "1.1", 1001);
	say(1, KT_READ, "1.1");
	born(2, "2.2", 1001)->parent = STR("1.1");
	believe(arena, &t);
	assert_int_equal(t.n, 4);
	assert_true(str_eq(t.events[0].image, STR("1.1@1000")));
	assert_true(str_eq(t.events[1].image, STR("1.1@1001")));
	assert_true(str_eq(t.events[2].image, STR("1.1@1000")));
	assert_true(str_eq(t.events[3].parent, STR("1.1@1001")));
}

static void what_is_lost_is_lost_to_its_own_user(void **state)
{
	(void)state;
	t.lost = owners[0].lost = 2;
	owners[1].counted = 3;
	born(0, "1.1", 0);
	born(1, "2.1", 1000);
	say(1, KT_LOST, "2.1")->n = 4;
	say(1, KT_LOST, "1.1")->n = 1000; /* not believed */
	owners[2].counted = 7;
	believe(arena, &t);
	assert_int_equal(t.lost, 2 + 4 + 7);
	assert_int_equal(trace_lost(&t, 0), 2);
	assert_int_equal(trace_lost(&t, 1), 6);
	assert_int_equal(trace_lost(&t, 2), 9);
}

static void absurd_losses_do_not_wrap_around(void **state)
{
	(void)state;
	t.lost = 1;
	born(1, "2.1", 1000);
	say(1, KT_LOST, "2.1")->n = UINT64_MAX;
	say(1, KT_LOST, "2.1")->n = UINT64_MAX;
	believe(arena, &t);
	assert_true(t.lost == UINT64_MAX);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_user_is_believed_about_that_users_images),
		TEST(a_stranger_is_not_believed_about_anothers_image),
		TEST(a_stranger_is_nobody_else),
		TEST(in_a_container_a_user_has_another_number),
		TEST(two_strangers_who_claim_one_image_each_have_their_own),
		TEST(what_is_lost_is_lost_to_its_own_user),
		TEST(absurd_losses_do_not_wrap_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
