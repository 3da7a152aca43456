/* The trace: names that the recorder writes and the analyzer reads.
 *
 * docs/trace-format.md explains every event and field; a name is added to both
 * in the same commit. Names are never renamed. */
#ifndef KEYTRAIL_TRACE_H
#define KEYTRAIL_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KT_TRACE_VERSION 1

/* The library that the recorder loads for stacks, on demand. */
#define KT_UNWINDER "libunwind-x86_64.so.8"

/* Equal changes (set, unset) up to this number are all recorded. The same limit
 * holds for events that differ only in a value. */
#define KT_CHANGES_TOLD 64

/* Limits before the rest is folded: different names read, set or removed at one
 * place, and different places of one action. */
#define KT_NAMES_TOLD 1024

/* Variables in one `file` event: a long file has several events. */
#define KT_FILE_VARIABLES 64

/* Tables: a name and the meaning stand in columns. */
// clang-format off

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
	EVENT(EXEC_FAILED, "exec-failed") /* the previous exec returned */     \
	EVENT(EXIT, "exit")		 /* exit, _exit ... was called */      \
	EVENT(WAIT, "wait")		 /* a parent learnt a child's end */   \
	EVENT(HEARS, "hears")		 /* a copy of environ is observed */   \
	EVENT(MODULE, "module")		 /* a file that holds a place */       \
	EVENT(MORE, "more")		 /* the rest of a list cut for size */ \
	EVENT(LOST, "lost")		 /* a count of events not written */   \
	EVENT(RAISE, "raise")		 /* an uncaught error */               \
	EVENT(KILL, "kill")		 /* about to signal a process */       \
	EVENT(COPY, "copy")		 /* the environment was copied */      \
	EVENT(DIFFER, "differ")		 /* two environments of one process */ \
	EVENT(OPEN, "open")		 /* an env or secret file was opened */ \
	EVENT(FILE, "file")		 /* the contents of such a file */     \
	EVENT(FOLD, "fold")		 /* a count of alike events */         \
	EVENT(FULL, "full")		 /* the segment may grow no more */    \
	EVENT(REQUEST, "request")	 /* a request of HTTP was sent */      \
	EVENT(RESPONSE, "response")	 /* the answer to a request */         \
	EVENT(UNSEEN, "unseen")		 /* requests that cannot be read */    \
	EVENT(RUN, "run")		 /* `keytrail run` begins a command */ \
	EVENT(RAN, "ran")		 /* the run's command ended */         \
	EVENT(SEGMENT, "segment")	 /* first line of a segment */         \
	EVENT(WATCH, "watch")		 /* a name known by its value */       \
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
	SHAPE(JSON, "json")		/* begins and ends like an object */   \
	SHAPE(PEM, "pem")		/* begins with -----BEGIN */           \
	SHAPE(HEX, "hex")		/* 32 or more hex digits, no others */ \
	SHAPE(ESCAPED_LF, "escaped-lf")	/* a PEM with backslash and n */       \
	SHAPE(PEM_CUT, "pem-cut")	/* -----BEGIN without -----END */      \
	SHAPE(OPEN_QUOTE, "open-quote")	/* one quote at one end only */	       \
	SHAPE(INNER_LF, "inner-lf")	/* CR or LF before the end */	       \
	SHAPE(REFERENCE, "reference")	/* op://, vault:, ENC[, ... */	       \
	SHAPE(ASSIGNMENT, "assignment")	/* NAME=sk-..., export NAME=... */     \
	SHAPE(HEADER, "header")		/* Bearer sk-... */		       \
	SHAPE(BOOLEAN, "boolean")	/* true */			       \
	SHAPE(COMMENT, "comment")	/* sk-... # a comment */	       \
	SHAPE(KEY_AND_MORE, "key-and-more") /* "sk-...," "[sk-...]" */	       \
	SHAPE(BASE64_KEY, "base64-key")	/* sk-... in base64 */		       \
	SHAPE(BYTES_TEXT, "bytes-text")	/* b'sk-...', Python's str(bytes) */   \
	SHAPE(MASKED, "masked")		/* nothing but asterisks */

enum kt_shape {
#define SHAPE(id, name) KT_SHAPE_BIT_##id,
	KT_SHAPES(SHAPE)
#undef SHAPE
	KT_SHAPE_COUNT
};
#define SHAPE(id, name) static const uint32_t KT_IS_##id __attribute__((unused)) = 1u << KT_SHAPE_BIT_##id;
KT_SHAPES(SHAPE)
#undef SHAPE

/* The program of an exec or spawn: the field "target". */
#define KT_TARGETS(TARGET)                                                     \
	TARGET(DYNAMIC, "dynamic")	   /* can be recorded */               \
	TARGET(STATIC, "static")	   /* no loader, so no preload */      \
	TARGET(OTHER_CLASS, "other-class") /* 32-bit, another machine */       \
	TARGET(SETUID, "setuid")	   /* set-id or file capabilities */   \
	TARGET(MISSING, "missing")	   /* no such file, or not to open */  \
	TARGET(UNKNOWN, "unknown")	   /* not ELF, not #!, unreadable */   \
	TARGET(OTHER_LIBC, "other-libc")   /* neither glibc's nor musl's loader */

enum kt_target {
#define TARGET(id, name) KT_TARGET_##id,
	KT_TARGETS(TARGET)
#undef TARGET
	KT_TARGET_COUNT
};

/* How the recorder reaches the next image: the field "handed". */
#define KT_HANDED(HANDED)                                                      \
	HANDED(KEPT, "kept")   /* envp has the recorder already */             \
	HANDED(ADDED, "added") /* a copy of envp has the recorder */           \
	HANDED(NOT, "not")     /* not handed on: the next image is a gap */    \
	HANDED(OFF, "off")     /* not handed on: envp has KEYTRAIL=off */

enum kt_handed {
#define HANDED(id, name) KT_HANDED_##id,
	KT_HANDED(HANDED)
#undef HANDED
	KT_HANDED_COUNT
};

/* Of a process whose language keeps a copy of environ: what an event touched,
 * the field "environment". */
#define KT_ENVIRONMENTS(ENVIRONMENT)                                           \
	ENVIRONMENT(LIBC, "libc") /* environ alone */                          \
	ENVIRONMENT(COPY, "copy") /* the copy alone */                         \
	ENVIRONMENT(BOTH, "both")

enum kt_environment {
#define ENVIRONMENT(id, name) KT_ENVIRONMENT_##id,
	KT_ENVIRONMENTS(ENVIRONMENT)
#undef ENVIRONMENT
	KT_ENVIRONMENT_COUNT
};

/* Why the command read a file itself: the field "why". */
#define KT_FILE_REASONS(REASON)                                                \
	REASON(OPENED, "opened") /* a process of the run opened the file */    \
	REASON(MISSED, "missed") /* a process looked elsewhere in vain */      \
	REASON(NEAR, "near")	 /* beside a program; nobody looked */

enum kt_file_reason {
#define REASON(id, name) KT_FILE_##id,
	KT_FILE_REASONS(REASON)
#undef REASON
	KT_FILE_REASON_COUNT
};

/* The value that a process held, beside that of the file: the field "is". */
#define KT_RELATIONS(RELATION)                                                 \
	RELATION(SAME, "same")						       \
	RELATION(PREFIX, "prefix")     /* the file's value, cut short */       \
	RELATION(UNQUOTED, "unquoted") /* the file's value less quotes */      \
	RELATION(TRIMMED, "trimmed")   /* the file's value less blanks */      \
	RELATION(OTHER, "other")

enum kt_relation {
#define RELATION(id, name) KT_RELATION_##id,
	KT_RELATIONS(RELATION)
#undef RELATION
	KT_RELATION_COUNT
};

// clang-format on

/* The first line of a segment: counters that all writers share by mapping the
 * file. The file stays text for every other reader: a counter is eight digits
 * of five bits, '0' + 0 to 31, the least digit first. Counters are never
 * trusted: a host may overwrite any. */
struct kt_segment {
	char begin[32];
	uint64_t room; /* existing pages of the segment, sealed */
	char and_used[16];
	uint64_t used; /* reserved bytes of the segment */
	char and_lost[16];
	uint64_t lost; /* events dropped for want of space */
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

/* Behind the first line: names that are watched for the form of a value, a line
 * in each slot. Events begin behind the slots; in a segment of an older
 * recorder, in their place. */
#define KT_NAME_SLOTS	   32
#define KT_NAME_SLOT_BYTES 64
#define KT_NAME_SLOT_BEGIN "{\"e\":\"watch\",\"name\":\""
#define KT_SEGMENT_FIRST                                                       \
	(sizeof(struct kt_segment) + KT_NAME_SLOTS * KT_NAME_SLOT_BYTES)

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

/* False unless the text is eight digits; then *ret is 0. */
static inline bool kt_counter_of(uint64_t digits, uint64_t *ret)
{
	uint64_t counter = 0;

	for (int i = 0; i < 8; i++)
		counter |= (((digits >> 8 * i) - '0') & 31) << 5 * i;
	*ret = kt_digits_of(counter) == digits ? counter : 0;
	return kt_digits_of(counter) == digits;
}

/* The room carries a check in the upper part: a host that overwrites the
 * counters must not lead the recorder beyond the end of the file (SIGBUS). */
static inline uint64_t kt_seal_pages(uint64_t count)
{
	uint64_t check = (uint32_t)count * 2654435761u >> 16;

	return check << 24 | count;
}

/* 0 when the check fails. */
static inline uint64_t kt_pages_of(uint64_t sealed)
{
	uint64_t count = sealed & KT_PAGES_MAX;

	return sealed == kt_seal_pages(count) ? count : 0;
}

#endif
