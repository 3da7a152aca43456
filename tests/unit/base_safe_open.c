#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/safe_open.h"

enum { STRANGER = 54321 };

static char top[] = "/tmp/keytrail-test-XXXXXX";
static const char *why;

static int setup(void **state)
{
	(void)state;
	strcpy(top + sizeof top - 7, "XXXXXX");
	return !mkdtemp(top) || chdir(top);
}

static int teardown(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", top);
	return chdir("/") | system(command);
}

static void put(const char *name, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0 && !fchmod(fd, mode));
	close(fd);
}

static void need_root(void)
{
	if (geteuid())
		skip();
}

/* --- along a path --------------------------------------------------------- */

static bool leads(const char *path, bool follow, const char *to)
{
	struct resolved_path at;
	struct stat st;
	bool same;

	why = NULL;
	if (!resolve_path(path, follow, &at, &why))
		return false;
	assert_true(at.is_there);
	same = !lstat(to, &st) && st.st_ino == at.st.st_ino;
	resolved_close(&at);
	return same;
}

static void a_path_leads_to_its_file(void **state)
{
	(void)state;
	assert_int_equal(mkdir("a", 0700) | mkdir("a/b", 0700), 0);
	put("a/b/file", 0600);
	assert_true(leads("a/b/file", true, "a/b/file"));
	assert_true(leads("./a//b/../b/./file", true, "a/b/file"));
	assert_true(leads("a/b///", true, "a/b"));
	assert_true(leads(".", true, top));
	assert_true(leads("a/..", true, top));
	assert_true(leads(top, true, top));
	assert_true(leads("/", true, "/"));
	assert_true(leads("//", true, "/"));
	assert_true(leads("/..", true, "/"));
}

static void what_is_not_there_has_a_place(void **state)
{
	struct resolved_path at;

	(void)state;
	assert_true(resolve_path("new", true, &at, &why));
	assert_false(at.is_there);
	assert_string_equal(at.name, "new");
	resolved_close(&at);
	assert_int_equal(symlink("elsewhere", "link"), 0);
	assert_true(resolve_path("link", true, &at, &why));
	assert_false(at.is_there);
	assert_string_equal(at.name, "elsewhere");
	resolved_close(&at);
}

static void links_of_ours_are_followed(void **state)
{
	(void)state;
	assert_int_equal(mkdir("a", 0700) | mkdir("a/b", 0700), 0);
	put("a/file", 0600);
	assert_int_equal(symlink("a/b", "way"), 0);
	assert_int_equal(symlink("../file", "a/b/up"), 0);
	assert_int_equal(symlink("way/up", "two"), 0);
	assert_int_equal(symlink(top, "full"), 0);
	assert_true(leads("way/up", true, "a/file"));
	assert_true(leads("two", true, "a/file"));
	assert_true(leads("two", false, "two"));
	assert_true(leads("full/full/two/", true, "a/file"));
}

static void a_failure_says_why(void **state)
{
	static char deep[PATH_MAX + 10];
	struct resolved_path at;

	(void)state;
	put("file", 0600);
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_false(resolve_path("no/such", true, &at, &why));
	assert_int_equal(errno, ENOENT);
	assert_false(resolve_path("file/x", true, &at, &why));
	assert_int_equal(errno, ENOTDIR);
	assert_false(resolve_path("loop", true, &at, &why));
	assert_int_equal(errno, ELOOP);
	assert_string_equal(why, strerror(ELOOP));
	assert_false(resolve_path("", true, &at, &why));
	assert_int_equal(errno, ENOENT);
	memset(deep, 'n', NAME_MAX + 1);
	assert_false(resolve_path(deep, true, &at, &why));
	assert_int_equal(errno, ENAMETOOLONG);
	for (size_t i = 0; i < sizeof deep - 1; i++)
		deep[i] = i % 2 ? '/' : '.';
	assert_false(resolve_path(deep, true, &at, &why));
	assert_int_equal(errno, ENAMETOOLONG);
}

/* Each replaces the rest by a longer one. */
static void links_that_grow_end(void **state)
{
	char target[2001];
	struct resolved_path at;

	(void)state;
	memset(target, '.', sizeof target);
	for (size_t i = 1; i < sizeof target; i += 2)
		target[i] = '/';
	strcpy(target + sizeof target - 5, "grow");
	assert_int_equal(symlink(target, "grow"), 0);
	assert_false(resolve_path("grow", true, &at, &why));
	assert_true(errno == ELOOP || errno == ENAMETOOLONG);
	strcpy(target + sizeof target - 7, "much/x");
	assert_int_equal(symlink(target, "much"), 0);
	assert_false(resolve_path("much", true, &at, &why));
	assert_true(errno == ELOOP || errno == ENAMETOOLONG);
}

static void what_a_process_has_open_is_found(void **state)
{
	struct resolved_path at;
	char path[40];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
	assert_true(resolve_path(path, true, &at, &why));
	assert_true(at.is_there && at.is_opened && S_ISFIFO(at.st.st_mode));
	close(ends[1]);
	resolved_close(&at);
	close(ends[0]);
	assert_true(leads("/proc/self/cwd/.", true, top));
}

/* --- strangers ------------------------------------------------------------ */

static void a_strangers_link_is_not_followed(void **state)
{
	struct resolved_path at;

	(void)state;
	need_root();
	assert_int_equal(mkdir("all", 0700) | chmod("all", 01777), 0);
	put("file", 0600);
	assert_int_equal(symlink(top, "all/way"), 0);
	assert_true(leads("all/way/file", true, "file"));
	assert_int_equal(link("all/way", "all/hard"), 0);
	assert_false(resolve_path("all/hard/file", true, &at, &why));
	assert_int_equal(unlink("all/hard"), 0);
	assert_int_equal(lchown("all/way", STRANGER, STRANGER), 0);
	assert_false(resolve_path("all/way/file", true, &at, &why));
	assert_int_equal(errno, 0);
	assert_false(resolve_path("all/way", true, &at, &why));
	assert_true(leads("all/way", false, "all/way"));
	assert_int_equal(chmod("all", 0755), 0); /* then root means it */
	assert_true(leads("all/way/file", true, "file"));
	assert_int_equal(chown("all", STRANGER, STRANGER), 0);
	assert_false(resolve_path("all/way/file", true, &at, &why));
	assert_int_equal(lchown("all/way", 0, 0), 0); /* moved there by him */
	assert_false(resolve_path("all/way/file", true, &at, &why));
}

static const char *flaw(uid_t uid, gid_t gid, mode_t mode)
{
	struct stat st = {.st_uid = uid, .st_gid = gid, .st_mode = mode};

	return directory_flaw(&st);
}

static void a_directory_must_be_beyond_strangers(void **state)
{
	(void)state;
	assert_null(flaw(geteuid(), 77777, S_IFDIR | 0755));
	assert_null(flaw(0, 0, S_IFDIR | 01777));
	assert_null(flaw(geteuid(), 77777, S_IFDIR | 01773));
	assert_null(flaw(geteuid(), getegid(), S_IFDIR | 0775));
	assert_non_null(flaw(STRANGER, 77777, S_IFDIR | 0755));
	assert_non_null(flaw(STRANGER, 77777, S_IFDIR | 01777));
	assert_non_null(flaw(geteuid(), 77777, S_IFDIR | 0775));
	assert_non_null(flaw(geteuid(), 77777, S_IFDIR | 0757));
	assert_non_null(flaw(geteuid(), 77777, S_IFREG | 0600));
}

static void who_called_sudo_is_trusted_by_root_alone(void **state)
{
	(void)state;
	need_root();
	assert_false(is_trusted(STRANGER));
	setenv("SUDO_UID", "54321", 1);
	assert_true(is_trusted(STRANGER));
	assert_false(is_trusted(STRANGER + 1));
	static const char *const bad[] = {"",	    "-1", " 54321",
					  "54321x", "x",  "0x1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		setenv("SUDO_UID", bad[i], 1);
		assert_false(is_trusted(STRANGER));
		assert_false(is_trusted((uid_t)-1));
	}
	setenv("SUDO_UID", "54321", 1);
	assert_int_equal(seteuid(STRANGER + 1), 0);
	assert_false(is_trusted(STRANGER));
	assert_int_equal(seteuid(0), 0);
	unsetenv("SUDO_UID");
}

/* --- opening -------------------------------------------------------------- */

static bool appends(const char *name, int flags)
{
	int fd = open_to_append(AT_FDCWD, name, flags, &why);

	return fd >= 0 && !close(fd);
}

static void only_a_file_of_ours_is_appended_to(void **state)
{
	(void)state;
	assert_true(appends("file", 0));
	assert_true(appends("file", 0));
	assert_false(appends("file", O_EXCL));
	assert_int_equal(link("file", "other"), 0);
	assert_false(appends("file", 0));
	assert_int_equal(unlink("other"), 0);
	assert_int_equal(symlink("file", "link"), 0);
	assert_false(appends("link", 0));
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_false(appends("pipe", 0));
	assert_false(appends(".", 0));
	need_root();
	assert_int_equal(chown("file", STRANGER, STRANGER), 0);
	assert_false(appends("file", 0));
}

static bool is_private(const char *name)
{
	int fd = open_private(AT_FDCWD, name, &why);

	return fd >= 0 && !close(fd);
}

static void only_what_others_cannot_read_is_private(void **state)
{
	(void)state;
	put("file", 0600);
	assert_true(is_private("file"));
	assert_int_equal(chmod("file", 0440), 0);
	assert_true(is_private("file"));
	for (mode_t bit = 1; bit <= 4; bit <<= 1) {
		assert_int_equal(chmod("file", 0600 | bit), 0);
		assert_false(is_private("file"));
	}
	assert_int_equal(chmod("file", 0620), 0);
	assert_false(is_private("file"));
	assert_int_equal(chmod("file", 0600), 0);
	assert_int_equal(symlink("file", "link") | mkfifo("pipe", 0600), 0);
	assert_false(is_private("link"));
	assert_string_equal(why, "it is a link");
	assert_false(is_private("pipe"));
	need_root();
	assert_int_equal(chown("file", STRANGER, STRANGER), 0);
	assert_false(is_private("file"));
}

static void what_came_in_its_place_is_not_opened(void **state)
{
	struct resolved_path at;
	int fd;

	(void)state;
	put("file", 0600);
	assert_true(resolve_path("file", true, &at, &why));
	fd = resolved_open(&at, O_RDONLY, &why);
	assert_true(fd >= 0);
	close(fd);
	put("new", 0600);
	assert_int_equal(rename("new", "file"), 0);
	assert_int_equal(resolved_open(&at, O_RDONLY, &why), -1);
	assert_int_equal(errno, 0);
	assert_int_equal(unlink("file") | symlink("/dev/null", "file"), 0);
	assert_int_equal(resolved_open(&at, O_RDONLY, &why), -1);
	resolved_close(&at);
}

static void temporary_names_differ(void **state)
{
	char one[TEMPORARY_NAME], two[TEMPORARY_NAME];
	int a = open_temporary(AT_FDCWD, 0600, one);
	int b = open_temporary(AT_FDCWD, 0600, two);

	(void)state;
	assert_true(a >= 0 && b >= 0);
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), 10 + 16);
	close(a);
	close(b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_path_leads_to_its_file),
		TEST(what_is_not_there_has_a_place),
		TEST(links_of_ours_are_followed),
		TEST(a_failure_says_why),
		TEST(links_that_grow_end),
		TEST(what_a_process_has_open_is_found),
		TEST(a_strangers_link_is_not_followed),
		TEST(a_directory_must_be_beyond_strangers),
		TEST(who_called_sudo_is_trusted_by_root_alone),
		TEST(only_a_file_of_ours_is_appended_to),
		TEST(only_what_others_cannot_read_is_private),
		TEST(what_came_in_its_place_is_not_opened),
		TEST(temporary_names_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
