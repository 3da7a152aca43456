#include "recorder_host.h"

#include "recorder/process/preload_env.h"
#include "recorder/lib/str.h"

#define US	 "/proc/self/exe" /* a library that is there, under any name */
#define VARIABLE "KEYTRAIL=dir=/t,key=00"

static struct exec_target target = {.kind = KT_TARGET_DYNAMIC};
static enum kt_handed handed;

static void configure(void)
{
	strcpy(globals->settings.library, US);
	strcpy(globals->settings.dir, "/t");
}

static enum preload_change choose(char *const *envp)
{
	configure();
	handed = KT_HANDED_COUNT;
	return preload_env_choose(envp, &target, &handed);
}

/* The variable that is made for children stands for any that will do. */
static const char *shown(const char *entry)
{
	char made[4096];

	settings_variable(&globals->settings, made, sizeof made);
	assert_true(strlen(made) < settings_variable_bytes(&globals->settings));
	return strcmp(entry, made) ? entry : VARIABLE;
}

/* The entries of an environment, a line each. */
static const char *entries_of(char *const *envp)
{
	static char text[4096];

	text[0] = '\0';
	for (; *envp; envp++) {
		strcat(text, shown(*envp));
		strcat(text, "\n");
	}
	return text;
}

/* Builds in space that is guarded on both sides. */
static const char *built(char *const *envp, enum preload_change what)
{
	static char *guarded;
	size_t n, at = 64;
	char *const *to;

	configure();
	n = preload_env_size(envp, what);
	free(guarded);
	guarded = malloc(n + 2 * at);
	memset(guarded, 0x5a, n + 2 * at);
	to = preload_env_build(guarded + at, envp, what, target.runtime);
	for (size_t i = 0; i < at; i++) {
		assert_int_equal(guarded[i], 0x5a);
		assert_int_equal(guarded[at + n + i], 0x5a);
	}
	return entries_of(to);
}

#define CHOICE(...) choose(HOST_ENV(__VA_ARGS__))
#define BUILT(...)  built(HOST_ENV(__VA_ARGS__), PRELOAD_ADD)

/* ---- choosing */

static void an_environment_that_carries_us_is_passed_on_as_it_is(void **state)
{
	(void)state;
	assert_int_equal(CHOICE("A=1", "LD_PRELOAD=" US, VARIABLE),
			 PRELOAD_UNCHANGED);
	assert_int_equal(handed, KT_HANDED_KEPT);
	assert_int_equal(
		CHOICE("LD_PRELOAD=/lib/other.so:" US, "KEYTRAIL=dir=/x"),
		PRELOAD_UNCHANGED);
	assert_int_equal(
		CHOICE("LD_PRELOAD=/lib/other.so " US " b.so", VARIABLE),
		PRELOAD_UNCHANGED);
}

static void another_copy_of_us_is_us(void **state)
{
	(void)state;
	assert_int_equal(CHOICE("LD_PRELOAD=/else/where/exe", VARIABLE),
			 PRELOAD_UNCHANGED);
	assert_int_equal(CHOICE("LD_PRELOAD=exe", VARIABLE), PRELOAD_UNCHANGED);
	assert_int_equal(CHOICE("LD_PRELOAD=/lib/myexe", VARIABLE),
			 PRELOAD_ADD);
	assert_int_equal(CHOICE("LD_PRELOAD=/exe/other.so", VARIABLE),
			 PRELOAD_ADD);
	assert_int_equal(CHOICE("LD_PRELOAD=/lib/exe.so", VARIABLE),
			 PRELOAD_ADD);
}

static void what_lacks_one_of_our_variables_gets_it_back(void **state)
{
	static char *const none[] = {NULL};

	(void)state;
	assert_int_equal(CHOICE("A=1", VARIABLE), PRELOAD_ADD);
	assert_int_equal(handed, KT_HANDED_ADDED);
	assert_int_equal(CHOICE("LD_PRELOAD=" US), PRELOAD_ADD);
	assert_int_equal(handed, KT_HANDED_ADDED);
	assert_int_equal(CHOICE("LD_PRELOAD=", VARIABLE), PRELOAD_ADD);
	assert_int_equal(choose(none), PRELOAD_ADD);
	assert_int_equal(choose(NULL), PRELOAD_ADD);
	assert_int_equal(handed, KT_HANDED_ADDED);
}

static void who_turned_us_off_for_the_child_is_obeyed(void **state)
{
	(void)state;
	assert_int_equal(CHOICE("A=1", "KEYTRAIL=off"), PRELOAD_UNCHANGED);
	assert_int_equal(handed, KT_HANDED_OFF);
	assert_int_equal(CHOICE("LD_PRELOAD=" US, "KEYTRAIL=off"),
			 PRELOAD_UNCHANGED);
	assert_int_equal(handed, KT_HANDED_OFF);
	assert_int_equal(CHOICE("KEYTRAIL=dir=/t,off,stacks=1"),
			 PRELOAD_UNCHANGED);
	assert_int_equal(handed, KT_HANDED_OFF);
	assert_int_equal(CHOICE("KEYTRAIL=dir=/t,offer"), PRELOAD_ADD);
	assert_int_equal(handed, KT_HANDED_ADDED);
}

static void our_directory_without_its_key_will_not_do(void **state)
{
	static const struct {
		const char *variable;
		enum preload_change change;
	} table[] = {
		{"KEYTRAIL=dir=/t", PRELOAD_ADD},
		{"KEYTRAIL=dir=/t/", PRELOAD_ADD},
		{"KEYTRAIL=stacks=1,dir=/t", PRELOAD_ADD},
		{"KEYTRAIL=dir=/t,keyfile=/k", PRELOAD_ADD},
		{"KEYTRAIL=dir=/t/,key=00", PRELOAD_UNCHANGED},
		{"KEYTRAIL=key=00,dir=/t", PRELOAD_UNCHANGED},
		{"KEYTRAIL=dir=/t,dir=/x", PRELOAD_UNCHANGED},
		{"KEYTRAIL=dir=/tt", PRELOAD_UNCHANGED},
		{"KEYTRAIL=watch=X", PRELOAD_UNCHANGED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
		if (CHOICE("LD_PRELOAD=" US,
			   (char *)(uintptr_t)table[i].variable) !=
		    table[i].change)
			fail_msg("%s", table[i].variable);
}

static void another_machine_gets_no_library_of_ours(void **state)
{
	(void)state;
	target.kind = KT_TARGET_OTHER_CLASS;
	assert_int_equal(CHOICE("A=1"), PRELOAD_UNCHANGED);
	assert_int_equal(handed, KT_HANDED_NOT);
	assert_int_equal(CHOICE("LD_PRELOAD=" US, VARIABLE), PRELOAD_REMOVE);
	assert_int_equal(handed, KT_HANDED_NOT);
}

static void programs_that_hand_us_to_their_children_get_us(void **state)
{
	static const enum kt_target kinds[] = {
		KT_TARGET_STATIC, KT_TARGET_SETUID, KT_TARGET_UNKNOWN};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		target.kind = kinds[i];
		assert_int_equal(CHOICE("A=1"), PRELOAD_ADD);
	}
}

static void
where_our_library_cannot_be_reached_it_is_not_asked_for(void **state)
{
	char **without = HOST_ENV("A=1"),
	     **with = HOST_ENV("LD_PRELOAD=/not/there.so", VARIABLE);

	(void)state;
	configure();
	strcpy(globals->settings.library, "/not/there.so");
	assert_int_equal(preload_env_choose(without, &target, &handed),
			 PRELOAD_UNCHANGED);
	assert_int_equal(handed, KT_HANDED_NOT);
	assert_int_equal(preload_env_choose(with, &target, &handed),
			 PRELOAD_REMOVE);
	assert_int_equal(handed, KT_HANDED_NOT);
}

/* ---- building */

static void nothing_to_inject_needs_no_space(void **state)
{
	(void)state;
	assert_int_equal(preload_env_size(HOST_ENV("A=1"), PRELOAD_UNCHANGED),
			 0);
}

static void ours_are_added_behind_the_callers_entries(void **state)
{
	static char *const none[] = {NULL};
	static const char ours[] = "LD_PRELOAD=" US "\n" VARIABLE "\n";

	(void)state;
	assert_string_equal(BUILT("B=2", "A=1"),
			    "B=2\nA=1\nLD_PRELOAD=" US "\n" VARIABLE "\n");
	assert_string_equal(built(none, PRELOAD_ADD), ours);
	assert_string_equal(built(NULL, PRELOAD_ADD), ours);
}

static void the_callers_own_strings_are_passed_on_untouched(void **state)
{
	char **envp = HOST_ENV("A=\xff\xfe", "\xc3=\x01", "", "=", "novalue",
			       "A=again");
	char space[1024];
	char *const *to;

	(void)state;
	configure();
	to = preload_env_build(space, envp, PRELOAD_ADD, "");
	for (size_t i = 0; i < 6; i++)
		assert_ptr_equal(to[i], envp[i]);
	assert_null(to[8]);
	assert_null(envp[6]);
}

static void we_go_first_and_the_others_keep_their_place_and_order(void **state)
{
	(void)state;
	assert_string_equal(BUILT("A=1", "LD_PRELOAD=/b.so:/a.so", "C=3"),
			    "A=1\nLD_PRELOAD=" US ":/b.so:/a.so\nC=3\n" VARIABLE
			    "\n");
	assert_string_equal(BUILT("LD_PRELOAD=", VARIABLE),
			    "LD_PRELOAD=" US "\n" VARIABLE "\n");
}

static void we_stand_in_it_once(void **state)
{
	static const char *const carried[] = {
		US,	      US ":",	 ":" US,       US " ",
		"::" US "::", US ":" US, US " /x/exe",
	};
	static const char *const beside[] = {
		US ":/o.so",	 "/o.so:" US,	"/o.so " US " ",
		US ":/o.so:" US, ":/o.so::" US, "/x/exe:/o.so",
	};
	char entry[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(carried); i++) {
		snprintf(entry, sizeof entry, "LD_PRELOAD=%s", carried[i]);
		assert_string_equal(BUILT(entry, VARIABLE),
				    "LD_PRELOAD=" US "\n" VARIABLE "\n");
	}
	for (size_t i = 0; i < ARRAY_LENGTH(beside); i++) {
		snprintf(entry, sizeof entry, "LD_PRELOAD=%s", beside[i]);
		assert_string_equal(BUILT(entry, VARIABLE),
				    "LD_PRELOAD=" US ":/o.so\n" VARIABLE "\n");
	}
}

static void of_two_preloads_the_loaders_choice_is_kept_once(void **state)
{
	(void)state;
	assert_string_equal(
		BUILT("LD_PRELOAD=/first.so", "A=1", "LD_PRELOAD=/last.so"),
		"LD_PRELOAD=" US ":/last.so\nA=1\n" VARIABLE "\n");
}

static void the_callers_own_setting_of_ours_is_kept(void **state)
{
	(void)state;
	assert_string_equal(BUILT("KEYTRAIL=dir=/other", "A=1"),
			    "KEYTRAIL=dir=/other\nA=1\nLD_PRELOAD=" US "\n");
}

static void removal_takes_us_out_and_nothing_else(void **state)
{
	(void)state;
	assert_string_equal(
		built(HOST_ENV("A=1", "LD_PRELOAD=/a.so:" US ":/b.so",
			       VARIABLE),
		      PRELOAD_REMOVE),
		"A=1\nLD_PRELOAD=/a.so:/b.so\n" VARIABLE "\n");
	assert_string_equal(
		built(HOST_ENV("LD_PRELOAD=" US, "A=1"), PRELOAD_REMOVE),
		"A=1\n");
	assert_string_equal(
		built(HOST_ENV("LD_PRELOAD=" US ":" US, "A=1"), PRELOAD_REMOVE),
		"A=1\n");
}

#define ADDED "libasan.so.8: :" US

static void a_sanitizers_runtime_goes_before_us(void **state)
{
	(void)state;
	strcpy(target.runtime, "libasan.so.8");
	assert_string_equal(BUILT("LD_PRELOAD=/o.so", VARIABLE),
			    "LD_PRELOAD=/o.so:" ADDED "\n" VARIABLE "\n");
	assert_int_equal(CHOICE("LD_PRELOAD=/o.so:" ADDED, VARIABLE),
			 PRELOAD_UNCHANGED);
	assert_int_equal(CHOICE("LD_PRELOAD=" ADDED ":/o.so", VARIABLE),
			 PRELOAD_ADD);
	assert_string_equal(BUILT(VARIABLE),
			    VARIABLE "\nLD_PRELOAD=" ADDED "\n");
	assert_int_equal(CHOICE("LD_PRELOAD=" US, VARIABLE), PRELOAD_ADD);
	assert_int_equal(CHOICE("LD_PRELOAD=" ADDED, VARIABLE),
			 PRELOAD_UNCHANGED);
}

static void the_runtime_of_one_program_is_not_handed_to_the_next(void **state)
{
	(void)state;
	assert_int_equal(CHOICE("LD_PRELOAD=" ADDED, VARIABLE), PRELOAD_ADD);
	assert_string_equal(BUILT("LD_PRELOAD=" ADDED, VARIABLE),
			    "LD_PRELOAD=" US "\n" VARIABLE "\n");
	assert_string_equal(
		built(HOST_ENV("LD_PRELOAD=" ADDED, "A=1"), PRELOAD_REMOVE),
		"A=1\n");
	strcpy(target.runtime, "libclang_rt.asan-x86_64.so");
	assert_int_equal(CHOICE("LD_PRELOAD=" ADDED, VARIABLE), PRELOAD_ADD);
	assert_string_equal(BUILT("LD_PRELOAD=" ADDED, VARIABLE),
			    "LD_PRELOAD=libclang_rt.asan-x86_64.so: :" US
			    "\n" VARIABLE "\n");
}

static void a_runtime_that_the_user_asked_for_stays_in_front(void **state)
{
	static const char *const lists[][2] = {
		{"libasan.so.8", "libasan.so.8:" US},
		{"/x/libtsan.so.2:/o.so", "/x/libtsan.so.2:" US ":/o.so"},
		{"/o.so /x/liblsan.so.0", "/o.so:/x/liblsan.so.0:" US},
		{US ":libubsan.so.1:/o.so", "libubsan.so.1:" US ":/o.so"},
		{"libclang_rt.asan-x86_64.so:" US,
		 "libclang_rt.asan-x86_64.so:" US},
	};
	char entry[200], made[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
		snprintf(entry, sizeof entry, "LD_PRELOAD=%s", lists[i][0]);
		snprintf(made, sizeof made, "LD_PRELOAD=%s\n" VARIABLE "\n",
			 lists[i][1]);
		assert_int_equal(CHOICE(entry, VARIABLE),
				 i == 4 ? PRELOAD_UNCHANGED : PRELOAD_ADD);
		assert_string_equal(BUILT(entry, VARIABLE), made);
		snprintf(entry, sizeof entry, "LD_PRELOAD=%s", lists[i][1]);
		assert_int_equal(CHOICE(entry, VARIABLE), PRELOAD_UNCHANGED);
	}
}

static void a_runtime_that_is_in_front_is_not_added_again(void **state)
{
	(void)state;
	strcpy(target.runtime, "libasan.so.8");
	assert_string_equal(BUILT("LD_PRELOAD=/x/libasan.so.8:/o.so", VARIABLE),
			    "LD_PRELOAD=/x/libasan.so.8:/o.so:" US "\n" VARIABLE
			    "\n");
	assert_string_equal(BUILT("LD_PRELOAD=libtsan.so.2", VARIABLE),
			    "LD_PRELOAD=libtsan.so.2:" ADDED "\n" VARIABLE
			    "\n");
	assert_int_equal(CHOICE("LD_PRELOAD=libasan.so.8:" US, VARIABLE),
			 PRELOAD_UNCHANGED);
}

static const char *taken_back(const char *entry)
{
	static char text[200];
	char *envp[] = {(char[]){"A=1: :2"}, text, NULL};

	strcpy(text, entry);
	preload_take_back(envp);
	assert_string_equal(envp[0], "A=1: :2");
	return text;
}

static void what_was_added_is_taken_back_and_nothing_else(void **state)
{
	static const char *const others[] = {"LD_PRELOAD=",
					     "LD_PRELOAD=" US,
					     "LD_PRELOAD=libasan.so.8:" US,
					     "LD_PRELOAD=: :" US,
					     "LD_PRELOAD=a::b c",
					     "LD_PRELOADS=a: :b"};

	(void)state;
	assert_string_equal(taken_back("LD_PRELOAD=" ADDED ":/o.so"),
			    "LD_PRELOAD=" US ":/o.so");
	assert_string_equal(taken_back("LD_PRELOAD=/a:" ADDED),
			    "LD_PRELOAD=/a:" US);
	assert_string_equal(taken_back("LD_PRELOAD=a: :"), "LD_PRELOAD=");
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
		assert_string_equal(taken_back(others[i]), others[i]);
}

static void a_loader_that_only_lists_is_not_given_us(void **state)
{
	(void)state;
	assert_int_equal(
		CHOICE("LD_PRELOAD=" US, VARIABLE, "LD_TRACE_LOADED_OBJECTS=1"),
		PRELOAD_REMOVE);
	target.only_lists = true;
	assert_int_equal(CHOICE("LD_PRELOAD=" US, VARIABLE), PRELOAD_REMOVE);
	assert_int_equal(CHOICE("A=1"), PRELOAD_UNCHANGED);
	assert_int_equal(handed, KT_HANDED_NOT);
}

static void where_space_is_short_neither_variable_is_left(void **state)
{
	(void)state;
	assert_int_equal(
		preload_env_without_us(HOST_ENV("A=1", "LD_PRELOAD=/o.so")),
		PRELOAD_UNCHANGED);
	assert_int_equal(preload_env_without_us(HOST_ENV("A=1", VARIABLE)),
			 PRELOAD_REMOVE_BOTH);
	assert_int_equal(preload_env_without_us(HOST_ENV("LD_PRELOAD=" US)),
			 PRELOAD_REMOVE_BOTH);
	assert_string_equal(
		built(HOST_ENV("A=1", "LD_PRELOAD=/o.so:" US, VARIABLE, "B=2"),
		      PRELOAD_REMOVE_BOTH),
		"A=1\nLD_PRELOAD=/o.so\nB=2\n");
	assert_string_equal(
		built(HOST_ENV("LD_PRELOAD=" US, "A=1"), PRELOAD_REMOVE_BOTH),
		"A=1\n");
}

static void ten_thousand_entries_are_carried_too(void **state)
{
	enum { MANY = 10000 };
	char **envp = host_map((MANY + 1) * sizeof *envp);
	char entry[] = "A=1";
	size_t n;
	char *const *to;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		envp[i] = entry;
	configure();
	n = preload_env_size(envp, PRELOAD_ADD);
	to = preload_env_build(host_map(n), envp, PRELOAD_ADD, "");
	assert_ptr_equal(to[MANY - 1], entry);
	assert_true(str_begins(to[MANY], "LD_PRELOAD="));
	assert_string_equal(shown(to[MANY + 1]), VARIABLE);
	assert_null(to[MANY + 2]);
}

static int begin(void **state)
{
	target = (struct exec_target){.kind = KT_TARGET_DYNAMIC};
	return host_begin(state);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, host_end)
	const struct CMUnitTest tests[] = {
		TEST(an_environment_that_carries_us_is_passed_on_as_it_is),
		TEST(another_copy_of_us_is_us),
		TEST(what_lacks_one_of_our_variables_gets_it_back),
		TEST(who_turned_us_off_for_the_child_is_obeyed),
		TEST(our_directory_without_its_key_will_not_do),
		TEST(another_machine_gets_no_library_of_ours),
		TEST(programs_that_hand_us_to_their_children_get_us),
		TEST(where_our_library_cannot_be_reached_it_is_not_asked_for),
		TEST(nothing_to_inject_needs_no_space),
		TEST(ours_are_added_behind_the_callers_entries),
		TEST(the_callers_own_strings_are_passed_on_untouched),
		TEST(we_go_first_and_the_others_keep_their_place_and_order),
		TEST(we_stand_in_it_once),
		TEST(of_two_preloads_the_loaders_choice_is_kept_once),
		TEST(the_callers_own_setting_of_ours_is_kept),
		TEST(removal_takes_us_out_and_nothing_else),
		TEST(a_sanitizers_runtime_goes_before_us),
		TEST(the_runtime_of_one_program_is_not_handed_to_the_next),
		TEST(a_runtime_that_the_user_asked_for_stays_in_front),
		TEST(a_runtime_that_is_in_front_is_not_added_again),
		TEST(what_was_added_is_taken_back_and_nothing_else),
		TEST(a_loader_that_only_lists_is_not_given_us),
		TEST(where_space_is_short_neither_variable_is_left),
		TEST(ten_thousand_entries_are_carried_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
