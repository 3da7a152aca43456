/* A host for the recorder's unit tests: a guest that lives in a directory of
 * its own, an environment laid out as the kernel does it, a judge of JSON.
 *
 * What a module keeps for the life of a process (segment_file.c, elf_objects.c)
 * is tested in a child: host_lives(story) forks, and fails when a should() in
 * the story does, or when the child is killed. */
#ifndef TESTS_RECORDER_HOST_H
#define TESTS_RECORDER_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/recorder.h"
#include "shared/siphash.h"
#include "recorder/secrets/watched_names.h"

#if defined(__SANITIZE_ADDRESS__)
#define HOST_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOST_HAS_ASAN 1
#endif
#endif
#ifndef HOST_HAS_ASAN
#define HOST_HAS_ASAN 0
#endif

#define HOST_TEST(f) cmocka_unit_test_setup_teardown(f, host_begin, host_end)

static char host_dir[] = "/tmp/keytrail-test-XXXXXX";
static char **host_real_environ;

static inline void *host_map(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	return at;
}

static inline int host_begin(void **state)
{
	(void)state;
	host_real_environ = environ;
	strcpy(host_dir + sizeof host_dir - 7, "XXXXXX");
	if (!mkdtemp(host_dir))
		return -1;
	globals = host_map(sizeof *globals);
	strcpy(globals->settings.dir, host_dir);
	strcpy(globals->settings.boot, "0b007000");
	strcpy(globals->settings.library, "/proc/self/exe");
	strcpy(globals->self, "7.1");
	globals->settings.max = 8 << 20;
	memcpy(globals->settings.key, "0123456789abcdef", 16);
	globals->seed = 42;
	globals->life.pid = getpid();
	watched_names_start("");
	return 0;
}

static inline int host_end(void **state)
{
	char command[64];

	(void)state;
	environ = host_real_environ;
	munmap(globals, sizeof *globals);
	globals = NULL;
	snprintf(command, sizeof command, "rm -rf %s %s.key", host_dir,
		 host_dir);
	return system(command);
}

static inline const char *host_path(const char *name)
{
	static char path[4][256];
	static unsigned next_path;
	char *to = path[next_path++ % 4];

	snprintf(to, sizeof path[0], "%s/%s", host_dir, name);
	return to;
}

/* DIR/UID-BOOT-PART.jsonl and its neighbours, by what follows the dot. */
static inline const char *host_file(const char *suffix)
{
	struct {
		char what[8], boot[8];
		uint64_t uid, seed;
	} hashed = {"segment", "", geteuid(), 0};
	uint8_t part[16];
	char name[80];
	int n;

	memcpy(hashed.boot, globals->settings.boot, 8);
	siphash128(part, globals->settings.key, &hashed, sizeof hashed);
	n = snprintf(name, sizeof name, "%u-%s-", geteuid(),
		     globals->settings.boot);
	for (int i = 0; i < 8; i++)
		n += snprintf(name + n, sizeof name - (size_t)n, "%02x",
			      part[i]);
	snprintf(name + n, sizeof name - (size_t)n, ".%s", suffix);
	return host_path(name);
}

static inline void host_put(const char *path, const void *bytes, size_t n,
			    mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	fchmod(fd, mode);
	close(fd);
}

/* What a file holds, terminated, until the next call; "" when it is none. */
static inline const char *host_get(const char *path)
{
	static char bytes[8 << 20];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof bytes - 1);

	if (fd >= 0)
		close(fd);
	bytes[n > 0 ? n : 0] = '\0';
	return bytes;
}

/* An environment in one block of bytes, as the kernel lays it out. */
static inline char **host_env(const char *const *entries)
{
	char **envp, *at;
	size_t n = 0, bytes = 0;

	for (; entries[n]; n++)
		bytes += strlen(entries[n]) + 1;
	envp = host_map((n + 1) * sizeof *envp + bytes + 8);
	at = (char *)(envp + n + 1);
	for (size_t i = 0; i < n; i++)
		at = stpcpy(envp[i] = at, entries[i]) + 1;
	return envp;
}
#define HOST_ENV(...) host_env((const char *const[]){__VA_ARGS__, NULL})

/* ---- stories of a process of its own */

#define should(truth)                                                          \
	do                                                                     \
		if (!(truth)) {                                                \
			dprintf(2, "%s:%d: should have been: %s\n", __FILE__,  \
				__LINE__, #truth);                             \
			_exit(1);                                              \
		}                                                              \
	while (0)

/* cmocka catches these, to go on with the next test. */
static inline void host_die_as_hosts_do(void)
{
	static const int deadly[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS};

	for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
		signal(deadly[i], SIG_DFL);
}

static inline int host_status_of(void (*story)(void))
{
	int status = -1;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (!child) {
		host_die_as_hosts_do();
		globals->life.pid = getpid();
		story();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static inline void host_lives(void (*story)(void))
{
	assert_int_equal(host_status_of(story), 0);
}

/* ---- is it JSON (RFC 8259, in UTF-8)? */

struct host_json {
	const unsigned char *at, *end;
};

static inline bool json_take(struct host_json *j, char c)
{
	if (j->at >= j->end || *j->at != (unsigned char)c)
		return false;
	j->at++;
	return true;
}

static inline bool json_digits(struct host_json *j, size_t n, const char *set)
{
	for (; n; n--, j->at++)
		if (j->at >= j->end || !*j->at || !strchr(set, *j->at))
			return false;
	return true;
}

static inline bool json_utf8(struct host_json *j)
{
	static const struct {
		uint32_t least;
		unsigned char mask, lead;
	} forms[] = {
		{0x80, 0xe0, 0xc0}, {0x800, 0xf0, 0xe0}, {0x10000, 0xf8, 0xf0}};

	for (size_t i = 0; i < 3; i++) {
		uint32_t rune = *j->at & (unsigned char)~forms[i].mask;

		if ((*j->at & forms[i].mask) != forms[i].lead)
			continue;
		if ((size_t)(j->end - j->at) < i + 2)
			return false;
		for (size_t k = 1; k < i + 2; k++) {
			if ((j->at[k] & 0xc0) != 0x80)
				return false;
			rune = rune << 6 | (j->at[k] & 0x3f);
		}
		j->at += i + 2;
		return rune >= forms[i].least && rune <= 0x10ffff &&
		       (rune < 0xd800 || rune > 0xdfff);
	}
	return false;
}

static inline bool json_string(struct host_json *j)
{
	if (!json_take(j, '"'))
		return false;
	while (j->at < j->end && *j->at != '"') {
		if (*j->at < ' ')
			return false;
		if (*j->at >= 0x80) {
			if (!json_utf8(j))
				return false;
		} else if (json_take(j, '\\')) {
			if (json_take(j, 'u')) {
				if (!json_digits(j, 4,
						 "0123456789abcdefABCDEF"))
					return false;
			} else if (!json_digits(j, 1, "\"\\/bfnrt")) {
				return false;
			}
		} else {
			j->at++;
		}
	}
	return json_take(j, '"');
}

static inline bool json_word(struct host_json *j, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(j->end - j->at) < n || memcmp(j->at, word, n) != 0)
		return false;
	j->at += n;
	return true;
}

static inline bool json_number(struct host_json *j)
{
	json_take(j, '-');
	if (json_take(j, '0'))
		return true;
	if (!json_digits(j, 1, "123456789"))
		return false;
	while (json_digits(j, 1, "0123456789"))
		;
	return true;
}

static inline bool json_value(struct host_json *j)
{
	bool is_object = j->at < j->end && *j->at == '{';
	char close = is_object ? '}' : ']';

	if (!is_object && !(j->at < j->end && *j->at == '['))
		return json_string(j) || json_word(j, "true") ||
		       json_word(j, "false") || json_number(j);
	j->at++;
	if (json_take(j, close))
		return true;
	do {
		while (json_take(j, ' '))
			;
		if (is_object && !(json_string(j) && json_take(j, ':')))
			return false;
		if (!json_value(j))
			return false;
	} while (json_take(j, ','));
	return json_take(j, close);
}

static inline bool is_json(const char *text, size_t n)
{
	struct host_json j = {(const unsigned char *)text,
			      (const unsigned char *)text + n};

	return n && *text == '{' && json_value(&j) && j.at == j.end;
}

/* How many lines there are, blank ones aside; each must be a JSON object. */
static inline size_t host_lines(const char *text)
{
	size_t count = 0;

	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		if (end == text)
			continue;
		if (!is_json(text, (size_t)(end - text)))
			fail_msg("not JSON: %.*s", (int)(end - text), text);
		count++;
	}
	return count;
}

/* By hand: each strstr() of a sanitizer measures all that follows. */
static inline size_t host_count(const char *text, const char *what)
{
	size_t count = 0, n = strlen(what);

	for (; *text; text++)
		if (*text == *what && !strncmp(text, what, n)) {
			count++;
			text += n - 1;
		}
	return count;
}

#endif
