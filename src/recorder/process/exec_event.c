#include "recorder/process/env_state.h"
#include "recorder/process/exec_event.h"

#include "recorder/trace/event_caller.h"
#include <errno.h>
#include <sys/mman.h>

#include "recorder/process/redact/redact.h"
#include "recorder/process/source_pos.h"
#include "recorder/lib/clock.h"
#include "recorder/process/reentry.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/segment_file.h"
#include "recorder/lib/syscall.h"
#include "recorder/process/exec_target.h"
#include "recorder/lib/str.h"

static const char *const target_names[] = {
#define TARGET(id, name) [KT_TARGET_##id] = name,
	KT_TARGETS(TARGET)
#undef TARGET
};

static const char *const handed_names[] = {
#define HANDED(id, name) [KT_HANDED_##id] = name,
	KT_HANDED(HANDED)
#undef HANDED
};

/* Uses mincore: memcheck reports msync as a read of memory that is not mapped.
 */
static bool is_mapped(const void *at)
{
	uintptr_t page = (uintptr_t)at & ~(uintptr_t)4095;
	unsigned char resident;

	return !at || !SYS(mincore, page, 1, &resident);
}

static bool is_list(char *const *list)
{
	if (!is_mapped(list))
		return false;
	for (; list && *list; list++)
		if ((uintptr_t)*list < 4096)
			return false;
	return true;
}

bool exec_event_is_readable(const struct exec_event *h)
{
	return is_mapped(h->path) && is_list(h->argv) && is_list(h->envp);
}

void exec_event_begin(struct exec_event *h)
{
	h->t = now();
	h->vfork_pid = vfork_child();
	exec_target_inspect(&h->target, h->dirfd, h->path, h->search, h->argv);
	h->injection = preload_env_choose(h->envp, &h->target, &h->handed);
	segment_make_room();
}

static int pass(const struct exec_event *h, exec_event_function *call,
		const void *how, void *space)
{
	char *const *envp = h->envp;

	if (space)
		envp = preload_env_build(space, h->envp, h->injection,
					 h->target.runtime);
	recorder_leave();
	return call(h, how, envp);
}

static int pass_on_stack(const struct exec_event *h, exec_event_function *call,
			 const void *how, size_t size)
{
	return pass(h, call, how, __builtin_alloca(size));
}

/* In a vfork child the mapping outlives the exec in the parent. So the thread
 * keeps the mapping, and unmaps the memory at the next exec or spawn. */
static int pass_on_map(const struct exec_event *h, exec_event_function *call,
		       const void *how, size_t size)
{
	static __thread struct {
		void *at;
		size_t size;
	} left;
	int result;

	if (left.at)
		SYS(munmap, left.at, left.size);
	left.at = sys_memory(size);
	left.size = size;
	result = pass(h, call, how, left.at);
	if (left.at)
		SYS(munmap, left.at, left.size);
	left.at = NULL;
	return result;
}

int exec_event_call(const struct exec_event *h, exec_event_function *call,
		    const void *how)
{
	enum { ON_STACK = 1536 };
	size_t size = preload_env_size(h->envp, h->injection);

	if (!size)
		return pass(h, call, how, NULL);
	return size <= ON_STACK ? pass_on_stack(h, call, how, size)
				: pass_on_map(h, call, how, size);
}

bool exec_event_without_preload(struct exec_event *h)
{
	enum preload_change less = preload_env_without_us(h->envp);

	if (h->injection == less)
		return false;
	h->t = now();
	h->injection = less;
	h->handed = KT_HANDED_NOT;
	return true;
}

/* A set-id program has other rights, and its loader ignores the recorder. A
 * static program does not load the recorder either, but its children inherit
 * the variables: `handed` stays. */
static enum kt_handed told_handed(const struct exec_event *h)
{
	return h->target.kind == KT_TARGET_SETUID ? KT_HANDED_NOT : h->handed;
}

/* Written when the effective user changed: the next program writes a file of
 * another user, and this line vouches for the file. */
static void put_user(struct event_line *l)
{
	uint32_t euid = (uint32_t)SYS(geteuid);

	if (euid != globals->euid)
		event_number(l, "euid", euid);
}

static void put_words(struct event_line *l, const struct exec_event *h)
{
	bool is_there = h->path && h->target.kind != KT_TARGET_MISSING;
	bool differs;

	if (is_there)
		redact_known(l, "path", h->path);
	else if (h->path)
		redact_path(l, "path", h->path);
	event_caller(l, h->caller);
	source_pos_put(l, source_pos_current());
	event_text(l, "target", target_names[h->target.kind]);
	event_text(l, "handed", handed_names[told_handed(h)]);
	put_user(l);
	redact_args(l, h->argv, h->envp, is_there ? h->path : NULL);
	differs = env_state_put_difference(l, h->envp);
	source_pos_put_current_callers(l);
	source_pos_clear();
	if (!differs)
		return;
	env_state_put_cut(l, h->envp);
	env_state_list_env(l, "env", h->envp);
	env_state_list_lost(l, h->envp);
}

static void put_vfork(struct event_line *l, uint32_t pid)
{
	if (!pid)
		return;
	event_number(l, "pid", pid);
	event_bool(l, "vfork", true);
}

/* The part of the path common to all attempts of a search along PATH. Stars
 * when the whole path could be a secret: the part behind a slash would reveal a
 * part of the secret. */
static const char *name_of(const struct exec_event *h)
{
	const char *path = h->path ? h->path : "";

	return redact_shows(path) ? base_name(path) : "***";
}

static bool is_same_search(const struct failed_exec *f,
			   const struct exec_event *h)
{
	return f->count && str_equal(f->name, name_of(h));
}

__attribute__((noinline)) void record_exec(const struct exec_event *h)
{
	struct event_line l;

	if (h->target.kind == KT_TARGET_MISSING)
		return;
	if (is_same_search(&globals->life.failed, h))
		globals->life.failed.count = 0; /* the program was found */
	else
		record_exec_failures();
	event_begin(&l, KT_EXEC, h->t);
	event_text(&l, "fn", h->fn);
	put_vfork(&l, h->vfork_pid);
	put_words(&l, h);
	event_end(&l);
}

__attribute__((noinline)) void record_spawn(const struct exec_event *h,
					    uint32_t child, int error)
{
	struct event_line l;

	event_begin(&l, KT_SPAWN, h->t);
	event_text(&l, "fn", h->fn);
	if (child)
		event_number(&l, "child", child);
	if (error)
		event_number(&l, "errno", (uint64_t)error);
	put_words(&l, h);
	event_end(&l);
}

static __attribute__((noinline)) void record_failed(uint64_t t, const char *fn,
						    const char *name, int error,
						    uint32_t count,
						    uint32_t vfork_pid)
{
	struct event_line l;

	event_begin(&l, KT_EXEC_FAILED, t);
	event_text(&l, "fn", fn);
	redact_path(&l, "path", name);
	event_number(&l, "errno", (uint64_t)error);
	event_number(&l, "n", count);
	put_vfork(&l, vfork_pid);
	event_end(&l);
}

/* Only one thread at a time collects the attempts of a search. A failure in
 * another thread is recorded at once. */
static bool take(struct failed_exec *f)
{
	return !atomic_exchange(&f->taken, 1);
}

static void give_back(struct failed_exec *f)
{
	atomic_store(&f->taken, 0);
}

void record_exec_failures(void)
{
	struct failed_exec *f = &globals->life.failed;

	if (!f->count || !take(f))
		return;
	record_failed(f->t, f->fn, f->name, f->error, f->count, f->vfork_pid);
	f->count = 0;
	give_back(f);
}

void exec_event_failed(const struct exec_event *h, int error)
{
	struct failed_exec *f = &globals->life.failed;
	const char *name = name_of(h);

	if (h->target.kind == KT_TARGET_MISSING && !is_same_search(f, h))
		record_exec_failures();
	if (h->target.kind != KT_TARGET_MISSING || !take(f)) {
		record_failed(h->t, h->fn, name, error, 1, h->vfork_pid);
		return;
	}
	if (!f->count++) {
		f->t = h->t;
		f->fn = h->fn;
		f->vfork_pid = h->vfork_pid;
		f->name[0] = '\0';
		str_append(f->name, sizeof f->name, name);
	}
	f->error = error;
	give_back(f);
}
