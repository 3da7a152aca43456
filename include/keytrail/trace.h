/* The trace: names that the recorder writes and the analyzer reads.
 *
 * docs/trace-format.md tells what every event and field means; a
 * name is added here and there in the same commit. Names are never renamed.
 */
#ifndef KEYTRAIL_TRACE_H
#define KEYTRAIL_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KT_TRACE_VERSION 1

/* What the recorder loads to take stacks, when it is asked for them. */
#define KT_UNWINDER "libunwind-x86_64.so.8"

/* How many of equal changes (set, unset) are all told; and of events that
 * differ in nothing but a value. */
#define KT_CHANGES_TOLD 64

/* How many different names one place may ask for, set or take away, and in
 * how many places one thing may be done, before the rest is folded. */
#define KT_NAMES_TOLD 1024

/* Events: the value of the field "e", first in every line. */
#define KT_EVENTS(EVENT)                                                       \
	EVENT(BIRTH, "birth")		 /* a process image begins */          \
	EVENT(READ, "read")		 /* a watched name was asked for */    \
	EVENT(SET, "set")		 /* setenv, putenv */                  \
	EVENT(UNSET, "unset")		 /* unsetenv, putenv without '=' */    \
	EVENT(CLEAR, "clear")		 /* clearenv */                        \
	EVENT(SWAP, "swap")		 /* environ changed, no call seen */   \
	EVENT(FORK, "fork")		 /* the parent's side of a fork */     \
	EVENT(EXEC, "exec")		 /* about to become another program */ \
	EVENT(SPAWN, "spawn")		 /* posix_spawn, system, popen */      \
	EVENT(EXEC_FAILED, "exec-failed") /* the exec before it came back */   \
	EVENT(EXIT, "exit")		 /* exit and its family were called */ \
	EVENT(WAIT, "wait")		 /* a parent learnt a child's end */   \
	EVENT(HEARS, "hears")		 /* a language's own reads are heard */ \
	EVENT(MODULE, "module")		 /* a file that a place lies in */     \
	EVENT(MORE, "more")		 /* the rest of a list cut for size */ \
	EVENT(LOST, "lost")		 /* events that could not be written */ \
	EVENT(RAISE, "raise")		 /* an error that nobody caught */     \
	EVENT(KILL, "kill")		 /* about to signal a process */       \
	EVENT(COPY, "copy")		 /* the environment was copied */      \
	EVENT(FOLD, "fold")		 /* alike events that are only counted */ \
	EVENT(FULL, "full")		 /* the segment may grow no more */    \
	EVENT(RUN, "run")		 /* `keytrail run` started a command */ \
	EVENT(RAN, "ran")		 /* ... and that command ended */      \
	EVENT(SEGMENT, "segment")	 /* first line of a segment */         \
	EVENT(PACK, "pack")		 /* first line of a packed trace */

enum kt_event {
#define EVENT(id, name) KT_##id,
	KT_EVENTS(EVENT)
#undef EVENT
	KT_EVENT_COUNT
};

/* Shapes of a value: the words in the field "is". */
#define KT_SHAPES(SHAPE)                                                       \
	SHAPE(EMPTY, "empty")						       \
	SHAPE(BLANK, "blank")		/* leading or trailing blank or tab */ \
	SHAPE(CR, "cr")			/* a carriage return anywhere */       \
	SHAPE(LF, "lf")			/* a line feed anywhere */             \
	SHAPE(QUOTED, "quoted")		/* the quotes are part of the value */ \
	SHAPE(PLACEHOLDER, "placeholder") /* your-api-key, changeme, xxx */    \
	SHAPE(UNEXPANDED, "unexpanded")	/* ${NAME}, $NAME, {{ name }} */       \
	SHAPE(LITERAL, "literal")	/* undefined, null, None, NaN, ... */  \
	SHAPE(BOM, "bom")		/* begins with a byte order mark */    \
	SHAPE(UNPRINTABLE, "unprintable") /* a control or non-ASCII byte */    \
	SHAPE(JSON, "json")		/* begins and ends as an object does */ \
	SHAPE(PEM, "pem")		/* begins with -----BEGIN */           \
	SHAPE(HEX, "hex")		/* 32 or more hex digits, no others */

enum kt_shape {
#define SHAPE(id, name) KT_SHAPE_BIT_##id,
	KT_SHAPES(SHAPE)
#undef SHAPE
	KT_SHAPE_COUNT
};
#define SHAPE(id, name) static const uint32_t KT_IS_##id __attribute__((unused)) = 1u << KT_SHAPE_BIT_##id;
KT_SHAPES(SHAPE)
#undef SHAPE

/* What an exec's or spawn's target is: the field "target". */
#define KT_TARGETS(TARGET)                                                     \
	TARGET(DYNAMIC, "dynamic")	   /* we can follow it */	       \
	TARGET(STATIC, "static")	   /* no loader, so no preload */      \
	TARGET(OTHER_CLASS, "other-class") /* 32-bit, another machine */       \
	TARGET(SETUID, "setuid")	   /* set-id or file capabilities */   \
	TARGET(MISSING, "missing")	   /* cannot be opened: no such file */ \
	TARGET(UNKNOWN, "unknown")	   /* neither ELF nor #!, unreadable */ \
	TARGET(OTHER_LIBC, "other-libc")   /* neither glibc's nor musl's loader */

enum kt_target {
#define TARGET(id, name) KT_TARGET_##id,
	KT_TARGETS(TARGET)
#undef TARGET
	KT_TARGET_COUNT
};

/* How the recorder reaches the next image: the field "handed". */
#define KT_HANDED(HANDED)                                                      \
	HANDED(KEPT, "kept")   /* the caller's envp carries it already */      \
	HANDED(ADDED, "added") /* we put ourselves into a copy of envp */      \
	HANDED(NOT, "not")     /* not handed on: that image will be a gap */   \
	HANDED(OFF, "off")     /* the same, for it has KEYTRAIL=off */

enum kt_handed {
#define HANDED(id, name) KT_HANDED_##id,
	KT_HANDED(HANDED)
#undef HANDED
	KT_HANDED_COUNT
};

/* The first line of a segment: counters that all writers share by mapping it.
 * So that the file is text to everybody else, a counter is eight digits of
 * five bits, '0' + 0 to 31, the least first. Never trusted: a host may scribble
 * on it. */
struct kt_segment {
	char begin[32];
	uint64_t room; /* pages of the segment that exist, sealed */
	char and_used[16];
	uint64_t used; /* bytes of the segment that are reserved */
	char and_lost[16];
	uint64_t lost; /* events there was no space for */
	char and_skipped[16];
	uint64_t skipped; /* events met while the recorder was busy */
	char end[16];
};
#define KT_SEGMENT_BEGIN "{\"e\":\"segment\",\"v\":1,   \"room\":\""
#define KT_SEGMENT_TEXT                                                        \
	KT_SEGMENT_BEGIN "00000000\",      \"used\":\"00000000\",      "       \
			 "\"lost\":\"00000000\",   \"skipped\":\"00000000\"}"  \
			 "\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
_Static_assert(sizeof(struct kt_segment) == sizeof KT_SEGMENT_TEXT - 1 &&
		       sizeof KT_SEGMENT_BEGIN - 1 ==
			       offsetof(struct kt_segment, room),
	       "the text lies as the struct does");

/* A segment grows by pages, to as much unless `max=` says otherwise. */
#define KT_SEGMENT_PAGE 4096
#define KT_SEGMENT_MAX	(64 << 20)
#define KT_PAGES_MAX	((1 << 24) - 1)

#define KT_COUNTER_MAX ((UINT64_C(1) << 40) - 1)

static inline uint64_t kt_digits_of(uint64_t counter)
{
	uint64_t digits = 0;

	for (int i = 0; i < 8; i++)
		digits |= ((counter >> 5 * i & 31) + '0') << 8 * i;
	return digits;
}

/* False when they are no digits; then *ret is 0. */
static inline bool kt_counter_of(uint64_t digits, uint64_t *ret)
{
	uint64_t counter = 0;

	for (int i = 0; i < 8; i++)
		counter |= (((digits >> 8 * i) - '0') & 31) << 5 * i;
	*ret = kt_digits_of(counter) == digits ? counter : 0;
	return kt_digits_of(counter) == digits;
}

/* The room carries a check in its upper part: a host that scribbles on the
 * counters must not lead us beyond the end of the file (SIGBUS). */
static inline uint64_t kt_seal_pages(uint64_t count)
{
	uint64_t check = (uint32_t)count * 2654435761u >> 16;

	return check << 24 | count;
}

/* 0 when it cannot be believed. */
static inline uint64_t kt_pages_of(uint64_t sealed)
{
	uint64_t count = sealed & KT_PAGES_MAX;

	return sealed == kt_seal_pages(count) ? count : 0;
}

#endif
