#include "recorder_host.h"

#include <elf.h>

#include "recorder/process/exec_target.h"
#include "recorder/lib/str.h"
#include "shared/sanitizer.h"

static struct exec_target target;

static enum kt_target kind(const char *path)
{
	memset(&target, 0x5a, sizeof target);
	exec_target_inspect(&target, AT_FDCWD, path, false, NULL);
	return target.kind;
}

static enum kt_target kind_along_path(const char *file)
{
	memset(&target, 0x5a, sizeof target);
	exec_target_inspect(&target, AT_FDCWD, file, true, NULL);
	return target.kind;
}

static const char *put(const char *name, const void *bytes, size_t n)
{
	const char *path = host_path(name);

	host_put(path, bytes, n, 0755);
	return path;
}

static const char *put_text(const char *name, const char *text)
{
	return put(name, text, strlen(text));
}

/* ---- programs made by hand */

struct program {
	Elf64_Ehdr header;
	Elf64_Phdr segment[3];
};

static struct program program(uint32_t second)
{
	struct program p = {
		.header = {.e_type = ET_DYN,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_phoff = sizeof(Elf64_Ehdr),
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = 3},
		.segment = {{.p_type = PT_PHDR},
			    {.p_type = second},
			    {.p_type = PT_LOAD}},
	};

	memcpy(p.header.e_ident, ELFMAG, SELFMAG);
	p.header.e_ident[EI_CLASS] = ELFCLASS64;
	p.header.e_ident[EI_DATA] = ELFDATA2LSB;
	return p;
}

static const char *put_program(const char *name, struct program p)
{
	return put(name, &p, sizeof p);
}

static void a_program_with_a_loader_is_dynamic(void **state)
{
	(void)state;
	assert_int_equal(kind("/proc/self/exe"), KT_TARGET_DYNAMIC);
	assert_int_equal(kind("/bin/sh"), KT_TARGET_DYNAMIC);
	assert_int_equal(kind(put_program("a", program(PT_INTERP))),
			 KT_TARGET_DYNAMIC);
	assert_string_equal(target.runtime, "");
}

static const char *put_with_loader(const char *name, const char *loader)
{
	struct {
		struct program p;
		char loader[64];
	} whole = {.p = program(PT_INTERP)};

	whole.p.segment[1].p_offset = sizeof whole.p;
	whole.p.segment[1].p_filesz = strlen(loader) + 1;
	strcpy(whole.loader, loader);
	return put(name, &whole, sizeof whole);
}

static void a_libc_is_known_by_the_name_of_its_loader(void **state)
{
	static const struct {
		const char *loader;
		enum kt_target kind;
	} table[] = {
		{"/lib64/ld-linux-x86-64.so.2", KT_TARGET_DYNAMIC},
		{"/nix/store/0-glibc-2.39/lib/ld-linux-x86-64.so.2",
		 KT_TARGET_DYNAMIC},
		{"/lib/ld-2.31.so", KT_TARGET_DYNAMIC},
		{"/lib/ld-musl-x86_64.so.1", KT_TARGET_DYNAMIC},
		{"/libexec/ld-elf.so.1", KT_TARGET_OTHER_LIBC},
		{"/opt/musl/lib/ld-other.so", KT_TARGET_OTHER_LIBC},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
		if (kind(put_with_loader("a", table[i].loader)) !=
		    table[i].kind)
			fail_msg("%s", table[i].loader);
}

static void a_program_without_one_is_static(void **state)
{
	(void)state;
	assert_int_equal(kind(put_program("a", program(PT_NOTE))),
			 KT_TARGET_STATIC);
	assert_int_equal(kind(put_program("b", program(PT_DYNAMIC))),
			 KT_TARGET_STATIC);
	assert_string_equal(target.runtime, "");
}

static void
a_program_of_32_bits_or_another_machine_is_of_another_class(void **state)
{
	struct program p = program(PT_INTERP);
	Elf32_Ehdr old = {.e_type = ET_EXEC, .e_machine = EM_386};

	(void)state;
	memcpy(old.e_ident, ELFMAG, SELFMAG);
	old.e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(kind(put("a", &old, sizeof old)),
			 KT_TARGET_OTHER_CLASS);
	p.header.e_machine = EM_AARCH64;
	assert_int_equal(kind(put_program("b", p)), KT_TARGET_OTHER_CLASS);
	p = program(PT_INTERP);
	p.header.e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(kind(put_program("c", p)), KT_TARGET_OTHER_CLASS);
	assert_int_equal(kind(put("d", &p, EI_CLASS)), KT_TARGET_UNKNOWN);
	p = program(PT_INTERP); /* torn */
	assert_int_equal(kind(put("e", &p, sizeof p.header - 1)),
			 KT_TARGET_UNKNOWN);
}

/* The name of the loader lies behind the first bytes of the file. */
static void a_distant_loader_is_read(void **state)
{
	struct {
		struct program p;
		char between[4096], loader[32];
	} far = {.p = program(PT_INTERP)};

	(void)state;
	far.p.segment[1].p_offset = (uintptr_t)far.loader - (uintptr_t)&far;
	far.p.segment[1].p_filesz = sizeof "/libexec/ld-elf.so.1";
	strcpy(far.loader, "/libexec/ld-elf.so.1");
	assert_int_equal(kind(put("a", &far, sizeof far)),
			 KT_TARGET_OTHER_LIBC);
	strcpy(far.loader, "/lib/ld-musl-x86.so.1");
	assert_int_equal(kind(put("b", &far, sizeof far)), KT_TARGET_DYNAMIC);
	far.p.segment[1].p_offset = 1 << 20; /* not there */
	assert_int_equal(kind(put("c", &far, sizeof far)), KT_TARGET_DYNAMIC);
}

static void headers_out_of_sight_are_taken_for_the_usual(void **state)
{
	struct program p = program(PT_NOTE);

	(void)state;
	p.header.e_phoff = 1 << 20;
	assert_int_equal(kind(put_program("a", p)), KT_TARGET_DYNAMIC);
	p.header.e_phoff = UINT64_MAX - 7;
	assert_int_equal(kind(put_program("b", p)), KT_TARGET_DYNAMIC);
}

static void a_damaged_program_harms_nobody(void **state)
{
	struct program whole = program(PT_DYNAMIC), p;
	unsigned seed = 1;

	(void)state;
	for (size_t n = 0; n <= sizeof whole; n++)
		assert_in_range(kind(put("a", &whole, n)), 0,
				KT_TARGET_COUNT - 1);
	for (int round = 0; round < 2000; round++) {
		p = whole;
		for (int i = 0; i < 4; i++)
			((uint8_t *)&p)[4 + (size_t)rand_r(&seed) %
						    (sizeof p - 4)] =
				(uint8_t)rand_r(&seed);
		assert_in_range(kind(put_program("a", p)), 0,
				KT_TARGET_COUNT - 1);
		assert_non_null(memchr(target.runtime, 0, RUNTIME_BYTES));
	}
}

/* ---- headers that moved, and a loader that is started by hand */

static void headers_behind_the_first_bytes_are_read(void **state)
{
	struct {
		struct program p;
		char between[4096];
		Elf64_Phdr segment[3];
	} moved = {.p = program(PT_NOTE)};

	(void)state;
	memcpy(moved.segment, moved.p.segment, sizeof moved.segment);
	memset(moved.p.segment, 0, sizeof moved.p.segment);
	moved.p.header.e_phoff = (uintptr_t)moved.segment - (uintptr_t)&moved;
	assert_int_equal(kind(put("a", &moved, sizeof moved)),
			 KT_TARGET_STATIC);
	moved.segment[1].p_type = PT_INTERP;
	assert_int_equal(kind(put("b", &moved, sizeof moved)),
			 KT_TARGET_DYNAMIC);
	moved.p.header.e_phnum = 65535; /* most of them are not there */
	assert_int_equal(kind(put("c", &moved, sizeof moved)),
			 KT_TARGET_DYNAMIC);
}

static enum kt_target kind_of_operand(const char *loader, char *const *argv)
{
	memset(&target, 0x5a, sizeof target);
	exec_target_inspect(&target, AT_FDCWD, loader, false, argv);
	return target.kind;
}

#define ARGUMENTS(...)                                                         \
	((char *[]){(char *)(uintptr_t) "ld.so", __VA_ARGS__, NULL})

static void of_a_loader_the_program_counts_that_it_is_told_to_run(void **state)
{
	static char sh[] = "/bin/sh", value[] = "/lib", dashes[] = "--",
		    path[] = "--library-path", name[] = "--argv0=odd",
		    list[] = "--list", none[] = "/no/such/program",
		    text[] = "/etc/passwd";
	const char *loader = put_program("ld.so", program(PT_DYNAMIC));

	(void)state;
	assert_int_equal(kind_of_operand(loader, ARGUMENTS(sh)),
			 KT_TARGET_DYNAMIC);
	assert_int_equal(kind_of_operand(loader, ARGUMENTS(path, value, sh)),
			 KT_TARGET_DYNAMIC);
	assert_int_equal(kind_of_operand(loader, ARGUMENTS(name, dashes, sh)),
			 KT_TARGET_DYNAMIC);
	assert_false(target.only_lists);
	assert_int_equal(kind_of_operand(loader, ARGUMENTS(list, sh)),
			 KT_TARGET_DYNAMIC);
	assert_true(target.only_lists);
	assert_int_equal(kind_of_operand(loader, ARGUMENTS(sh, list)),
			 KT_TARGET_DYNAMIC);
	assert_false(target.only_lists);
	assert_int_equal(kind_of_operand(loader, ARGUMENTS(none)),
			 KT_TARGET_STATIC);
	assert_int_equal(kind_of_operand(loader, ARGUMENTS(text)),
			 KT_TARGET_STATIC);
	assert_int_equal(kind_of_operand(loader, ARGUMENTS(path)),
			 KT_TARGET_STATIC);
	assert_int_equal(kind_of_operand(loader, NULL), KT_TARGET_STATIC);
	assert_int_equal(kind_of_operand("/bin/sh", ARGUMENTS(none)),
			 KT_TARGET_DYNAMIC);
}

/* ---- a sanitizer's runtime */

struct needing {
	struct program p;
	Elf64_Dyn dynamic[4];
	char strings[64];
};

static const char *put_needing(const char *first, const char *second)
{
	struct needing n = {.p = program(PT_INTERP)};

	n.p.segment[0] =
		(Elf64_Phdr){.p_type = PT_DYNAMIC,
			     .p_offset = offsetof(struct needing, dynamic)};
	n.p.segment[2] = (Elf64_Phdr){
		.p_type = PT_LOAD, .p_vaddr = 0x4000, .p_filesz = sizeof n};
	strcpy(n.strings + 1, first);
	strcpy(n.strings + 31, second);
	n.dynamic[0] = (Elf64_Dyn){.d_tag = DT_NEEDED, .d_un = {.d_val = 1}};
	n.dynamic[1] = (Elf64_Dyn){.d_tag = DT_NEEDED, .d_un = {.d_val = 31}};
	n.dynamic[2] = (Elf64_Dyn){
		.d_tag = DT_STRTAB,
		.d_un = {.d_ptr = 0x4000 + offsetof(struct needing, strings)}};
	return put("needing", &n, sizeof n);
}

static void a_runtime_that_must_come_first_is_named(void **state)
{
	(void)state;
	assert_int_equal(kind(put_needing("libasan.so.8", "libc.so.6")),
			 KT_TARGET_DYNAMIC);
	assert_string_equal(target.runtime, "libasan.so.8");
	kind(put_needing("libclang_rt.asan-x86_64.so", "libc.so.6"));
	assert_string_equal(target.runtime, "libclang_rt.asan-x86_64.so");
}

static void a_library_that_may_come_later_is_not(void **state)
{
	(void)state;
	kind(put_needing("libc.so.6", "libasan.so.8"));
	assert_string_equal(target.runtime, "");
	kind(put_needing("libtsan.so.2", "libc.so.6"));
	assert_string_equal(target.runtime, "");
	kind(put_needing("liblsan.so.0", "libc.so.6"));
	assert_string_equal(target.runtime, "");
	kind(put_needing("libasan", "libc.so.6"));
	assert_string_equal(target.runtime, "");
	kind(put_needing("", ""));
	assert_string_equal(target.runtime, "");
	assert_true(sanitizer_is_runtime("libclang_rt.asan-x86_64.so", 26));
	assert_false(sanitizer_is_runtime("libasan.so.8", 9));
	assert_true(sanitizer_is_runtime("libtsan.so", 10));
	assert_false(sanitizer_is_runtime("libsan.so.1", 11));
}

/* ---- scripts */

static void a_script_is_what_its_interpreter_is(void **state)
{
	char text[300];

	(void)state;
	assert_int_equal(kind(put_text("a", "#!/bin/sh\necho")),
			 KT_TARGET_DYNAMIC);
	assert_int_equal(kind(put_text("b", "#! \t/bin/sh -eu\n")),
			 KT_TARGET_DYNAMIC);
	assert_int_equal(kind(put_text("c", "#!/bin/sh")), KT_TARGET_DYNAMIC);
	snprintf(text, sizeof text, "#!%s\n",
		 put_program("static", program(PT_NOTE)));
	assert_int_equal(kind(put_text("d", text)), KT_TARGET_STATIC);
}

static void a_chain_of_scripts_is_followed_but_not_for_ever(void **state)
{
	char text[300];

	(void)state;
	put_text("1", "#!/bin/sh\n");
	for (int i = 2; i <= 4; i++) {
		char name[2] = {(char)('0' + i), '\0'},
		     last[2] = {(char)('0' + i - 1), '\0'};

		snprintf(text, sizeof text, "#!%s\n", host_path(last));
		assert_int_equal(kind(put_text(name, text)), KT_TARGET_DYNAMIC);
	}
	snprintf(text, sizeof text, "#!%s\n", host_path("self"));
	assert_int_equal(kind(put_text("self", text)), KT_TARGET_UNKNOWN);
}

static void a_script_without_a_usable_interpreter_is_unknown(void **state)
{
	char longer[400] = "#!/";

	(void)state;
	memset(longer + 3, 'x', 390);
	assert_int_equal(kind(put_text("a", "#!")), KT_TARGET_UNKNOWN);
	assert_int_equal(kind(put_text("b", "#!\n/bin/sh")), KT_TARGET_UNKNOWN);
	assert_int_equal(kind(put_text("c", "#!  \n")), KT_TARGET_UNKNOWN);
	assert_int_equal(kind(put_text("d", "#!/not/there\n")),
			 KT_TARGET_UNKNOWN);
	assert_int_equal(kind(put_text("e", "#!/bin/sh\r\n")),
			 KT_TARGET_UNKNOWN);
	assert_int_equal(kind(put_text("f", longer)), KT_TARGET_UNKNOWN);
}

/* ---- what is neither */

static void what_is_no_program_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(kind(put_text("a", "echo hello\n")),
			 KT_TARGET_UNKNOWN);
	assert_int_equal(kind(put_text("b", "")), KT_TARGET_UNKNOWN);
	assert_int_equal(kind(put_text("c", "#")), KT_TARGET_UNKNOWN);
	assert_int_equal(kind(host_dir), KT_TARGET_UNKNOWN);
	assert_int_equal(kind("/dev/null"), KT_TARGET_UNKNOWN);
}

static void what_is_not_there_is_missing(void **state)
{
	char below[300];

	(void)state;
	assert_int_equal(kind(host_path("nothing")), KT_TARGET_MISSING);
	snprintf(below, sizeof below, "%s/x", put_text("file", ""));
	assert_int_equal(kind(below), KT_TARGET_MISSING);
	assert_int_equal(symlink("nowhere", host_path("dangling")), 0);
	assert_int_equal(kind(host_path("dangling")), KT_TARGET_MISSING);
}

static void a_pipe_makes_nobody_wait(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(host_path("pipe"), 0755), 0);
	assert_int_equal(kind(host_path("pipe")), KT_TARGET_UNKNOWN);
}

static void look_as_nobody(void)
{
	should(!setresgid(65534, 65534, 65534) &&
	       !setresuid(65534, 65534, 65534));
	should(kind(host_path("secret")) == KT_TARGET_UNKNOWN);
	should(kind(host_path("set-id")) == KT_TARGET_SETUID);
	should(kind(host_path("plain")) == KT_TARGET_DYNAMIC);
}

static void what_may_be_run_but_not_read_is_unknown(void **state)
{
	struct program p = program(PT_INTERP);

	(void)state;
	if (geteuid())
		skip(); /* cannot become somebody else */
	host_put(host_path("secret"), &p, sizeof p, 0711);
	host_put(host_path("set-id"), &p, sizeof p, 04755);
	host_put(host_path("plain"), &p, sizeof p, 0755);
	chmod(host_dir, 0755);
	host_lives(look_as_nobody);
}

/* ---- set-id */

static void a_program_that_changes_the_user_is_setuid(void **state)
{
	const char *path = put_program("a", program(PT_INTERP));

	(void)state;
	if (geteuid())
		skip(); /* cannot give a file away */
	assert_int_equal(chown(path, 65534, 65534) | chmod(path, 04755), 0);
	assert_int_equal(kind(path), KT_TARGET_SETUID);
	assert_int_equal(chmod(path, 02755), 0);
	assert_int_equal(kind(path), KT_TARGET_SETUID);
	assert_int_equal(chmod(path, 02745), 0); /* mandatory locking */
	assert_int_equal(kind(path), KT_TARGET_DYNAMIC);
}

static void a_set_id_bit_that_changes_nothing_is_none(void **state)
{
	const char *path = put_program("a", program(PT_INTERP));

	(void)state;
	assert_int_equal(chmod(path, 06755), 0);
	assert_int_equal(kind(path), KT_TARGET_DYNAMIC);
}

static void a_script_changes_no_user(void **state)
{
	const char *path = put_text("a", "#!/bin/sh\n");

	(void)state;
	if (geteuid())
		skip(); /* cannot give a file away */
	assert_int_equal(chown(path, 65534, 65534) | chmod(path, 06755), 0);
	assert_int_equal(kind(path), KT_TARGET_DYNAMIC);
}

/* ---- where to look */

static void a_bare_name_is_searched_along_path(void **state)
{
	char path[300];

	(void)state;
	mkdir(host_path("one"), 0755);
	mkdir(host_path("two"), 0755);
	put_program("one/tool", program(PT_NOTE));
	chmod(host_path("one/tool"), 0644);
	put_program("two/tool", program(PT_INTERP));
	snprintf(path, sizeof path, "PATH=/not/there:%s/one:%s/two", host_dir,
		 host_dir);
	environ = HOST_ENV(path);
	assert_int_equal(kind_along_path("tool"), KT_TARGET_DYNAMIC);
	chmod(host_path("one/tool"), 0755);
	assert_int_equal(kind_along_path("tool"), KT_TARGET_STATIC);
	assert_int_equal(kind_along_path("tools"), KT_TARGET_MISSING);
	assert_int_equal(kind_along_path("one"), KT_TARGET_MISSING);
	assert_int_equal(kind("tool"), KT_TARGET_MISSING);
	assert_int_equal(kind_along_path("/bin/sh"), KT_TARGET_DYNAMIC);
}

static void without_a_path_the_usual_places_are_searched(void **state)
{
	(void)state;
	environ = HOST_ENV("A=1");
	assert_int_equal(kind_along_path("sh"), KT_TARGET_DYNAMIC);
	environ = HOST_ENV("PATH=");
	assert_int_equal(kind_along_path("sh"), KT_TARGET_MISSING);
	environ = NULL;
	assert_int_equal(kind_along_path("sh"), KT_TARGET_DYNAMIC);
}

static void an_empty_part_of_path_is_the_working_directory(void **state)
{
	char *before = getcwd(NULL, 0);

	(void)state;
	put_program("tool", program(PT_INTERP));
	assert_int_equal(chdir(host_dir), 0);
	environ = HOST_ENV("PATH=/not/there::/nor/here");
	assert_int_equal(kind_along_path("tool"), KT_TARGET_DYNAMIC);
	assert_int_equal(chdir(before), 0);
	free(before);
}

static void a_hostile_path_harms_nobody(void **state)
{
	char *path = host_map(8192), *name = host_map(8192);

	(void)state;
	memset(path, 'x', 6000);
	memcpy(path, "PATH=", 5);
	path[700] = ':';
	strcpy(path + 6000, ":/bin");
	memset(name, 'y', 3000);
	environ = HOST_ENV(path);
	assert_int_equal(kind_along_path("sh"), KT_TARGET_DYNAMIC);
	assert_int_equal(kind_along_path(name), KT_TARGET_MISSING);
}

static void a_path_may_be_relative_to_a_directory(void **state)
{
	int dir = open(host_dir, O_RDONLY | O_DIRECTORY);

	(void)state;
	put_program("tool", program(PT_NOTE));
	exec_target_inspect(&target, dir, "tool", false, NULL);
	assert_int_equal(target.kind, KT_TARGET_STATIC);
	close(dir);
}

static void the_file_may_be_a_descriptor_itself(void **state)
{
	int fd = open("/bin/sh", O_RDONLY);

	(void)state;
	exec_target_inspect(&target, fd, NULL, false, NULL);
	assert_int_equal(target.kind, KT_TARGET_DYNAMIC);
	exec_target_inspect(&target, fd, "", true, NULL);
	assert_int_equal(target.kind, KT_TARGET_DYNAMIC);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	close(fd);
	exec_target_inspect(&target, fd, NULL, false, NULL);
	assert_int_equal(target.kind, KT_TARGET_UNKNOWN);
	fd = open(put_text("script", "#!/bin/sh\n"), O_RDONLY);
	exec_target_inspect(&target, fd, NULL, false, NULL);
	assert_int_equal(target.kind, KT_TARGET_DYNAMIC);
	close(fd);
}

static void no_descriptor_is_kept(void **state)
{
	int before = dup(0), after;

	(void)state;
	kind("/bin/sh");
	kind(put_text("a", "#!/bin/sh\n"));
	kind(host_path("nothing"));
	after = dup(0);
	assert_int_equal(after, before + 1);
	close(before);
	close(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(a_program_with_a_loader_is_dynamic),
		HOST_TEST(a_libc_is_known_by_the_name_of_its_loader),
		HOST_TEST(a_distant_loader_is_read),
		HOST_TEST(a_program_without_one_is_static),
		HOST_TEST(
			a_program_of_32_bits_or_another_machine_is_of_another_class),
		HOST_TEST(headers_out_of_sight_are_taken_for_the_usual),
		HOST_TEST(a_damaged_program_harms_nobody),
		HOST_TEST(headers_behind_the_first_bytes_are_read),
		HOST_TEST(
			of_a_loader_the_program_counts_that_it_is_told_to_run),
		HOST_TEST(a_runtime_that_must_come_first_is_named),
		HOST_TEST(a_library_that_may_come_later_is_not),
		HOST_TEST(a_script_is_what_its_interpreter_is),
		HOST_TEST(a_chain_of_scripts_is_followed_but_not_for_ever),
		HOST_TEST(a_script_without_a_usable_interpreter_is_unknown),
		HOST_TEST(what_is_no_program_is_unknown),
		HOST_TEST(what_is_not_there_is_missing),
		HOST_TEST(a_pipe_makes_nobody_wait),
		HOST_TEST(what_may_be_run_but_not_read_is_unknown),
		HOST_TEST(a_program_that_changes_the_user_is_setuid),
		HOST_TEST(a_set_id_bit_that_changes_nothing_is_none),
		HOST_TEST(a_script_changes_no_user),
		HOST_TEST(a_bare_name_is_searched_along_path),
		HOST_TEST(without_a_path_the_usual_places_are_searched),
		HOST_TEST(an_empty_part_of_path_is_the_working_directory),
		HOST_TEST(a_hostile_path_harms_nobody),
		HOST_TEST(a_path_may_be_relative_to_a_directory),
		HOST_TEST(the_file_may_be_a_descriptor_itself),
		HOST_TEST(no_descriptor_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
