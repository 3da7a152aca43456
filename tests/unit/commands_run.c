#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/outfile.h"
#include "commands/run/run_child.h"
#include "commands/run/run_dir.h"
#include "host/executable_file.h"
#include "commands/run/run_target.h"

static struct arena *arena;
static char dir[] = "/tmp/keytrail-test-XXXXXX";

static int setup(void **state)
{
	(void)state;
	strcpy(dir + sizeof dir - 7, "XXXXXX");
	return !mkdtemp(dir);
}

static int teardown(void **state)
{
	(void)state;
	return system(arena_print(arena, "rm -rf %s", dir).at);
}

static const char *in_dir(const char *name)
{
	return arena_print(arena, "%s/%s", dir, name).at;
}

static enum kt_target kind_of(const char *command)
{
	char *const argv[] = {(char *)(uintptr_t)command, NULL};

	return run_target_of(argv).kind;
}

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC, 0700);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fchmod(fd, mode);
	close(fd);
}

/* --- run_child ---------------------------------------------------------- */

static struct child run(const char *command, const char *option,
			const char *argument, const char *file)
{
	const char *const words[] = {command, option, argument, file, NULL};
	char *argv[5];
	struct child c = {0};

	memcpy(argv, words, sizeof argv);
	child_prepare(&c);
	assert_true(child_start(&c, argv, environ));
	child_wait(&c, NULL);
	child_release(&c);
	sigaction(SIGXFSZ, &c.on_full_file, NULL);
	return c;
}

static struct child run_shell(const char *script)
{
	return run("sh", "-c", script, NULL);
}

static bool own_status_has(const char *pattern)
{
	return !run("grep", "-q", pattern, "/proc/self/status").status;
}

static void the_status_is_the_commands_own(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(run_shell("exit 7").status), 7);
	assert_int_equal(WTERMSIG(run_shell("kill -9 $$").status), 9);
}

static void what_cannot_be_started_says_why(void **state)
{
	(void)state;
	assert_int_equal(run("no-such-command", NULL, NULL, NULL).exec_error,
			 ENOENT);
	put("plain", "text", 0600);
	assert_int_equal(run(in_dir("plain"), NULL, NULL, NULL).exec_error,
			 EACCES);
}

static void mask_and_dispositions_reach_the_command_as_they_were(void **state)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before, after;
	sigset_t mask, old;

	(void)state;
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_BLOCK, &mask, &old);
	sigaction(SIGCHLD, &ignore, &before);
	assert_true(own_status_has("^SigBlk:.*0800$"));
	assert_true(own_status_has("^SigIgn:.*1....$"));
	sigaction(SIGCHLD, &before, &after);
	sigprocmask(SIG_SETMASK, &old, &mask);
	assert_ptr_equal(after.sa_handler, SIG_IGN);
	assert_true(sigismember(&mask, SIGUSR2));
	assert_false(sigismember(&mask, SIGTERM));
}

static void a_signal_sent_to_us_reaches_the_command(void **state)
{
	char script[100];

	(void)state;
	snprintf(script, sizeof script,
		 "trap 'exit 9' USR1; kill -USR1 %d; while :; do sleep .01; "
		 "done",
		 getpid());
	assert_int_equal(WEXITSTATUS(run_shell(script).status), 9);
}

/* --- run_target --------------------------------------------------------- */

static void a_target_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	assert_int_equal(kind_of("sh"), KT_TARGET_DYNAMIC);
	assert_int_equal(kind_of("no-such-command"), KT_TARGET_MISSING);
	put("script", "#! /bin/sh -e\n", 0700);
	assert_int_equal(kind_of(in_dir("script")), KT_TARGET_DYNAMIC);
	put("lost", "#!/no/such/interpreter\n", 0700);
	assert_int_equal(kind_of(in_dir("lost")), KT_TARGET_MISSING);
	put("of-windows", "#!/bin/sh\r\n", 0700); /* a name with a \r */
	assert_int_equal(kind_of(in_dir("of-windows")), KT_TARGET_MISSING);
	put("text", "echo hello\n", 0700);
	assert_int_equal(kind_of(in_dir("text")), KT_TARGET_UNKNOWN);
	put("torn", "\177ELF", 0700);
	assert_int_equal(kind_of(in_dir("torn")), KT_TARGET_UNKNOWN);
	put("loop", arena_print(arena, "#!%s/loop\n", dir).at, 0700);
	assert_int_equal(kind_of(in_dir("loop")), KT_TARGET_UNKNOWN);
}

static void of_a_loader_the_program_counts_that_it_is_told_to_run(void **state)
{
	static const char loader[] = "/lib64/ld-linux-x86-64.so.2";
	const char *const lines[][5] = {
		{loader, "/bin/sh"},
		{loader, "--argv0", "x", "/bin/sh"},
		{loader, "--preload", "/a.so", "--", "/bin/sh"},
		{loader, "--list", "/bin/sh"},
		{loader, "--argv0", "--list", "/bin/sh"},
		{loader},
		{loader, "--argv0"},
		{loader, "/no/such/program"},
		{loader, "/etc/passwd"},
	};

	(void)state;
	if (access(loader, F_OK))
		skip(); /* none here */
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char *argv[6] = {NULL};
		struct run_target target;

		memcpy(argv, lines[i], sizeof lines[i]);
		target = run_target_of(argv);
		assert_int_equal(target.kind,
				 i < 5 ? KT_TARGET_DYNAMIC : KT_TARGET_STATIC);
		assert_int_equal(target.only_lists, i == 3);
	}
}

static void a_file_says_what_it_is(void **state)
{
	struct executable_file f;
	char path[EXECUTABLE_PATH_BYTES];

	(void)state;
	assert_true(executable_file_search("sh", path));
	f = executable_file_at(path);
	assert_true(f.is_executable && !f.is_script && !f.is_text);
	assert_int_equal(f.rights, RIGHTS_SAME);
	assert_true(f.program.libc == LIBC_GLIBC ||
		    f.program.libc == LIBC_MUSL);
	assert_false(executable_file_at(in_dir("no-such-file")).is_there);
	put("text", "echo hello\n", 0600);
	f = executable_file_at(in_dir("text"));
	assert_true(f.is_there && f.is_text && !f.is_executable);
}

static void a_first_line_has_one_argument(void **state)
{
	struct executable_file f;

	(void)state;
	put("script", "#! \t/usr/bin/env  -S a  b \t\nrest\n", 0700);
	f = executable_file_at(in_dir("script"));
	assert_true(f.is_script && !f.is_text);
	assert_string_equal(f.program.interpreter, "/usr/bin/env");
	assert_string_equal(f.argument, "-S a  b");
	put("script", "#!", 0700);
	f = executable_file_at(in_dir("script"));
	assert_true(f.is_script && !*f.program.interpreter && !*f.argument);
}

/* Offsets that lead nowhere, or round and round. */
static void a_damaged_program_is_looked_at_in_peace(void **state)
{
	char bytes[8192];
	struct executable_file f;
	ssize_t n;
	int fd;

	(void)state;
	fd = open("/proc/self/exe", O_RDONLY);
	n = read(fd, bytes, sizeof bytes);
	close(fd);
	assert_true(n > 1024);
	put("program", "", 0700);
	for (unsigned seed = 1; seed < 400; seed++) {
		char damaged[sizeof bytes];

		memcpy(damaged, bytes, sizeof bytes);
		for (unsigned i = 0; i < 24; i++)
			damaged[20 + (seed * 2654435761u >> 7 ^ i * 40503u) %
					     1000] = (char)(seed * (i + 7));
		fd = open(in_dir("program"), O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, damaged, (size_t)n), n);
		close(fd);
		f = executable_file_at(in_dir("program"));
		assert_true(strlen(f.program.runtime) <
			    sizeof f.program.runtime);
	}
}

/* --- run_dir ------------------------------------------------------------ */

static mode_t mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_mode & 0777;
}

static enum run_dir_result made(const char *name, struct run_dir *ret)
{
	const char *why = NULL;
	enum run_dir_result result = run_dir_make(arena, name, NULL, ret, &why);

	assert_true(result == RUN_DIR_READY || why);
	return result;
}

static void a_new_directory_and_its_key_are_ours_alone(void **state)
{
	struct run_dir d, again;

	(void)state;
	assert_int_equal(made(in_dir("t//"), &d), RUN_DIR_READY);
	/* what root starts may go on as somebody else */
	assert_int_equal(mode_of(in_dir("t")), geteuid() ? 0700 : 0733);
	assert_int_equal(mode_of(in_dir("t.key")), 0600);
	assert_null(d.key_flaw);
	assert_int_equal(made(in_dir("t"), &again), RUN_DIR_READY);
	assert_memory_equal(d.key, again.key, sizeof d.key);
	put("t/run.jsonl", "", 0600);
	assert_int_equal(made(in_dir("t"), &again), RUN_DIR_READY);
}

static void a_directory_that_is_not_for_us_is_refused(void **state)
{
	struct run_dir d;

	(void)state;
	put("notes", "", 0600);
	assert_int_equal(made(dir, &d), RUN_DIR_REFUSED);
	assert_int_equal(made(in_dir("a,b"), &d), RUN_DIR_REFUSED);
	assert_int_equal(made(in_dir("no/such"), &d), RUN_DIR_REFUSED);
	assert_int_equal(made(in_dir("notes"), &d), RUN_DIR_REFUSED);
	assert_int_equal(made("", &d), RUN_DIR_REFUSED);
}

static void a_key_that_is_none_is_not_used(void **state)
{
	struct run_dir d, again;

	(void)state;
	put("u.key", "not a key\n", 0600);
	assert_int_equal(made(in_dir("u"), &d), RUN_DIR_READY);
	assert_string_equal(d.key_flaw, "it holds no key");
	assert_int_equal(made(in_dir("u"), &again), RUN_DIR_READY);
	assert_memory_not_equal(d.key, again.key, sizeof d.key);
}

/* As the recorder takes it: tests/unit/recorder_settings.c. */
static void the_key_of_a_file_is_taken_as_it_stands(void **state)
{
	static const char *const forms[] = {
		"000102030405060708090A0b0c0d0e0f",
		"000102030405060708090a0b0c0d0e0f\n",
		"000102030405060708090a0b0c0d0e0f and more"};
	struct run_dir d;

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		unlink(in_dir("u.key"));
		put("u.key", forms[i], 0600);
		assert_int_equal(made(in_dir("u"), &d), RUN_DIR_READY);
		assert_null(d.key_flaw);
		for (uint8_t k = 0; k < sizeof d.key; k++)
			assert_int_equal(d.key[k], k);
	}
}

static void what_was_made_can_be_undone(void **state)
{
	struct run_dir d;

	(void)state;
	assert_int_equal(made(in_dir("t"), &d), RUN_DIR_READY);
	run_dir_undo(&d);
	assert_int_equal(mode_of(in_dir("t")) | mode_of(in_dir("t.key")), 0);
	assert_int_equal(mkdir(in_dir("t"), 0700), 0);
	put("t.key", "00112233445566778899aabbccddeeff", 0600);
	assert_int_equal(made(in_dir("t"), &d), RUN_DIR_READY);
	run_dir_undo(&d);
	assert_int_equal(mode_of(in_dir("t")), 0700);
	assert_int_equal(mode_of(in_dir("t.key")), 0600);
}

/* --- outfile ------------------------------------------------------------ */

static void a_file_appears_whole_or_not_at_all(void **state)
{
	struct outfile f;

	(void)state;
	put("report", "old", 0600);
	assert_true(outfile_open(arena, in_dir("report"), &f));
	out_str(&f.out, STR("new text"));
	f.out.error = ENOSPC;
	assert_int_equal(outfile_close(&f, DONE), FAILED);
	assert_int_equal(mode_of(in_dir("report")), 0600);
	assert_true(outfile_open(arena, in_dir("report"), &f));
	assert_int_equal(outfile_close(&f, ANSWERED_NO), ANSWERED_NO);
	assert_false(outfile_open(arena, in_dir("no/such"), &f));
}

static void a_full_disk_is_a_failure(void **state)
{
	struct outfile f;

	(void)state;
	assert_true(outfile_open(arena, "/dev/full", &f));
	out_str(&f.out, STR("text"));
	assert_int_equal(outfile_close(&f, DONE), FAILED);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_status_is_the_commands_own),
		TEST(what_cannot_be_started_says_why),
		TEST(mask_and_dispositions_reach_the_command_as_they_were),
		TEST(a_signal_sent_to_us_reaches_the_command),
		TEST(a_target_is_known_by_its_first_bytes),
		TEST(of_a_loader_the_program_counts_that_it_is_told_to_run),
		TEST(a_file_says_what_it_is),
		TEST(a_first_line_has_one_argument),
		TEST(a_damaged_program_is_looked_at_in_peace),
		TEST(a_new_directory_and_its_key_are_ours_alone),
		TEST(a_directory_that_is_not_for_us_is_refused),
		TEST(a_key_that_is_none_is_not_used),
		TEST(the_key_of_a_file_is_taken_as_it_stands),
		TEST(what_was_made_can_be_undone),
		TEST(a_file_appears_whole_or_not_at_all),
		TEST(a_full_disk_is_a_failure),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
