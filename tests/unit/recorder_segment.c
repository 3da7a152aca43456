#include "recorder_host.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "keytrail/trace.h"
#include "recorder/trace/segment.h"
#include "recorder/trace/segment_file.h"
#include "recorder/lib/str.h"

enum { STEP = 1 << 20, AHEAD = 256 << 10 };

static const char line[] = "{\"e\":\"read\",\"t\":1,\"image\":\"7.1\"}\n";
enum {
	LINE = sizeof line - 1,
	HEAD = KT_SEGMENT_FIRST,     /* where events begin */
	FITS = (STEP - HEAD) / LINE, /* lines, before it must grow */
};

static void put(void)
{
	segment_put(line, LINE, VITAL);
}

static size_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (size_t)st.st_size;
}

/* What follows the line of counters. */
static const char *segment(void)
{
	return host_get(host_file("jsonl")) + HEAD;
}

/* The counters of all writers, in the file that they share. */
static struct kt_segment *counters(void)
{
	int fd = open(host_file("jsonl"), O_RDWR);
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	close(fd);
	should(at != MAP_FAILED);
	return at;
}

static uint64_t used(void)
{
	uint64_t bytes;

	should(kt_counter_of(counters()->used, &bytes));
	return bytes - HEAD;
}

static uint64_t lost(void)
{
	uint64_t events;

	should(kt_counter_of(counters()->lost, &events));
	return events;
}

static void limit(int resource, size_t bytes)
{
	struct rlimit limits;

	should(!getrlimit(resource, &limits));
	limits.rlim_cur = bytes;
	should(!setrlimit(resource, &limits));
}

/* ---- an ordinary segment */

static void open_and_put_three(void)
{
	segment_open();
	put();
	put();
	segment_put("{\"last\":1}\n", 11, VITAL);
	should(used() % (2 * LINE + 11) == 0);
	should(!lost() && !globals->life.lost);
}

static void lines_stand_one_after_the_other(void **state)
{
	(void)state;
	host_lives(open_and_put_three);
	assert_int_equal(host_lines(segment()), 3);
	assert_memory_equal(segment() + 2 * LINE, "{\"last\":1}\n\n\n", 13);
	assert_int_equal(size_of(host_file("append.jsonl")), 0);
}

static void the_counters_are_a_line_of_the_file(void **state)
{
	(void)state;
	host_lives(open_and_put_three);
	assert_memory_equal(host_get(host_file("jsonl")), KT_SEGMENT_BEGIN,
			    sizeof KT_SEGMENT_BEGIN - 1);
	assert_int_equal(host_lines(host_get(host_file("jsonl"))), 4);
}

static void space_is_newlines_before_anything_is_told(void **state)
{
	(void)state;
	host_lives(segment_open);
	assert_int_equal(size_of(host_file("jsonl")), STEP);
	assert_int_equal(strspn(segment(), "\n"), STEP - HEAD);
}

static void the_files_belong_to_their_user_alone(void **state)
{
	struct stat st;

	(void)state;
	umask(0);
	host_lives(segment_open);
	assert_int_equal(stat(host_file("jsonl"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_later_image_goes_on_where_the_last_one_ended(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		host_lives(open_and_put_three);
	assert_int_equal(host_lines(segment()), 9);
	assert_in_range(size_of(host_file("jsonl")), STEP, 2 * STEP);
}

static void keep_no_descriptor(void)
{
	int before = dup(0);

	segment_open();
	put();
	segment_make_room();
	should(dup(0) == before + 1);
}

static void no_descriptor_is_kept(void **state)
{
	(void)state;
	host_lives(keep_no_descriptor);
}

/* ---- growth */

static void grow_at_handovers(void)
{
	segment_open();
	for (int i = 0; i < STEP / LINE * 3; i++) {
		put();
		if (i % 1000 == 0)
			segment_make_room();
	}
	should(!globals->life.lost);
}

static void room_is_made_ahead_of_what_is_needed(void **state)
{
	size_t size;

	(void)state;
	host_lives(grow_at_handovers);
	size = size_of(host_file("jsonl"));
	assert_in_range(size, 3 * STEP + 1, 7 * STEP);
	assert_int_equal(host_lines(segment()), STEP / LINE * 3);
	assert_int_equal(strlen(segment()), size - HEAD);
}

static void never_grow(void)
{
	segment_open();
	for (int i = 0; i < FITS + 100; i++)
		put();
	should(used() <= STEP);
	should(globals->life.lost == 100);
	should(lost() == globals->life.lost);
}

static void a_read_never_makes_room_and_counts_what_it_loses(void **state)
{
	(void)state;
	host_lives(never_grow);
	assert_int_equal(host_lines(segment()), FITS);
	assert_int_equal(size_of(host_file("jsonl")), STEP);
}

/* ---- lanes */

static size_t fill(enum lane lane)
{
	size_t n = 0;

	while (segment_has_room(lane)) {
		segment_put(line, LINE, lane);
		n++;
	}
	return n;
}

static void fill_lane_by_lane(void)
{
	enum {
		HALF = STEP / 2,
		SIXTEENTH = STEP / 16,
		SLACK = HEAD + LINE_BYTES
	};

	segment_open();
	fill(REPEATED);
	should(used() <= HALF && used() > HALF - 2 * SLACK);
	fill(ORDINARY);
	should(used() <= STEP - SIXTEENTH);
	should(used() > STEP - SIXTEENTH - 2 * SLACK);
	should(!segment_has_room(REPEATED));
	fill(IMPORTANT);
	should(used() <= STEP - SIXTEENTH / 2);
	should(used() > STEP - SIXTEENTH / 2 - 2 * SLACK);
	fill(VITAL);
	should(used() <= STEP && used() > STEP - 2 * SLACK);
	should(!globals->life.lost);
}

static void the_last_of_the_room_is_for_what_matters_most(void **state)
{
	(void)state;
	host_lives(fill_lane_by_lane);
}

static void fill_little(void)
{
	globals->settings.max = 16384;
	segment_open();
	should(fill(ORDINARY) > 100);
	should(fill(VITAL) > 60);
}

static void a_small_segment_has_a_reserve_too(void **state)
{
	(void)state;
	host_lives(fill_little);
}

static void lose_ordinary_ones(void)
{
	segment_open();
	fill(ORDINARY);
	for (int i = 0; i < 1000; i++)
		segment_put(line, LINE, ORDINARY);
	should(globals->life.lost > 900);
	should(segment_has_room(VITAL)); /* not used up by telling losses */
	segment_put("{\"last\":1}\n", 11, VITAL);
}

static void losses_do_not_use_up_the_reserve(void **state)
{
	(void)state;
	host_lives(lose_ordinary_ones);
	assert_int_equal(host_count(segment(), "{\"last\":1}"), 1);
	assert_int_equal(host_count(segment(), "\"full\""),
			 0); /* it may grow */
}

static void fill_to_the_maximum(void)
{
	globals->settings.max = STEP;
	for (int image = 0; image < 3; image++) {
		segment_open();
		fill(ORDINARY);
		for (int i = 0; i < 100; i++)
			segment_put(line, LINE, ORDINARY);
	}
}

static void a_full_segment_says_so_once(void **state)
{
	(void)state;
	host_lives(fill_to_the_maximum);
	host_lives(fill_to_the_maximum);
	assert_int_equal(host_count(segment(), "{\"e\":\"full\""), 1);
	assert_int_equal(host_count(segment(), ",\"max\":1048576}\n"), 1);
	host_lines(segment());
}

static void claim_and_shrink(void)
{
	char *at[100];

	segment_open();
	for (int i = 0; i < 100; i++) {
		put();
		at[i] = segment_claim(100, VITAL);
		should(at[i] && !((uintptr_t)at[i] & 7));
		memset(at[i], 'x', 100);
	}
	segment_shrink();
	for (int i = 0; i < 100; i++)
		memset(at[i], '\n', 100);
	fill(VITAL);
	should(!segment_claim(4096, VITAL));
}

static void a_claim_is_space_of_its_own_for_good(void **state)
{
	(void)state;
	host_lives(claim_and_shrink);
	host_lines(segment());
}

/* More than 2 MiB of room, and little of it used. */
static void grow_a_little(void)
{
	static char long_line[STEP - 4096];

	segment_open();
	memset(long_line, '\n', sizeof long_line);
	for (int i = 0; i < 3; i++) {
		segment_make_room();
		segment_put(long_line, sizeof long_line / 2, VITAL);
	}
	should(size_of(host_file("jsonl")) > 2 * STEP);
}

static void shrink_and_let_another_grow(void)
{
	segment_open();
	segment_shrink();
	should(!host_status_of(grow_a_little));
	should(size_of(host_file("jsonl")) > 2 * STEP);
	put();
	should(!globals->life.lost);
}

static void open_with_a_smaller_maximum(void)
{
	globals->settings.max = 2 * STEP;
	segment_open();
	put();
	should(!globals->life.lost);
}

static void what_others_grew_is_no_reason_to_lose(void **state)
{
	(void)state;
	host_lives(segment_open);
	host_lives(grow_a_little);
	host_lives(open_with_a_smaller_maximum);
	host_lives(shrink_and_let_another_grow);
}

static void lose_some_and_grow(void)
{
	strcpy(globals->self, "9.9");
	never_grow();
	segment_make_room();
	put();
	put();
	should(globals->life.told_lost == 100);
}

static void a_loss_is_told_once_when_there_is_space_again(void **state)
{
	(void)state;
	host_lives(lose_some_and_grow);
	host_lines(segment());
	assert_int_equal(host_count(segment(), "{\"e\":\"lost\""), 1);
	assert_int_equal(host_count(segment(), "\"image\":\"9.9\",\"n\":100}"),
			 1);
	assert_int_equal(host_count(segment(), line), FITS + 2);
}

static void fill_it_up(void)
{
	globals->settings.max = 2 * STEP + 4096 + 7;
	segment_open();
	for (int i = 0; i < 4 * STEP / LINE; i++) {
		put();
		if (i % 1000 == 0)
			segment_make_room();
	}
	should(globals->life.lost > 0);
	should(used() <= 2 * STEP + 4096);
	should(globals->life.lost + used() / LINE == 4 * STEP / LINE);
}

static void a_segment_never_exceeds_its_maximum(void **state)
{
	(void)state;
	host_lives(fill_it_up);
	assert_in_range(size_of(host_file("jsonl")), STEP, 2 * STEP + 4096);
	assert_in_range(host_lines(segment()), 2 * STEP / LINE - 8,
			2 * STEP / LINE + 4096 / LINE);
}

/* ---- limits of the host */

static void grow_within_the_file_limit(void)
{
	limit(RLIMIT_FSIZE, STEP + 4096);
	segment_open();
	for (int i = 0; i < FITS + 1000; i++) {
		put();
		segment_make_room();
	}
	should(globals->life.lost);
}

static void a_limit_on_file_size_kills_nobody(void **state)
{
	(void)state;
	host_lives(grow_within_the_file_limit);
	assert_int_equal(size_of(host_file("jsonl")), STEP + 4096);
}

static void put_with_no_file_size_at_all(void)
{
	limit(RLIMIT_FSIZE, 0);
	segment_open();
	put();
	should(globals->life.lost == 1);
}

static void a_host_that_may_write_no_file_only_counts(void **state)
{
	(void)state;
	host_lives(put_with_no_file_size_at_all);
	assert_int_equal(size_of(host_file("append.jsonl")), 0);
}

static void append_with_little_memory(void)
{
	limit(RLIMIT_AS, (size_t)1 << 46);
	segment_open();
	put();
	put();
	should(!globals->life.lost);
}

static void a_host_short_of_memory_appends_instead(void **state)
{
	(void)state;
	host_lives(append_with_little_memory);
	assert_int_equal(size_of(host_file("jsonl")), 0);
	assert_string_equal(host_get(host_file("append.jsonl")) + LINE, line);
}

static void append_up_to_the_maximum(void)
{
	globals->settings.max = 3 * LINE + 1;
	for (int i = 0; i < 5; i++)
		put();
	should(globals->life.lost == 2);
}

static void appending_ends_at_the_maximum_too(void **state)
{
	(void)state;
	host_lives(append_up_to_the_maximum);
	assert_int_equal(size_of(host_file("append.jsonl")), 3 * LINE);
}

static void put_without_descriptors(void)
{
	segment_open();
	limit(RLIMIT_NOFILE, 0);
	for (int i = 0; i < 10; i++) {
		put();
		segment_make_room();
	}
	should(!globals->life.lost);
}

static void a_mapped_segment_needs_no_descriptor(void **state)
{
	(void)state;
	host_lives(put_without_descriptors);
	assert_int_equal(host_lines(segment()), 10);
}

static void open_in_a_new_directory(void)
{
	umask(0);
	strcat(globals->settings.dir, "/new");
	segment_open();
	put();
	should(!globals->life.lost);
}

static void a_named_directory_is_made_when_it_is_not_there(void **state)
{
	struct stat st;

	(void)state;
	host_lives(open_in_a_new_directory);
	assert_int_equal(stat(host_path("new"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void put_into_nowhere(void)
{
	strcat(globals->settings.dir, "/not/there");
	segment_open();
	put();
	segment_make_room();
	segment_count_skipped();
	should(globals->life.lost == 1);
}

static void a_directory_that_is_gone_only_counts(void **state)
{
	(void)state;
	host_lives(put_into_nowhere);
}

/* ---- files that are not ours */

static const char *const suffixes[] = {"jsonl", "append.jsonl"};

static void nothing_goes_through_a_link(void **state)
{
	char victim[64];

	(void)state;
	snprintf(victim, sizeof victim, "%s", host_path("victim"));
	for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
		host_put(victim, "precious", 8, 0600);
		unlink(host_file(suffixes[i]));
		assert_int_equal(symlink(victim, host_file(suffixes[i])), 0);
		host_lives(segment_open);
		host_lives(put);
		assert_string_equal(host_get(victim), "precious");
		unlink(host_file(suffixes[i]));
	}
}

static void open_and_put(void)
{
	segment_open();
	put();
}

/* The only file whose name ends so, and that a stranger did not plant. */
static const char *own_file(const char *suffix)
{
	const char *planted = strrchr(host_file(suffix), '/') + 1;
	static char own[64];
	struct dirent *e;
	DIR *d = opendir(host_dir);

	own[0] = '\0';
	while ((e = readdir(d))) {
		size_t n = strlen(e->d_name), m = strlen(suffix);

		if (n > m && !strcmp(e->d_name + n - m, suffix) &&
		    strcmp(e->d_name, planted) != 0 &&
		    strcmp(e->d_name, "victim.jsonl") != 0)
			snprintf(own, sizeof own, "%s", e->d_name);
	}
	closedir(d);
	return host_path(*own ? own : "none");
}

/* What is recorded where the file's name is taken, into a file of one's own. */
static void expect_own_file(void (*story)(void), const char *suffix)
{
	const char *own;
	struct stat st;

	host_lives(story);
	own = own_file(suffix);
	assert_int_equal(stat(own, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_true(host_lines(host_get(own)) >= 1);
	unlink(own);
}

static void a_taken_name_silences_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
		void (*story)(void) = i ? put : open_and_put;
		char name[128];

		snprintf(name, sizeof name, "%s", host_file(suffixes[i]));
		host_put(host_path("victim.jsonl"), "precious\n", 9, 0600);
		assert_int_equal(mkfifo(name, 0666), 0);
		expect_own_file(story, suffixes[i]);
		unlink(name);
		assert_int_equal(mkdir(name, 0777), 0);
		expect_own_file(story, suffixes[i]);
		rmdir(name);
		assert_int_equal(symlink(host_path("victim.jsonl"), name), 0);
		expect_own_file(story, suffixes[i]);
		unlink(name);
		assert_int_equal(link(host_path("victim.jsonl"), name), 0);
		expect_own_file(story, suffixes[i]);
		unlink(name);
		host_put(name, "", 0, 0622);
		expect_own_file(story, suffixes[i]);
		unlink(name);
		assert_string_equal(host_get(host_path("victim.jsonl")),
				    "precious\n");
	}
}

static void a_file_of_ones_own_takes_little_room(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir(host_file("jsonl"), 0777), 0);
	host_lives(open_and_put);
	assert_int_equal(stat(own_file("jsonl"), &st), 0);
	assert_in_range(st.st_size, 4096, 128 << 10);
}

static void fork_and_put(void)
{
	segment_open();
	put();
	for (int i = 0; i < 3; i++)
		if (!fork()) {
			segment_make_room();
			put();
			_exit(globals->life.lost ? 1 : 0);
		} else {
			int status;

			wait(&status);
			should(!status);
		}
}

static void forked_children_share_the_file_of_ones_own(void **state)
{
	(void)state;
	assert_int_equal(mkdir(host_file("jsonl"), 0777), 0);
	host_lives(fork_and_put);
	assert_int_equal(host_lines(host_get(own_file("jsonl"))), 5);
}

static void the_umask_takes_nothing_from_a_file(void **state)
{
	struct stat st;

	(void)state;
	umask(0777);
	host_lives(segment_open);
	umask(022);
	assert_int_equal(stat(host_file("jsonl"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static bool leads_anywhere(mode_t parent, uid_t owner)
{
	char filled[32];
	bool followed;

	mkdir(host_path("parent"), 0700);
	chmod(host_path("parent"), parent);
	mkdir(host_path("anywhere"), 0700);
	snprintf(globals->settings.dir, sizeof globals->settings.dir,
		 "%s/parent/link", host_dir);
	assert_int_equal(symlink(host_path("anywhere"), globals->settings.dir),
			 0);
	assert_int_equal(lchown(globals->settings.dir, owner, owner), 0);
	host_lives(open_and_put);
	unlink(globals->settings.dir);
	followed = rmdir(host_path("anywhere"));
	snprintf(filled, sizeof filled, "filled-%o-%u", parent, owner);
	rename(host_path("anywhere"), host_path(filled));
	return followed;
}

/* In /tmp a stranger's link would lead anywhere. */
static void a_directory_that_is_a_strangers_link_is_not_followed(void **state)
{
	(void)state;
	if (geteuid())
		skip(); /* cannot give a link away */
	assert_false(leads_anywhere(01777, 65534));
	assert_true(leads_anywhere(01777, 0));
	assert_true(leads_anywhere(0755, 65534));
}

static void a_pipe_in_place_of_a_file_makes_nobody_wait(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
		unlink(host_file(suffixes[i]));
		assert_int_equal(mkfifo(host_file(suffixes[i]), 0600), 0);
		host_lives(open_and_put);
		host_lives(put);
		unlink(host_file(suffixes[i]));
	}
}

static void the_file_of_somebody_else_is_left_alone(void **state)
{
	(void)state;
	if (geteuid())
		skip(); /* cannot give a file away */
	for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
		host_put(host_file(suffixes[i]), "", 0, 0666);
		assert_int_equal(chown(host_file(suffixes[i]), 65534, 0), 0);
		host_lives(open_and_put);
		host_lives(put);
		assert_int_equal(size_of(host_file(suffixes[i])), 0);
		unlink(host_file(suffixes[i]));
	}
}

/* ---- a host that scribbles on what it should not know */

static void scribble(size_t offset, uint64_t word)
{
	memcpy((char *)counters() + offset, &word, sizeof word);
	for (int i = 0; i < 100; i++)
		put();
	segment_make_room();
	put();
}

static void scribble_on_the_counters(void)
{
	static const uint64_t words[] = {
		0,
		1,
		4096,
		STEP - 1,
		STEP,
		STEP + 1,
		INT64_MAX,
		UINT64_MAX,
		1u << 31,
		UINT64_C(1) << 32,
		UINT64_C(1) << 63,
		UINT32_MAX,
		64,
		UINT64_MAX - AHEAD,
		UINT64_MAX - 35,
		8 << 20,
	};
	static const size_t fields[] = {offsetof(struct kt_segment, room),
					offsetof(struct kt_segment, used)};
	struct kt_segment before;

	segment_open();
	put();
	before = *counters();
	for (size_t f = 0; f < ARRAY_LENGTH(fields); f++)
		for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
			*counters() = before;
			scribble(fields[f], words[i]);
			*counters() = before;
			scribble(fields[f], kt_digits_of(words[i]));
		}
	for (int bit = 0; bit < 64; bit++) {
		*counters() = before;
		scribble(offsetof(struct kt_segment, room),
			 before.room ^ UINT64_C(1) << bit);
		*counters() = before;
		scribble(offsetof(struct kt_segment, used),
			 before.used ^ UINT64_C(1) << bit);
	}
}

static void scribbled_counters_never_lead_outside_the_segment(void **state)
{
	(void)state;
	host_lives(scribble_on_the_counters);
	assert_in_range(size_of(host_file("jsonl")), STEP,
			globals->settings.max);
}

static void write_random(size_t offset, size_t n, unsigned *seed)
{
	char *at = (char *)counters() + offset;

	for (size_t i = 0; i < n; i++)
		at[i] = (char)rand_r(seed);
}

static void random_counters_do_no_harm_to_who_comes_later(void **state)
{
	unsigned seed = 3;

	(void)state;
	host_lives(open_and_put);
	for (int round = 0; round < 50; round++) {
		write_random(offsetof(struct kt_segment, room), 8, &seed);
		write_random(offsetof(struct kt_segment, used), 8, &seed);
		host_lives(open_and_put);
	}
	for (int round = 0; round < 50; round++) {
		write_random(0, 4096, &seed);
		host_lives(open_and_put);
	}
}

static void half_a_head_is_made_whole(void **state)
{
	(void)state;
	host_put(host_file("jsonl"), KT_SEGMENT_TEXT, 40, 0600);
	host_lives(open_and_put);
	assert_int_equal(size_of(host_file("jsonl")), STEP);
	assert_int_equal(host_lines(host_get(host_file("jsonl"))), 2);
}

static void what_is_no_segment_is_left_as_it_is(void **state)
{
	char other[5000];

	(void)state;
	memset(other, 'x', sizeof other);
	for (size_t n = 5; n <= sizeof other; n += sizeof other - 5) {
		host_put(host_file("jsonl"), other, n, 0600);
		host_lives(open_and_put);
		assert_int_equal(size_of(host_file("jsonl")), n);
		assert_memory_equal(host_get(host_file("jsonl")), other, n);
		assert_string_equal(host_get(host_file("append.jsonl")), line);
		unlink(host_file("append.jsonl"));
	}
}

/* ---- several at once */

static char own_line[64];

enum { WRITERS = 4, EACH = 20000 };

static void write_many(void)
{
	size_t n =
		(size_t)sprintf(own_line, "{\"pid\":%d,\"n\":0}\n", getpid());

	segment_open();
	for (int i = 0; i < EACH; i++) {
		segment_put(own_line, n, VITAL);
		if (i % 100 == 0)
			segment_make_room();
	}
	_exit(0);
}

/* Who finds the lock taken goes on, and may lose: but nothing in silence. */
static void processes_at_once_tear_no_line_and_count_each_loss(void **state)
{
	pid_t child[WRITERS];
	size_t found = 0;

	(void)state;
	fflush(NULL);
	for (int i = 0; i < WRITERS; i++)
		if (!(child[i] = fork()))
			write_many();
	for (int i = 0; i < WRITERS; i++) {
		int status;

		waitpid(child[i], &status, 0);
		assert_int_equal(status, 0);
	}
	host_lines(segment());
	for (int i = 0; i < WRITERS; i++) {
		snprintf(own_line, sizeof own_line, "{\"pid\":%d,\"n\":0}\n",
			 child[i]);
		found += host_count(segment(), own_line);
	}
	assert_int_equal(found + lost(), WRITERS * EACH);
	assert_in_range(found, EACH, WRITERS * EACH);
}

static void write_until_killed(void)
{
	segment_open();
	for (;;) {
		put();
		segment_make_room();
	}
}

static void a_killed_writer_spoils_one_line_at_most(void **state)
{
	int status;

	(void)state;
	globals->settings.max = 4 << 20;
	for (int i = 0; i < 5; i++) {
		pid_t child = fork();

		if (!child)
			write_until_killed();
		usleep(20000);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
	}
	host_lives(open_and_put);
	assert_in_range(host_count(segment(), line), 1, 8 << 20);
	assert_int_equal(strlen(segment()), size_of(host_file("jsonl")) - HEAD);
}

static void skip_twice(void)
{
	segment_count_skipped();
	segment_open();
	segment_count_skipped();
	segment_count_skipped();
	should(counters()->skipped == kt_digits_of(2));
}

static void what_was_met_while_busy_is_counted(void **state)
{
	(void)state;
	host_lives(skip_twice);
}

/* Elsewhere everything is appended, and there is no segment to test. */
static bool is_mapped_here(void)
{
	struct statfs fs;

	if (statfs("/tmp", &fs))
		return false;
	switch ((unsigned long)fs.f_type) {
	case 0xef53:	 /* ext4 */
	case 0x58465342: /* xfs */
	case 0x9123683e: /* btrfs */
	case 0x01021994: /* tmpfs */
	case 0x794c7630: /* overlay */
		return true;
	}
	return false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(lines_stand_one_after_the_other),
		HOST_TEST(the_counters_are_a_line_of_the_file),
		HOST_TEST(space_is_newlines_before_anything_is_told),
		HOST_TEST(the_files_belong_to_their_user_alone),
		HOST_TEST(a_later_image_goes_on_where_the_last_one_ended),
		HOST_TEST(no_descriptor_is_kept),
		HOST_TEST(room_is_made_ahead_of_what_is_needed),
		HOST_TEST(a_read_never_makes_room_and_counts_what_it_loses),
		HOST_TEST(the_last_of_the_room_is_for_what_matters_most),
		HOST_TEST(a_small_segment_has_a_reserve_too),
		HOST_TEST(losses_do_not_use_up_the_reserve),
		HOST_TEST(a_full_segment_says_so_once),
		HOST_TEST(a_claim_is_space_of_its_own_for_good),
		HOST_TEST(what_others_grew_is_no_reason_to_lose),
		HOST_TEST(a_loss_is_told_once_when_there_is_space_again),
		HOST_TEST(a_segment_never_exceeds_its_maximum),
		HOST_TEST(a_limit_on_file_size_kills_nobody),
		HOST_TEST(a_host_that_may_write_no_file_only_counts),
		HOST_TEST(a_host_short_of_memory_appends_instead),
		HOST_TEST(appending_ends_at_the_maximum_too),
		HOST_TEST(a_mapped_segment_needs_no_descriptor),
		HOST_TEST(a_named_directory_is_made_when_it_is_not_there),
		HOST_TEST(a_directory_that_is_gone_only_counts),
		HOST_TEST(nothing_goes_through_a_link),
		HOST_TEST(a_taken_name_silences_nobody),
		HOST_TEST(a_file_of_ones_own_takes_little_room),
		HOST_TEST(forked_children_share_the_file_of_ones_own),
		HOST_TEST(the_umask_takes_nothing_from_a_file),
		HOST_TEST(a_directory_that_is_a_strangers_link_is_not_followed),
		HOST_TEST(a_pipe_in_place_of_a_file_makes_nobody_wait),
		HOST_TEST(the_file_of_somebody_else_is_left_alone),
		HOST_TEST(scribbled_counters_never_lead_outside_the_segment),
		HOST_TEST(random_counters_do_no_harm_to_who_comes_later),
		HOST_TEST(half_a_head_is_made_whole),
		HOST_TEST(what_is_no_segment_is_left_as_it_is),
		HOST_TEST(processes_at_once_tear_no_line_and_count_each_loss),
		HOST_TEST(a_killed_writer_spoils_one_line_at_most),
		HOST_TEST(what_was_met_while_busy_is_counted),
	};

	if (!is_mapped_here()) {
		puts("1..0 # SKIP no segment is mapped on this file system");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
