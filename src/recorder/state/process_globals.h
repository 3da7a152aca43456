/* Everything kept by the recorder for a process, and for each thread. */
#ifndef RECORDER_PROCESS_GLOBALS_H
#define RECORDER_PROCESS_GLOBALS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/secrets/value_filter.h"
#include "recorder/state/dedup.h"
#include "recorder/state/env_hashes.h"
#include "recorder/state/file_targets.h"
#include "recorder/state/folds.h"
#include "recorder/state/places.h"
#include "recorder/state/settings.h"
#include "recorder/state/watched_values.h"

/* The environment of the host. The address is NULL until the loader is done. */
extern char **environ __attribute__((weak));

enum {
	LINE_BYTES = 1900, /* longest line of the trace */
	IMAGE_ID_BYTES = 32,
	KILLS_TOLD = 16
};

/* State that ends with a fork. MADV_WIPEONFORK makes every byte zero in the
 * child, however the child was made. Threads share the struct, so the members
 * are atomic. The members touched by every image come first, in one page. */
struct life {
	_Atomic uint64_t born; /* t of the birth; 0: not recorded yet */
	_Atomic uint32_t being_born;
	int32_t pid;
	_Atomic uint32_t threads; /* threads with a recorded event */
	atomic_bool knows_stacks; /* see unwind.c */
	_Atomic uint64_t lost, told_lost;
	atomic_bool ends; /* the program called exit or a function like it */
	struct failed_exec {
		_Atomic uint32_t taken;
		uint32_t count;
		int error;
		uint64_t t;
		const char *fn;
		uint32_t vfork_pid;
		char name[64];
	} failed;
	_Atomic uint64_t kills[KILLS_TOLD]; /* see hooks/kill.c */
	_Atomic uint32_t opens;		    /* different opens that are told */
	struct dedup dedup; /* its first places share the page */
	struct folds folds;
	struct places places;
};

/* Variables of the environment, as known to the trace (process/env_state.h). */
struct env_state {
	char **environ_seen;	 /* `environ` at the last check */
	uint32_t count_at_birth; /* variables at birth */
	bool has_second_entries; /* of a watched variable, at birth */
	struct env_hashes hashes;
	struct watched_values watched;
	struct env_hash many[ENV_HASHES_MANY];
};

/* Lies in pages of its own, which no core dump includes. Each page touched at
 * birth costs a fault: these are the first page of each of the three parts.
 * `life` is the first part, since the kernel splits the mapping where a part to
 * be wiped begins and ends. */
struct process_globals {
	struct life life;

	_Alignas(4096) struct settings settings;
	char exe[PATH_BYTES / 2];
	char args[LINE_BYTES];	  /* "args":[...],"argc":N as first written */
	char python_library[256]; /* directory of Python's own modules */

	_Alignas(4096) uint64_t seed; /* of secret_tag */
	uint32_t euid;		      /* at birth */
	bool wiped_by_hand; /* no MADV_WIPEONFORK: the fork hooks wipe `life` */
	bool runs_perl;	    /* 5.24 or later, from the start */
	bool hides_exe;	    /* the path `exe` has a secret */
	bool is_go;	    /* the program is made by Go */
	char parent[IMAGE_ID_BYTES]; /* image that forked, or "" */
	char self[IMAGE_ID_BYTES]; /* this image: `parent` in a forked child */
	char *const *argv; /* at birth: a program may write over it; or NULL */
	bool keeps_copy;   /* see process/language_copy.h */
	uint64_t file_target_lengths;	  /* see state/file_targets.h */
	_Atomic uint64_t copy_difference; /* hash; 0: none */
	struct value_filter value_filter; /* all watched values met so far */
	struct env_state env_state;
	struct file_targets file_targets;
};

extern struct process_globals *globals; /* NULL: not started, or off */

/* A thread with an environment of its own (a worker of Node) is a separate
 * image in the trace. */
struct thread_image {
	const void *env; /* identifies the environment; NULL: the process's */
	uint64_t tag;	 /* hash of `id` */
	char id[IMAGE_ID_BYTES];
};

struct thread {
	bool inside;	   /* the recorder is at work in this thread */
	bool changes_copy; /* see process/language_copy.h */
	bool vforked;	   /* between vfork and the child's exec or _exit */
	uint32_t number;
	uint64_t born; /* the image of `number` */
	struct thread_image image;
};
extern __thread struct thread thread;

/* True in the thread of main(). In a fork's child: the thread that called
 * fork(). */
bool is_main_thread(void);

/* Between vfork and the child's exec or exit: the child's pid. Otherwise 0. */
uint32_t vfork_child(void);

/* dedup_count_if_due for this image. */
uint64_t count_event(uint64_t tag, uint64_t always);

#endif
