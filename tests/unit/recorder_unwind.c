#include "recorder_host.h"

#include <dlfcn.h>
#include <sys/resource.h>

#include "keytrail/trace.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/trace/unwind.h"

static uintptr_t frames[UNWIND_FRAMES];
static size_t count;

static __attribute__((noinline)) void hook(void)
{
	count = unwind_callers(CALLER, frames);
	__asm__ volatile("");
}

static __attribute__((noinline)) void inner(void)
{
	hook();
	__asm__ volatile("");
}

static __attribute__((noinline)) void outer(void)
{
	inner();
	__asm__ volatile("");
}

static __attribute__((noinline)) void down(int depth)
{
	if (depth)
		down(depth - 1);
	else
		outer();
	__asm__ volatile("");
}

/* Is the frame in this function? All of them are short, also sanitized. */
static bool is_in(uintptr_t frame, void (*function)(void))
{
	return frame - (uintptr_t)function < 256;
}

static bool has_libunwind(void)
{
	return dlopen(KT_UNWINDER, RTLD_LAZY | RTLD_LOCAL);
}

static void start(void)
{
	globals->life.pid = getpid();
	elf_start(environ);
	unwind_start();
}

static void tells_who_called_behind_the_caller(void)
{
	start();
	outer();
	should(count >= 2);
	should(is_in(frames[0], outer));
	should(frames[1] && frames[1] != frames[0]);
}

static void takes_no_more_than_there_is_room_for(void)
{
	start();
	down(100);
	should(count == UNWIND_FRAMES);
	should(is_in(frames[0], outer));
	should(frames[5] == frames[UNWIND_FRAMES - 1]);
}

static void takes_none_before_the_start_and_after_the_end(void)
{
	outer();
	should(!count);
	start();
	outer();
	should(count);
	unwind_stop();
	outer();
	should(!count);
}

static void takes_none_for_a_caller_that_is_none(void)
{
	start();
	should(!unwind_callers((const void *)1, frames));
	should(!unwind_callers(NULL, frames));
}

static void takes_none_in_a_vfork_child(void)
{
	start();
	globals->life.pid++;
	outer();
	should(!count);
}

static void a_fork_that_finds_nobody_at_it_goes_on(void)
{
	start();
	atomic_store(&globals->life.knows_stacks,
		     false); /* as a fork wipes it */
	outer();
	should(count);
}

static void leaves_no_descriptor_and_no_limit_behind(void)
{
	struct rlimit before, after;
	int fd = dup(0), other;

	close(fd);
	getrlimit(RLIMIT_NOFILE, &before);
	start();
	outer();
	getrlimit(RLIMIT_NOFILE, &after);
	other = dup(0);
	should(other == fd);
	should(after.rlim_cur == before.rlim_cur);
	should(!dlerror());
}

#define STORIES(STORY)                                                         \
	STORY(tells_who_called_behind_the_caller)                              \
	STORY(takes_no_more_than_there_is_room_for)                            \
	STORY(takes_none_before_the_start_and_after_the_end)                   \
	STORY(takes_none_for_a_caller_that_is_none)                            \
	STORY(takes_none_in_a_vfork_child)                                     \
	STORY(a_fork_that_finds_nobody_at_it_goes_on)                          \
	STORY(leaves_no_descriptor_and_no_limit_behind)

#define TEST(story)                                                            \
	static void it_##story(void **state)                                   \
	{                                                                      \
		(void)state;                                                   \
		if (!has_libunwind())                                          \
			skip();                                                \
		host_lives(story);                                             \
	}
STORIES(TEST)
#undef TEST

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(story) HOST_TEST(it_##story),
		STORIES(TEST)
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
