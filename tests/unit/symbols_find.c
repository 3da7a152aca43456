#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "symbols/demangle.h"
#include "symbols/elfutils.h"
#include "symbols/location.h"
#include "symbols/symbols.h"

/* Places in this very program, as a trace would have them. */

static struct arena *arena;
static struct trace t;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	t = (struct trace){.events = TAKE(arena, struct event, 64)};
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct event *add(enum kt_event kind, uint64_t time)
{
	struct event *e = &t.events[t.n++];

	*e = (struct event){
		.kind = kind, .t = time, .image = STR("7.1"), .n = 1};
	return e;
}

static struct event *birth(void)
{
	struct event *e = add(KT_BIRTH, 1);

	e->wall = UINT64_C(4102444800000); /* later than this was built */
	e->cwd = STR("/");
	return e;
}

static const char *own_path(void)
{
	char *path = realpath("/proc/self/exe", NULL);
	struct str kept = arena_print(arena, "%s", path);

	free(path);
	return kept.at;
}

static struct str at(uint64_t offset)
{
	return arena_print(arena, "%s+0x%llx", own_path(),
			   (unsigned long long)offset);
}

static int some_function(int x)
{
	return x * 3;
}
enum { ITS_LINE = __LINE__ - 4 };

static uint64_t its_offset(void)
{
	Dl_info info;

	assert_int_not_equal(dladdr((void *)(uintptr_t)some_function, &info),
			     0);
	return (uintptr_t)some_function - (uintptr_t)info.dli_fbase;
}

/* The build-id of this program, or none: from elfutils itself. */
static void module_told(void)
{
	static const char *const digits = "0123456789abcdef";
	struct event *e = add(KT_MODULE, 1);
	FILE *notes =
		popen(arena_print(arena, "readelf -n %s", own_path()).at, "r");
	char line[256];

	assert_non_null(notes);
	e->path = str_of(own_path());
	while (fgets(line, sizeof line, notes)) {
		const char *id = strstr(line, "Build ID: ");

		if (id)
			e->build = arena_print(arena, "%.*s",
					       (int)strspn(id + 10, digits),
					       id + 10);
	}
	pclose(notes);
	t.modules = e;
	t.n_modules = 1;
}

static struct event *read_at(struct str location)
{
	struct event *e = add(KT_READ, 5);

	e->at = location;
	return e;
}

static void assert_text(struct str got, const char *wanted)
{
	if (!str_eq(got, str_of(wanted)))
		fail_msg("%.*s, wanted %s", STR_FMT(got), wanted);
}

static void an_address_becomes_function_file_and_line(void **state)
{
	const char *colon;
	struct event *e;

	(void)state;
	assert_int_equal(some_function(2), 6);
	birth();
	module_told();
	e = read_at(at(its_offset()));
	symbols_resolve(arena, &t);
	assert_text(e->symbol_in, "some_function");
	colon = memchr(e->symbol_site.at, ':', e->symbol_site.len);
	assert_non_null(colon);
	assert_in_range(atoi(colon + 1), ITS_LINE, ITS_LINE + 2);
	assert_memory_equal(colon - 14, "symbols_find.c", 14);
	assert_int_equal(e->symbol_site.at[0], '/');
	assert_true(e->symbolized_here);
	assert_int_equal(e->stack.n, 0);
}

static void another_build_id_is_another_program(void **state)
{
	struct event *e;

	(void)state;
	birth();
	module_told();
	((struct event *)(uintptr_t)t.modules)->build = STR("00c0ffee");
	e = read_at(at(its_offset()));
	symbols_resolve(arena, &t);
	assert_int_equal(e->symbol_site.len, 0);
	assert_false(e->symbolized_here);
	assert_text(event_site(e), e->at.at);
}

/* Each told when it was loaded; the first also holds for a moment before. */
static void of_a_file_that_changed_the_build_of_the_time_counts(void **state)
{
	struct event modules[2], *early, *late;

	(void)state;
	birth();
	module_told();
	modules[0] = modules[1] = *t.modules;
	modules[0].t = 10;
	modules[1].t = 20;
	modules[1].build = STR("00c0ffee");
	t.modules = modules;
	t.n_modules = 2;
	early = read_at(at(its_offset()));
	late = read_at(at(its_offset()));
	late->t = 20;
	symbols_resolve(arena, &t);
	assert_text(early->symbol_in, "some_function");
	assert_int_equal(late->symbol_site.len, 0);
}

static void what_is_named_by_the_trace_stays(void **state)
{
	struct event *e;

	(void)state;
	birth();
	module_told();
	e = read_at(at(its_offset()));
	e->site = STR("app.py:3");
	symbols_resolve(arena, &t);
	assert_text(e->site, "app.py:3");
	assert_false(e->symbolized_here);
}

/* Of a packed trace, where the site could not be found and others could. */
static void a_stack_that_is_told_stays(void **state)
{
	static struct str words[] = {{"env+0x3032", 10}}, frames[4];
	struct event *e;

	(void)state;
	birth();
	module_told();
	e = read_at(at(its_offset()));
	for (int i = 0; i < 4; i++)
		frames[i] = e->at;
	e->frames = (struct strs){frames, 4};
	e->stack = (struct strs){words, 1};
	symbols_resolve(arena, &t);
	assert_int_equal(e->stack.n, 1);
	assert_text(e->stack.at[0], "env+0x3032");
	assert_false(e->symbolized_here);
}

static void frames_become_a_stack_and_libc_is_passed_over(void **state)
{
	static struct str frames[3];
	struct event *e;

	(void)state;
	birth();
	module_told();
	frames[0] = STR("/lib/libc.so.6+0x10");
	frames[1] = at(its_offset());
	frames[2] = STR("+0xffffffffff");
	e = read_at(frames[0]);
	e->frames = (struct strs){frames + 1, 2};
	symbols_resolve(arena, &t);
	assert_text(e->symbol_in, "some_function");
	assert_int_equal(e->stack.n, 3);
	assert_text(e->stack.at[0], "/lib/libc.so.6+0x10");
	assert_non_null(memmem(e->stack.at[1].at, e->stack.at[1].len,
			       "some_function /", 15));
	assert_text(e->stack.at[2],
		    arena_print(arena, "%s+0xffffffffff", own_path()).at);
}

static void where_all_is_libcs_its_caller_stands(void **state)
{
	struct event *e;

	(void)state;
	birth();
	e = read_at(STR("/lib/no/libc.so.6+0x10"));
	symbols_resolve(arena, &t);
	assert_int_equal(e->symbol_site.len, 0);
}

static void nonsense_is_no_place(void **state)
{
	static const char *const nonsense[] = {
		"",	      "+",
		"+0x",	      "x",
		"/bin/sh",    "/bin/sh+0xg",
		"/bin/sh+12", "+0x12",
		"/bin/sh+0x", "/bin/sh+0x11111111111111111"};

	(void)state;
	birth();
	for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
		read_at(str_of(nonsense[i]));
	symbols_resolve(arena, &t);
	for (size_t i = 0; i < t.n; i++)
		assert_int_equal(t.events[i].symbol_site.len, 0);
}

static void a_trace_without_places_asks_nobody(void **state)
{
	(void)state;
	symbols_resolve(arena, &t);
	birth();
	symbols_resolve(arena, &t);
}

static void an_open_file_answers_and_others_do_not_open(void **state)
{
	struct object object = {
		.path = own_path(), .build = STR(""), .wall = UINT64_MAX};
	struct elf *e;

	(void)state;
	module_told();
	object.build = t.modules->build;
	e = elf_open(arena, &object);
	assert_non_null(e);
	assert_null(elf_scopes(e, UINT64_MAX));
	elf_close(e);
	object.build = STR("0123");
	assert_null(elf_open(arena, &object));
	object.build = STR("/../../../../etc/passwd");
	assert_null(elf_open(arena, &object));
	object.path = "/etc/passwd";
	assert_null(elf_open(arena, &object));
	elf_close(NULL);
}

static void names_are_told_as_they_were_written(void **state)
{
	static const char *const names[][2] = {
		{"main", "main"},
		{"_ZN4shop6Config4loadERKSs", "shop::Config::load"},
		{"_ZN3app4load17h0123456789abcdefE", "app::load"},
		{"_RNvCs1234_7mycrate3foo", "mycrate::foo"},
		{"_Z", "_Z"},
		{"_RNvCs", "_RNvCs"},
		{"", ""}};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_text(demangle(arena, names[i][0]), names[i][1]);
}

static void wrappers_are_libc_and_the_runtimes(void **state)
{
	struct scope s = {.function = STR("load")};

	(void)state;
	assert_true(
		is_library_frame(STR("/lib/x86_64-linux-gnu/libc.so.6"), NULL));
	assert_true(is_library_frame(STR("ld-linux-x86-64.so.2"), NULL));
	assert_false(is_library_frame(STR("/opt/libcurl.so.4"), NULL));
	assert_true(is_library_frame(STR("/usr/lib/libcurl.so.4"), NULL));
	assert_false(is_library_frame(STR("/usr/lib/app/server"), NULL));
	assert_false(is_library_frame(STR("/opt/app"), &s));
	assert_false(is_library_frame(STR(""), NULL));
	s.function = STR("std::env::var");
	assert_true(is_library_frame(STR("/opt/app"), &s));
	s = (struct scope){.function = STR("f"), .file = STR("/rustc/0/x.rs")};
	assert_true(is_library_frame(STR("/opt/app"), &s));
	s.function = STR("app::load");
	assert_false(is_library_frame(STR("/opt/app"), &s));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(an_address_becomes_function_file_and_line),
		TEST(another_build_id_is_another_program),
		TEST(of_a_file_that_changed_the_build_of_the_time_counts),
		TEST(what_is_named_by_the_trace_stays),
		TEST(a_stack_that_is_told_stays),
		TEST(frames_become_a_stack_and_libc_is_passed_over),
		TEST(where_all_is_libcs_its_caller_stands),
		TEST(nonsense_is_no_place),
		TEST(a_trace_without_places_asks_nobody),
		TEST(an_open_file_answers_and_others_do_not_open),
		TEST(names_are_told_as_they_were_written),
		TEST(wrappers_are_libc_and_the_runtimes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
