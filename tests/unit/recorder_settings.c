#include "recorder_host.h"

#include "recorder/state/settings.h"
#include "recorder/lib/str.h"

#define KEY "000102030405060708090a0b0c0d0e0f"

static struct settings c;

static bool read_entries(char *const *envp)
{
	memset(&c, 0, sizeof c);
	return settings_read(&c, envp);
}

/* KEYTRAIL=..., formatted. */
__attribute__((format(printf, 1, 2))) static bool is_read(const char *form, ...)
{
	char text[4096] = "KEYTRAIL=";
	va_list args;

	va_start(args, form);
	vsnprintf(text + 9, sizeof text - 9, form, args);
	va_end(args);
	return read_entries(HOST_ENV("A=1", text));
}

static const char *key_path(void)
{
	static char path[64];

	snprintf(path, sizeof path, "%s.key", host_dir);
	return path;
}

static size_t files_in(const char *directory)
{
	char command[128];
	FILE *list;
	size_t n = 0;

	snprintf(command, sizeof command, "ls -A %s | wc -l", directory);
	list = popen(command, "r");
	assert_int_equal(fscanf(list, "%zu", &n), 1);
	pclose(list);
	return n;
}

/* ---- settings */

static void everything_may_be_said_in_one_variable(void **state)
{
	(void)state;
	assert_true(is_read("dir=%s,key=" KEY
			    ",max=2097152,watch=ACME_*,watch=X",
			    host_dir));
	assert_string_equal(c.dir, host_dir);
	assert_memory_equal(c.key, "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17",
			    16);
	assert_int_equal(c.max, 2097152);
	assert_memory_equal(c.patterns, "ACME_*\0X\0\0", 10);
	assert_int_equal(access(key_path(), F_OK), -1);
}

static void only_the_directory_need_be_said(void **state)
{
	(void)state;
	assert_true(is_read("dir=%s", host_dir));
	assert_int_equal(c.max, 64 << 20);
	assert_string_equal(c.patterns, "");
	assert_int_equal(strlen(c.boot), 8);
	assert_int_equal(strspn(c.boot, "0123456789abcdef"), 8);
	assert_int_equal(strlen(c.key_id), 8);
}

static void the_name_of_a_key_tells_keys_apart_but_not_the_key(void **state)
{
	char first[9];

	(void)state;
	assert_true(is_read("dir=%s,key=" KEY, host_dir));
	strcpy(first, c.key_id);
	assert_null(strstr(KEY, first));
	assert_true(is_read("dir=%s,key=" KEY, host_dir));
	assert_string_equal(c.key_id, first);
	assert_true(is_read("dir=%s,key=ff0102030405060708090a0b0c0d0e0f",
			    host_dir));
	assert_string_not_equal(c.key_id, first);
}

static void a_size_may_be_told_in_kilobytes_and_megabytes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} table[] = {{"4096", 4096},	   {"512k", 512 << 10},
		     {"512K", 512 << 10},  {"3m", 3 << 20},
		     {"3M", 3 << 20},	   {"0", 0},
		     {"64m,a=b", 64 << 20}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		assert_true(is_read("dir=%s,key=" KEY ",max=%s", host_dir,
				    table[i].text));
		assert_int_equal(c.max, table[i].bytes);
	}
}

static void stacks_are_taken_when_asked_for(void **state)
{
	(void)state;
	assert_true(is_read("dir=%s,key=" KEY, host_dir));
	assert_false(c.stacks);
	assert_true(is_read("dir=%s,key=" KEY ",stacks=0", host_dir));
	assert_false(c.stacks);
	assert_true(is_read("dir=%s,key=" KEY ",stacks=1,watch=A", host_dir));
	assert_true(c.stacks);
}

static void a_runtime_is_left_as_it_is_when_asked_for(void **state)
{
	char variable[512];

	(void)state;
	assert_true(is_read("dir=%s,key=" KEY, host_dir));
	assert_false(c.no_ends);
	settings_variable(&c, variable, sizeof variable);
	assert_null(strstr(variable, "ends="));
	assert_true(is_read("dir=%s,key=" KEY ",ends=1", host_dir));
	assert_false(c.no_ends);
	assert_true(is_read("dir=%s,key=" KEY ",ends=0,watch=A", host_dir));
	assert_true(c.no_ends);
	settings_variable(&c, variable, sizeof variable);
	assert_non_null(strstr(variable, ",ends=0"));
}

static void what_a_later_version_says_is_passed_over(void **state)
{
	(void)state;
	assert_true(is_read(",,dir=%s,later=1,offer,key=" KEY ",", host_dir));
	assert_string_equal(c.dir, host_dir);
}

static void off_is_off_wherever_it_stands(void **state)
{
	(void)state;
	assert_false(is_read("off"));
	assert_true(c.off);
	assert_false(is_read("dir=%s,off", host_dir));
	assert_false(is_read("off,dir=%s", host_dir));
	assert_true(is_read("dir=%s,key=" KEY ",offset=1", host_dir));
}

static void the_first_of_two_variables_counts(void **state)
{
	char first[128], second[] = "KEYTRAIL=off";

	(void)state;
	snprintf(first, sizeof first, "KEYTRAIL=dir=%s,key=" KEY, host_dir);
	assert_true(read_entries(HOST_ENV("KEYTRAILS=off", first, second)));
	assert_false(read_entries(HOST_ENV(second, first)));
}

static void more_patterns_than_fit_are_left_out_whole(void **state)
{
	char text[3000] = "";
	size_t bytes = 0, count = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(text, ",watch=PATTERN_*");
	assert_true(
		is_read("dir=%s,key=" KEY "%s,watch=,watch=X", host_dir, text));
	for (const char *p = c.patterns; *p; p += strlen(p) + 1) {
		assert_true(!strcmp(p, "PATTERN_*") || !strcmp(p, "X"));
		bytes += strlen(p) + 1;
		count++;
	}
	assert_true(bytes < sizeof c.patterns);
	assert_in_range(count, 50, 52);
}

/* ---- directories */

static void a_directory_that_is_not_absolute_is_refused(void **state)
{
	(void)state;
	assert_false(is_read("dir=trace,key=" KEY));
	assert_false(is_read("dir=./trace,key=" KEY));
}

static void a_directory_too_long_to_keep_is_refused(void **state)
{
	char longer[PATH_BYTES + 1] = "/";

	(void)state;
	memset(longer + 1, 'x', PATH_BYTES - 1);
	assert_false(is_read("dir=%s,key=" KEY, longer));
	longer[PATH_BYTES - 1] = '\0';
	assert_true(is_read("dir=%s,key=" KEY, longer));
}

static char tmpdir[64], default_dir[128];

static bool is_default_read(void)
{
	snprintf(tmpdir, sizeof tmpdir, "TMPDIR=%s", host_dir);
	snprintf(default_dir, sizeof default_dir, "%s/keytrail-%u", host_dir,
		 geteuid());
	return read_entries(HOST_ENV("A=1", tmpdir));
}

static void without_a_variable_a_directory_of_ones_own_is_made(void **state)
{
	struct stat st;

	(void)state;
	umask(0);
	assert_true(is_default_read());
	assert_string_equal(c.dir, default_dir);
	assert_int_equal(stat(default_dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(is_default_read());
	assert_int_equal(files_in(default_dir), 0);
}

/* A directory of the same name and more, that nobody could have foreseen. */
static void expect_another_default(void)
{
	char first[PATH_BYTES];
	struct stat st;

	assert_true(is_default_read());
	assert_memory_equal(c.dir, default_dir, strlen(default_dir));
	assert_int_equal(
		strspn(c.dir + strlen(default_dir), ".0123456789abcdef"), 17);
	assert_int_equal(lstat(c.dir, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	strcpy(first, c.dir);
	assert_true(is_default_read());
	assert_string_not_equal(c.dir, first);
}

static void
a_link_in_place_of_the_default_directory_is_not_followed(void **state)
{
	(void)state;
	umask(0);
	assert_true(is_default_read());
	assert_int_equal(rmdir(default_dir), 0);
	mkdir(host_path("elsewhere"), 0700);
	assert_int_equal(symlink(host_path("elsewhere"), default_dir), 0);
	expect_another_default();
	assert_int_equal(files_in(host_path("elsewhere")), 0);
}

static void a_default_directory_of_somebody_else_is_not_used(void **state)
{
	(void)state;
	if (geteuid())
		skip(); /* cannot give a directory away */
	umask(0);
	assert_true(is_default_read());
	assert_int_equal(chown(default_dir, 65534, 65534), 0);
	expect_another_default();
}

static void a_default_directory_that_others_may_write_is_not_used(void **state)
{
	static const mode_t open_to[] = {0702, 0720, 01777};

	(void)state;
	umask(0);
	assert_true(is_default_read());
	for (size_t i = 0; i < ARRAY_LENGTH(open_to); i++) {
		assert_int_equal(chmod(default_dir, open_to[i]), 0);
		expect_another_default();
	}
}

static void a_file_in_place_of_the_default_directory_is_left_alone(void **state)
{
	(void)state;
	umask(0);
	assert_true(is_default_read());
	rmdir(default_dir);
	host_put(default_dir, "", 0, 0600);
	expect_another_default();
}

static void
a_place_for_temporary_files_that_will_not_do_is_passed_over(void **state)
{
	static const char *const odd[] = {
		"TMPDIR=tmp",	    "TMPDIR=",
		"TMPDIR=.",	    "TMPDIR=/no/such/place",
		"TMPDIR=/dev/null", "TMPDIR=/tmp/a,b",
		"TMPDIR=/proc"};
	char wanted[64];

	(void)state;
	snprintf(wanted, sizeof wanted, "/tmp/keytrail-%u", geteuid());
	for (size_t i = 0; i < ARRAY_LENGTH(odd); i++) {
		assert_true(
			read_entries(HOST_ENV("KEYTRAIL=key=" KEY, odd[i])));
		assert_memory_equal(c.dir, wanted, strlen(wanted));
		rmdir(c.dir);
	}
}

/* ---- keys */

static void a_key_is_made_once_beside_the_directory(void **state)
{
	uint8_t first[16];
	struct stat st;

	(void)state;
	umask(0);
	assert_true(is_read("dir=%s", host_dir));
	memcpy(first, c.key, 16);
	assert_int_equal(stat(key_path(), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 33);
	assert_int_equal(files_in(host_dir), 0);
	assert_true(is_read("dir=%s", host_dir));
	assert_memory_equal(c.key, first, 16);
	unlink(key_path());
	assert_true(is_read("dir=%s", host_dir));
	assert_memory_not_equal(c.key, first, 16);
}

static void the_key_of_a_file_is_taken_as_it_stands(void **state)
{
	static const char *const forms[] = {KEY, KEY "\n", KEY " and more"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
		host_put(key_path(), forms[i], strlen(forms[i]), 0600);
		assert_true(is_read("dir=%s", host_dir));
		assert_int_equal(c.key[15], 15);
	}
}

static void a_file_of_keys_may_lie_elsewhere(void **state)
{
	(void)state;
	host_put(host_path("shared"), KEY "\n", 33, 0600);
	assert_true(
		is_read("dir=%s,keyfile=%s", host_dir, host_path("shared")));
	assert_int_equal(c.key[15], 15);
	assert_true(is_read("dir=%s,keyfile=%s", host_dir, host_path("made")));
	assert_int_equal(strlen(host_get(host_path("made"))), 33);
	assert_int_equal(access(key_path(), F_OK), -1);
}

/* Recording goes on, with a key that nobody else has. */
static void expect_key_of_ones_own(void)
{
	static const uint8_t known[16] = {0, 1, 2,  3,	4,  5,	6,  7,
					  8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t first[16];

	assert_true(is_read("dir=%s", host_dir));
	memcpy(first, c.key, 16);
	assert_true(is_read("dir=%s", host_dir));
	assert_memory_not_equal(c.key, first, 16);
	assert_memory_not_equal(c.key, known, 16);
}

static void a_key_that_is_none_is_not_used(void **state)
{
	static const char *const bad[] = {"", "00",
					  "zz0102030405060708090a0b0c0d0e0f",
					  "000102030405060708090a0b0c0d0e0"};

	(void)state;
	assert_false(is_read("dir=%s,key=zz0102030405060708090a0b0c0d0e0f",
			     host_dir));
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		host_put(key_path(), bad[i], strlen(bad[i]), 0600);
		expect_key_of_ones_own();
		assert_string_equal(host_get(key_path()), bad[i]);
	}
}

static void a_key_is_never_read_or_made_through_a_link(void **state)
{
	(void)state;
	host_put(host_path("shared"), KEY "\n", 33, 0600);
	assert_int_equal(symlink(host_path("shared"), key_path()), 0);
	expect_key_of_ones_own();
	unlink(key_path());
	assert_int_equal(symlink(host_path("nowhere"), key_path()), 0);
	expect_key_of_ones_own();
	assert_int_equal(access(host_path("nowhere"), F_OK), -1);
}

static void a_key_that_a_stranger_planted_is_not_used(void **state)
{
	(void)state;
	host_put(key_path(), KEY "\n", 33, 0644);
	assert_int_equal(link(key_path(), host_path("known")), 0);
	expect_key_of_ones_own(); /* a second name of a file that all may read
				   */
	unlink(host_path("known"));
	if (geteuid())
		skip(); /* cannot give a file away */
	assert_int_equal(chown(key_path(), 65534, 65534), 0);
	expect_key_of_ones_own();
	unlink(key_path());
	assert_int_equal(mkdir(key_path(), 0777), 0);
	expect_key_of_ones_own();
	assert_int_equal(files_in(key_path()), 0);
	rmdir(key_path());
	assert_int_equal(mkfifo(key_path(), 0666), 0);
	expect_key_of_ones_own();
}

/* In /tmp, a stranger may have made the file that the setting names. */
static void a_key_that_others_can_read_or_write_is_not_used(void **state)
{
	static const mode_t open[] = {0644, 0604, 0620, 0602, 0666};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(open); i++) {
		host_put(key_path(), KEY "\n", 33, 0600);
		assert_int_equal(chmod(key_path(), open[i]), 0);
		expect_key_of_ones_own();
	}
	assert_int_equal(chmod(key_path(), 0640), 0);
	assert_true(is_read("dir=%s", host_dir));
	assert_int_equal(c.key[15], 15);
}

static void a_named_key_may_be_read_by_all_but_not_written(void **state)
{
	static const struct {
		mode_t mode;
		bool is_taken;
	} table[] = {{0644, true}, {0640, true}, {0664, false}, {0646, false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		host_put(host_path("named"), KEY "\n", 33, 0600);
		assert_int_equal(chmod(host_path("named"), table[i].mode), 0);
		assert_true(is_read("dir=%s,keyfile=%s", host_dir,
				    host_path("named")));
		assert_int_equal(!memcmp(c.key + 12, "\14\15\16\17", 4),
				 table[i].is_taken);
	}
}

static void a_named_key_that_a_stranger_planted_is_not_used(void **state)
{
	uint8_t first[16];

	(void)state;
	if (geteuid())
		skip(); /* cannot give a file away */
	host_put(host_path("named"), KEY "\n", 33, 0644);
	assert_int_equal(chown(host_path("named"), 65534, 65534), 0);
	assert_true(is_read("dir=%s,keyfile=%s", host_dir, host_path("named")));
	memcpy(first, c.key, 16);
	assert_true(is_read("dir=%s,keyfile=%s", host_dir, host_path("named")));
	assert_memory_not_equal(c.key, first, 16);
	assert_string_equal(host_get(host_path("named")), KEY "\n");
	unlink(host_path("named"));
	assert_int_equal(symlink(key_path(), host_path("named")), 0);
	assert_true(is_read("dir=%s,keyfile=%s", host_dir, host_path("named")));
	assert_int_equal(access(key_path(), F_OK), -1);
}

static void the_umask_takes_nothing_from_a_key(void **state)
{
	struct stat st;

	(void)state;
	umask(0777);
	assert_true(is_read("dir=%s", host_dir));
	umask(022);
	assert_int_equal(stat(key_path(), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_key_that_cannot_be_kept_is_not_made(void **state)
{
	(void)state;
	assert_false(is_read("dir=%s/not/there", host_dir));
	assert_false(is_read("dir=%s,keyfile=/proc/none", host_dir));
}

enum { STARTERS = 8, ROUNDS = 20 };

static void several_that_start_at_once_agree_on_one_key(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		int ready[2], answers[2];
		uint8_t key[16], first[16];

		assert_int_equal(pipe(ready) | pipe(answers), 0);
		for (int i = 0; i < STARTERS; i++) {
			if (fork())
				continue;
			close(ready[1]);
			(void)!read(ready[0], key, 1);
			should(is_read("dir=%s", host_dir));
			should(write(answers[1], c.key, 16) == 16);
			_exit(0);
		}
		close(ready[0]);
		close(ready[1]);
		close(answers[1]);
		for (int i = 0; i < STARTERS; i++) {
			int status;

			assert_int_equal(read(answers[0], key, 16), 16);
			if (!i)
				memcpy(first, key, 16);
			assert_memory_equal(key, first, 16);
			wait(&status);
			assert_int_equal(status, 0);
		}
		close(answers[0]);
		unlink(key_path());
	}
	assert_int_equal(files_in(host_dir), 0);
}

/* ---- what children are told */

static const char *variable(void)
{
	static char text[8192];

	memset(text, 'x', sizeof text);
	settings_variable(&c, text, settings_variable_bytes(&c));
	return text;
}

static void children_are_told_the_directory_and_the_key(void **state)
{
	char expected[256];

	(void)state;
	assert_true(is_read("dir=%s,max=64m,key=" KEY, host_dir));
	snprintf(expected, sizeof expected,
		 "KEYTRAIL=dir=%s,key=" KEY ",boot=%s.%llu", host_dir, c.boot,
		 (unsigned long long)boot_second());
	assert_string_equal(variable(), expected);
}

static void children_are_told_whatever_is_not_the_usual(void **state)
{
	struct settings parent;

	(void)state;
	assert_true(is_read("watch=A_*,max=1m,stacks=1,dir=%s,watch=B,"
			    "inode=65024.18446744073709551615",
			    host_dir));
	parent = c;
	assert_true(read_entries(HOST_ENV((char *)(uintptr_t)variable())));
	assert_memory_equal(c.key, parent.key, 16);
	assert_memory_equal(c.patterns, parent.patterns, sizeof c.patterns);
	assert_string_equal(c.dir, parent.dir);
	assert_string_equal(c.boot, parent.boot);
	assert_int_equal(c.max, 1 << 20);
	assert_true(c.stacks);
	assert_true(c.device == 65024 && c.inode == UINT64_MAX);
}

static void the_longest_of_all_is_handed_on_whole(void **state)
{
	char text[3000] = "", longer[PATH_BYTES] = "/";
	struct settings parent;

	(void)state;
	memset(longer + 1, 'x', PATH_BYTES - 2);
	for (int i = 0; i < 250; i++)
		strcat(text, ",watch=A");
	assert_true(is_read("dir=%s,max=1,stacks=1,key=" KEY
			    ",inode=18446744073709551615.18446744073709551615"
			    "%s",
			    longer, text));
	parent = c;
	assert_true(read_entries(HOST_ENV((char *)(uintptr_t)variable())));
	assert_memory_equal(c.patterns, parent.patterns, sizeof c.patterns);
	assert_string_equal(c.dir, parent.dir);
}

/* ---- the boot that a parent tells */

static void a_boot_is_believed_only_with_its_second(void **state)
{
	unsigned long long second = boot_second();
	char real[9];

	(void)state;
	assert_true(is_read("dir=%s,key=" KEY, host_dir));
	strcpy(real, c.boot);
	assert_true(is_read("dir=%s,key=" KEY ",boot=0123abcd.%llu", host_dir,
			    second));
	assert_string_equal(c.boot, "0123abcd");
	for (int i = 0; i < 6; i++) {
		static const char *const told[] = {
			"0123abcd.%llu", "0123abcd",	  "0123abc.%llu",
			"0123abcg.%llu", "../../xx.%llu", ""};
		char boot[64];

		snprintf(boot, sizeof boot, told[i], i ? second : second - 60);
		assert_true(
			is_read("dir=%s,key=" KEY ",boot=%s", host_dir, boot));
		assert_string_equal(c.boot, real);
	}
}

static void a_value_is_found_by_its_whole_name(void **state)
{
	char **envp = HOST_ENV("AB=1", "A", "A=2", "A=3", "C=");

	(void)state;
	assert_string_equal(env_value(envp, "A"), "2");
	assert_string_equal(env_value(envp, "C"), "");
	assert_null(env_value(envp, "B"));
	assert_null(env_value(NULL, "A"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(everything_may_be_said_in_one_variable),
		HOST_TEST(only_the_directory_need_be_said),
		HOST_TEST(the_name_of_a_key_tells_keys_apart_but_not_the_key),
		HOST_TEST(a_size_may_be_told_in_kilobytes_and_megabytes),
		HOST_TEST(stacks_are_taken_when_asked_for),
		HOST_TEST(a_runtime_is_left_as_it_is_when_asked_for),
		HOST_TEST(what_a_later_version_says_is_passed_over),
		HOST_TEST(off_is_off_wherever_it_stands),
		HOST_TEST(the_first_of_two_variables_counts),
		HOST_TEST(more_patterns_than_fit_are_left_out_whole),
		HOST_TEST(a_directory_that_is_not_absolute_is_refused),
		HOST_TEST(a_directory_too_long_to_keep_is_refused),
		HOST_TEST(without_a_variable_a_directory_of_ones_own_is_made),
		HOST_TEST(
			a_link_in_place_of_the_default_directory_is_not_followed),
		HOST_TEST(a_default_directory_of_somebody_else_is_not_used),
		HOST_TEST(
			a_default_directory_that_others_may_write_is_not_used),
		HOST_TEST(
			a_file_in_place_of_the_default_directory_is_left_alone),
		HOST_TEST(
			a_place_for_temporary_files_that_will_not_do_is_passed_over),
		HOST_TEST(a_key_is_made_once_beside_the_directory),
		HOST_TEST(the_key_of_a_file_is_taken_as_it_stands),
		HOST_TEST(a_file_of_keys_may_lie_elsewhere),
		HOST_TEST(a_key_that_is_none_is_not_used),
		HOST_TEST(a_key_is_never_read_or_made_through_a_link),
		HOST_TEST(a_key_that_a_stranger_planted_is_not_used),
		HOST_TEST(a_key_that_others_can_read_or_write_is_not_used),
		HOST_TEST(a_named_key_may_be_read_by_all_but_not_written),
		HOST_TEST(a_named_key_that_a_stranger_planted_is_not_used),
		HOST_TEST(the_umask_takes_nothing_from_a_key),
		HOST_TEST(a_key_that_cannot_be_kept_is_not_made),
		HOST_TEST(several_that_start_at_once_agree_on_one_key),
		HOST_TEST(children_are_told_the_directory_and_the_key),
		HOST_TEST(children_are_told_whatever_is_not_the_usual),
		HOST_TEST(the_longest_of_all_is_handed_on_whole),
		HOST_TEST(a_boot_is_believed_only_with_its_second),
		HOST_TEST(a_value_is_found_by_its_whole_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
