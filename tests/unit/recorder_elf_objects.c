#include "recorder_host.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>

#include "recorder/lib/elf_objects.h"
#include "recorder/hooks/real.h"
#include "recorder/lib/str.h"

static void *find(const char *name)
{
	struct wanted wanted = {.place = 0};
	void *found = NULL;

	strcpy(wanted.name, name);
	elf_after_us(&wanted, 1, &found);
	return found;
}

/* Each has an old version in glibc, kept only for old programs. */
static void finds_the_default_version_and_not_a_hidden_old_one(void **state)
{
	static const struct {
		const char *name, *old;
	} versioned[] = {
		{"posix_spawn", "GLIBC_2.2.5"}, {"posix_spawnp", "GLIBC_2.2.5"},
		{"realpath", "GLIBC_2.2.5"},	{"regexec", "GLIBC_2.2.5"},
		{"nftw", "GLIBC_2.2.5"},
	};
	size_t with_old_version = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(versioned); i++) {
		void *old =
			dlvsym(RTLD_NEXT, versioned[i].name, versioned[i].old);

		assert_ptr_equal(find(versioned[i].name),
				 dlsym(RTLD_NEXT, versioned[i].name));
		if (old) {
			assert_ptr_not_equal(find(versioned[i].name), old);
			with_old_version++;
		}
	}
	if (!with_old_version)
		skip(); /* a libc without a past */
}

static void finds_what_every_hook_stands_for(void **state)
{
	static const char *const names[] = {
#define HOOK(function, event) #function,
#include "recorder/hooks/hooks.def"
#undef HOOK
	};
	void *const *found = (void *const *)&real;

	(void)state;
	real_find();
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		real_find_later(i, i); /* at the start, or only now */
		if (found[i] != dlsym(RTLD_NEXT, names[i]))
			fail_msg("%s", names[i]);
		assert_ptr_equal(find(names[i]), found[i]);
	}
}

static void what_nobody_defines_is_not_found(void **state)
{
	(void)state;
	assert_null(find("no_such_symbol"));
	assert_null(find(""));
	assert_null(find("environ_"));
}

static void a_place_that_is_filled_stays_as_it_is(void **state)
{
	static const struct wanted wanted[] = {{"fork", 1}, {"getenv", 0}};
	char mine;
	void *found[2] = {&mine, NULL};

	(void)state;
	elf_after_us(wanted, 2, found);
	assert_ptr_equal(found[0], &mine);
	assert_ptr_equal(found[1], dlsym(RTLD_NEXT, "fork"));
}

static void our_own_functions_are_passed_over(void **state)
{
	(void)state;
	assert_null(find("main"));
	assert_null(find("elf_start"));
}

static void a_module_is_named_with_the_base_it_was_moved_by(void **state)
{
	struct module m;
	Dl_info info;

	(void)state;
	assert_true(elf_module((void *)(uintptr_t)fclose, &m));
	assert_non_null(strstr(m.name, "/lib"));
	assert_int_not_equal(dladdr((void *)(uintptr_t)fclose, &info), 0);
	assert_int_equal((uintptr_t)info.dli_fbase, m.base);
	assert_in_range((uintptr_t)fclose, m.from, m.to);
	assert_true(elf_module((void *)(uintptr_t)find, &m));
	assert_string_equal(m.name, "");
	assert_int_not_equal(dladdr((void *)(uintptr_t)find, &info), 0);
	assert_int_equal((uintptr_t)info.dli_fbase, m.base);
}

static void code_that_no_module_owns_has_no_name(void **state)
{
	void *made = host_map(4096);
	struct module m = {"untouched", 7, 7, 7, NULL};
	int local;

	(void)state;
	assert_false(elf_module(made, &m));
	assert_false(elf_module(&local, &m));
	assert_false(elf_module(NULL, &m));
	assert_false(elf_module((void *)UINTPTR_MAX, &m));
	assert_string_equal(m.name, "untouched");
	assert_int_equal(m.base, 7);
}

static void a_library_that_came_later_is_named_too(void **state)
{
	void *library = dlopen("libm.so.6", RTLD_NOW);
	struct module m;

	(void)state;
	if (!library)
		skip(); /* no second library here */
	assert_true(elf_module(dlsym(library, "cos"), &m) ||
		    elf_module(dlsym(library, "nan"), &m));
	assert_non_null(strstr(m.name, "/lib"));
	dlclose(library);
}

static void parts_of_a_module_lie_within_it(void **state)
{
	const uint8_t *id, *unwind;
	struct module m;
	size_t size = 0;

	(void)state;
	assert_true(elf_module((void *)(uintptr_t)fclose, &m));
	assert_in_range(elf_build_id(&m, &id), 4, BUILD_ID_BYTES);
	assert_in_range((uintptr_t)id, m.from, m.to);
	unwind = elf_part(&m, PT_GNU_EH_FRAME, &size);
	assert_in_range((uintptr_t)unwind, m.from, m.to);
	assert_int_equal(unwind[0], 1); /* the only version there is */
	assert_null(elf_part(&m, PT_LOPROC, &size));
}

static void what_is_no_module_has_no_parts(void **state)
{
	ElfW(Ehdr) *header = host_map(8192);
	struct module m = {"lib", (uintptr_t)header, (uintptr_t)header,
			   (uintptr_t)header + 8192, NULL};
	ElfW(Phdr) *part = (void *)(header + 1);
	uint32_t note[4] = {400, 20, NT_GNU_BUILD_ID};
	const uint8_t *id;
	size_t size;

	(void)state;
	assert_int_equal(elf_build_id(&m, &id), 0);
	memcpy(header->e_ident, ELFMAG, SELFMAG);
	header->e_phoff = 4095;
	header->e_phnum = 65535;
	assert_int_equal(elf_build_id(&m, &id), 0);
	header->e_phoff = sizeof *header;
	header->e_phnum = 1;
	*part = (ElfW(Phdr)){.p_type = PT_NOTE, .p_vaddr = 8191, .p_memsz = 2};
	assert_null(elf_part(&m, PT_NOTE, &size));
	assert_int_equal(elf_build_id(&m, &id), 0);
	part->p_vaddr = 4096;
	part->p_memsz = sizeof note;
	memcpy((char *)header + 4096, note, sizeof note);
	assert_int_equal(elf_build_id(&m, &id), 0);
}

static void the_auxiliary_vector_is_found_behind_the_environment(void **state)
{
	(void)state;
	assert_null(elf_random());
	elf_start(NULL);
	assert_null(elf_exec_name());
	assert_null(elf_in_vdso("__vdso_clock_gettime"));
	elf_start(environ);
	assert_ptr_equal(elf_random(), (void *)getauxval(AT_RANDOM));
	assert_ptr_equal(elf_exec_name(), (void *)getauxval(AT_EXECFN));
}

static void a_symbol_of_any_length_is_found_where_it_is_defined(void **state)
{
	(void)state;
	assert_ptr_equal(elf_symbol("getenv"), dlsym(RTLD_DEFAULT, "getenv"));
	assert_ptr_equal(elf_symbol("_IO_2_1_stdout_"),
			 dlsym(RTLD_DEFAULT, "_IO_2_1_stdout_"));
	assert_null(elf_symbol("_ZN4node12RealEnvStore6DeleteEPN2v87Isolate"
			       "ENS1_5LocalINS1_6StringEEE"));
}

static char written[] = "the main program's";

static void the_loader_says_who_may_write_where(void **state)
{
	static const char *const pointers[] = {
		written}; /* relocated, then sealed */

	(void)state;
	elf_start(environ);
	assert_int_equal(elf_protection(written), PROT_READ | PROT_WRITE);
	assert_int_equal(elf_protection("a word") & PROT_WRITE, 0);
	assert_int_equal(elf_protection((void *)(uintptr_t)find) & PROT_EXEC,
			 PROT_EXEC);
	assert_int_equal(elf_protection(pointers) & PROT_READ, PROT_READ);
	assert_int_equal(elf_protection(host_map(4096)), -1);
	assert_int_equal(elf_protection(NULL), -1);
}

static void of_a_library_only_where_the_loader_can_be_asked(void **state)
{
	int protection = elf_protection(dlsym(RTLD_DEFAULT, "fclose"));

	(void)state;
	elf_start(environ);
	if (dlsym(RTLD_DEFAULT, "_dl_find_object"))
		assert_int_equal(protection, PROT_READ | PROT_EXEC);
	else
		assert_int_equal(protection, -1);
}

static void the_main_program_is_us_here(void **state)
{
	(void)state;
	assert_string_equal(elf_own_path(), "");
}

static void a_symbol_of_the_vdso_is_found_in_memory(void **state)
{
	int (*clock)(clockid_t, struct timespec *);
	struct timespec ts = {0};

	(void)state;
	if (!getauxval(AT_SYSINFO_EHDR))
		skip(); /* none here */
	elf_start(environ);
	clock = (int (*)(clockid_t, struct timespec *))(uintptr_t)elf_in_vdso(
		"__vdso_clock_gettime");
	assert_non_null(clock);
	assert_int_equal(clock(CLOCK_MONOTONIC, &ts), 0);
	assert_true(ts.tv_sec || ts.tv_nsec);
	assert_null(elf_in_vdso("__vdso_no_such_thing"));
}

/* An environment that is empty, and one entry of an auxiliary vector. */
static void start_with(ElfW(auxv_t) entry)
{
	struct {
		char *environment[1];
		ElfW(auxv_t) vector[2];
	} stack = {{NULL}, {entry, {AT_NULL, {0}}}};

	elf_start(stack.environment);
}

static void
a_loader_that_the_kernel_did_not_choose_was_started_by_hand(void **state)
{
	(void)state;
	elf_start(environ);
	assert_int_equal(elf_is_by_hand(), !getauxval(AT_BASE));
	start_with((ElfW(auxv_t)){AT_BASE, {0}});
	assert_true(elf_is_by_hand());
	start_with((ElfW(auxv_t)){AT_BASE, {4096}});
	assert_false(elf_is_by_hand());
	elf_start(environ);
}

static void the_main_program_is_where_its_own_code_is(void **state)
{
	struct module program, here;

	(void)state;
	assert_true(elf_module(elf_program(), &program));
	assert_true(elf_module((void *)(uintptr_t)find, &here));
	assert_string_equal(program.name, here.name);
	assert_int_equal(program.base, here.base);
}

/* ---- headers that are wrong */

/* Headers of a main program that nobody loaded: only its notes matter. */
static bool is_go_with(const ElfW(Phdr) * headers, size_t count)
{
	struct {
		char *environment[1];
		ElfW(auxv_t) vector[3];
	} stack = {{NULL},
		   {{AT_PHDR, {(uintptr_t)headers}},
		    {AT_PHNUM, {count}},
		    {AT_NULL, {0}}}};
	bool is_go;

	elf_start(stack.environment);
	is_go = elf_program_is_go();
	elf_start(environ);
	return is_go;
}

static const struct {
	ElfW(Nhdr) head;
	char name[4], id[4];
} go_note = {{4, 4, 4}, "Go\0", "abcd"};

static uint64_t offset_of_note(void)
{
	struct module m;

	assert_true(elf_module((void *)(uintptr_t)find, &m));
	return (uintptr_t)&go_note - m.base;
}

static void a_go_program_is_known_by_a_note_that_is_loaded(void **state)
{
	uint64_t at = offset_of_note();
	ElfW(Phdr) headers[] = {
		{.p_type = PT_NOTE, .p_vaddr = at, .p_memsz = sizeof go_note},
		{.p_type = PT_LOAD,
		 .p_flags = PF_R,
		 .p_vaddr = at,
		 .p_memsz = sizeof go_note},
	};

	(void)state;
	assert_true(is_go_with(headers, 2));
	assert_false(is_go_with(headers, 1));
	headers[1].p_flags = PF_X;
	assert_false(is_go_with(headers, 2));
	headers[1].p_flags = PF_R;
	headers[0].p_memsz = UINT64_MAX; /* as far as is loaded */
	assert_true(is_go_with(headers, 2));
	headers[0].p_memsz = sizeof go_note - 1;
	assert_false(is_go_with(headers, 2));
}

static void notes_that_are_nowhere_harm_nobody(void **state)
{
	static const uint64_t places[] = {
		0, 1, 0x70000000, 1ul << 46, UINT64_MAX - 4095, UINT64_MAX};
	uint64_t at = offset_of_note();
	unsigned seed = 1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(places); i++)
		for (size_t j = 0; j < ARRAY_LENGTH(places); j++) {
			ElfW(Phdr) headers[] = {
				{.p_type = PT_NOTE,
				 .p_vaddr = places[i],
				 .p_memsz = places[j]},
				{.p_type = PT_LOAD,
				 .p_flags = PF_R,
				 .p_vaddr = at,
				 .p_memsz = sizeof go_note},
			};

			if (places[i] - at >= sizeof go_note)
				assert_false(is_go_with(headers, 2));
		}
	for (int round = 0; round < 20000; round++) {
		ElfW(Phdr) headers[2];

		for (size_t i = 0; i < sizeof headers; i++)
			((uint8_t *)headers)[i] = (uint8_t)rand_r(&seed);
		headers[0].p_type = PT_NOTE;
		headers[0].p_align = 4;
		headers[1].p_type = round % 2 ? PT_NULL : PT_LOAD;
		headers[1].p_flags = round % 4 == 2 ? PF_R : PF_W;
		headers[1].p_vaddr = at;
		headers[1].p_memsz = sizeof go_note;
		is_go_with(headers, 2);
	}
}

static void tables_that_moved_out_of_the_first_page_are_not_read(void **state)
{
	ElfW(Ehdr) *header = host_map(4096);

	(void)state;
	memcpy(header->e_ident, ELFMAG, SELFMAG);
	header->e_phnum = 9;
	for (int bit = 0; bit < 64; bit++) {
		header->e_phoff = 1ul << bit;
		start_with(
			(ElfW(auxv_t)){AT_SYSINFO_EHDR, {(uintptr_t)header}});
		assert_null(elf_in_vdso("__vdso_clock_gettime"));
	}
	header->e_phoff = 4096 - 9 * sizeof(ElfW(Phdr)) + 1;
	assert_null(elf_in_vdso("__vdso_clock_gettime"));
	elf_start(environ);
}

static void a_symbol_of_one_module_is_found_by_its_dynamic_section(void **state)
{
	struct module m, none = {"lib", 0, 0, 0, NULL};

	(void)state;
	assert_true(elf_module((void *)(uintptr_t)fclose, &m));
	assert_ptr_equal(elf_in(&m, "fclose"), dlsym(RTLD_NEXT, "fclose"));
	assert_null(elf_in(&m, "no_such_symbol"));
	assert_null(elf_in(&none, "fclose"));
}

static bool clocks_agree(void)
{
	struct timespec before, after;
	uint64_t t;

	clock_gettime(CLOCK_MONOTONIC, &before);
	t = now();
	clock_gettime(CLOCK_MONOTONIC, &after);
	return t >= (uint64_t)before.tv_sec * 1000000000u +
			       (uint64_t)before.tv_nsec &&
	       t <= (uint64_t)after.tv_sec * 1000000000u +
			       (uint64_t)after.tv_nsec;
}

static void our_clock_is_the_kernels_with_a_vdso_and_without(void **state)
{
	uint64_t seconds = (uint64_t)time(NULL);

	(void)state;
	start_with((ElfW(auxv_t)){AT_SYSINFO_EHDR, {0}});
	clock_start();
	assert_true(clocks_agree());
	elf_start(environ);
	clock_start();
	assert_true(clocks_agree());
	assert_in_range(wall_ms(), seconds * 1000, seconds * 1000 + 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_auxiliary_vector_is_found_behind_the_environment),
		cmocka_unit_test(
			finds_the_default_version_and_not_a_hidden_old_one),
		cmocka_unit_test(finds_what_every_hook_stands_for),
		cmocka_unit_test(what_nobody_defines_is_not_found),
		cmocka_unit_test(a_place_that_is_filled_stays_as_it_is),
		cmocka_unit_test(our_own_functions_are_passed_over),
		cmocka_unit_test(
			a_module_is_named_with_the_base_it_was_moved_by),
		cmocka_unit_test(code_that_no_module_owns_has_no_name),
		cmocka_unit_test(a_library_that_came_later_is_named_too),
		cmocka_unit_test(
			a_symbol_of_any_length_is_found_where_it_is_defined),
		cmocka_unit_test(the_loader_says_who_may_write_where),
		cmocka_unit_test(
			of_a_library_only_where_the_loader_can_be_asked),
		cmocka_unit_test(
			a_loader_that_the_kernel_did_not_choose_was_started_by_hand),
		cmocka_unit_test(the_main_program_is_where_its_own_code_is),
		cmocka_unit_test(
			a_go_program_is_known_by_a_note_that_is_loaded),
		cmocka_unit_test(notes_that_are_nowhere_harm_nobody),
		cmocka_unit_test(
			tables_that_moved_out_of_the_first_page_are_not_read),
		cmocka_unit_test(
			a_symbol_of_one_module_is_found_by_its_dynamic_section),
		cmocka_unit_test(parts_of_a_module_lie_within_it),
		cmocka_unit_test(what_is_no_module_has_no_parts),
		cmocka_unit_test(the_main_program_is_us_here),
		cmocka_unit_test(a_symbol_of_the_vdso_is_found_in_memory),
		cmocka_unit_test(
			our_clock_is_the_kernels_with_a_vdso_and_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
