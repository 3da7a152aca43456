#include "recorder/handover.h"

#include <errno.h>
#include <sys/mman.h>

#include "recorder/interpreter.h"
#include "recorder/mask.h"
#include "recorder/place.h"
#include "recorder/recorder.h"
#include "recorder/segment.h"
#include "recorder/sys.h"
#include "recorder/target.h"
#include "recorder/text.h"

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

uint32_t vfork_child(void)
{
	uint32_t pid = (uint32_t)SYS(getpid);

	return pid == (uint32_t)guest->life.pid ? 0 : pid;
}

/* Not msync: memcheck takes that for a read of what is not there. */
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

bool handover_is_readable(const struct handover *h)
{
	return is_mapped(h->path) && is_list(h->argv) && is_list(h->envp);
}

void handover_begin(struct handover *h)
{
	h->t = now();
	h->vfork_pid = vfork_child();
	if (!h->vfork_pid) /* else the place was noted at the vfork */
		interpreter_note(h->caller, ACT_LAUNCH);
	target_look(&h->target, h->dirfd, h->path, h->search, h->argv);
	h->injection = inject_choose(h->envp, &h->target, &h->handed);
	segment_make_room();
}

static int pass(const struct handover *h, handover_call *call, const void *how,
		void *space)
{
	char *const *envp = h->envp;

	if (space)
		envp = inject_build(space, h->envp, h->injection,
				    h->target.runtime);
	recorder_leave();
	return call(h, how, envp);
}

static int pass_on_stack(const struct handover *h, handover_call *call,
			 const void *how, size_t size)
{
	return pass(h, call, how, __builtin_alloca(size));
}

/* In a vfork child the mapping outlives the exec in the parent: it is kept
 * with the thread and goes at its next exec or spawn. */
static int pass_on_map(const struct handover *h, handover_call *call,
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

int handover_pass(const struct handover *h, handover_call *call,
		  const void *how)
{
	enum { ON_STACK = 1536 };
	size_t size = inject_size(h->envp, h->injection);

	if (!size)
		return pass(h, call, how, NULL);
	return size <= ON_STACK ? pass_on_stack(h, call, how, size)
				: pass_on_map(h, call, how, size);
}

bool handover_shed(struct handover *h)
{
	enum injection less = inject_less(h->envp);

	if (h->injection == less)
		return false;
	h->t = now();
	h->injection = less;
	h->handed = KT_HANDED_NOT;
	return true;
}

/* A recorder that stays behind in a static program still reaches its
 * children, but not the program itself. */
static enum kt_handed told_handed(const struct handover *h)
{
	return h->target.kind == KT_TARGET_SETUID ? KT_HANDED_NOT : h->handed;
}

/* The next program has a file of its user's own: this line vouches for it. */
static void put_user(struct line *l)
{
	uint32_t euid = (uint32_t)SYS(geteuid);

	if (euid != guest->euid)
		line_number(l, "euid", euid);
}

static void put_words(struct line *l, const struct handover *h)
{
	bool is_there = h->path && h->target.kind != KT_TARGET_MISSING;

	if (is_there)
		mask_known(l, "path", h->path);
	else if (h->path)
		mask_path(l, "path", h->path);
	line_caller(l, h->caller);
	place_put(l, place_here());
	place_forget();
	line_text(l, "target", target_names[h->target.kind]);
	line_text(l, "handed", handed_names[told_handed(h)]);
	put_user(l);
	mask_args(l, h->argv, h->envp, is_there ? h->path : NULL);
	if (!held_put_difference(l, h->envp))
		return;
	held_list_env(l, "env", h->envp);
	held_list_lost(l, h->envp);
}

static void put_vfork(struct line *l, uint32_t pid)
{
	if (!pid)
		return;
	line_number(l, "pid", pid);
	line_bool(l, "vfork", true);
}

/* What a search along PATH has in common; stars when the whole could be a
 * secret, of which a slash would leave a part. */
static const char *name_of(const struct handover *h)
{
	const char *path = h->path ? h->path : "";

	return mask_shows(path) ? last_part(path) : "***";
}

static bool is_same_search(const struct failed_exec *f, const struct handover *h)
{
	return f->count && same_text(f->name, name_of(h));
}

__attribute__((noinline)) void handover_tell_exec(const struct handover *h)
{
	struct line l;

	if (h->target.kind == KT_TARGET_MISSING)
		return;
	if (is_same_search(&guest->life.failed, h))
		guest->life.failed.count = 0; /* a search that found it */
	else
		handover_tell_failures();
	line_begin(&l, KT_EXEC, h->t);
	line_text(&l, "fn", h->fn);
	put_vfork(&l, h->vfork_pid);
	put_words(&l, h);
	line_end(&l);
}

__attribute__((noinline)) void handover_tell_spawn(const struct handover *h,
						   uint32_t child, int error)
{
	struct line l;

	line_begin(&l, KT_SPAWN, h->t);
	line_text(&l, "fn", h->fn);
	if (child)
		line_number(&l, "child", child);
	if (error)
		line_number(&l, "errno", (uint64_t)error);
	put_words(&l, h);
	line_end(&l);
}

static __attribute__((noinline)) void
tell_failed(uint64_t t, const char *fn, const char *name, int error,
	    uint32_t count, uint32_t vfork_pid)
{
	struct line l;

	line_begin(&l, KT_EXEC_FAILED, t);
	line_text(&l, "fn", fn);
	mask_path(&l, "path", name);
	line_number(&l, "errno", (uint64_t)error);
	line_number(&l, "n", count);
	put_vfork(&l, vfork_pid);
	line_end(&l);
}

/* Only one thread keeps a search at a time; another's is told at once. */
static bool take(struct failed_exec *f)
{
	return !atomic_exchange(&f->taken, 1);
}

static void give_back(struct failed_exec *f)
{
	atomic_store(&f->taken, 0);
}

void handover_tell_failures(void)
{
	struct failed_exec *f = &guest->life.failed;

	if (!f->count || !take(f))
		return;
	tell_failed(f->t, f->fn, f->name, f->error, f->count, f->vfork_pid);
	f->count = 0;
	give_back(f);
}

void handover_failed(const struct handover *h, int error)
{
	struct failed_exec *f = &guest->life.failed;
	const char *name = name_of(h);

	if (h->target.kind == KT_TARGET_MISSING && !is_same_search(f, h))
		handover_tell_failures();
	if (h->target.kind != KT_TARGET_MISSING || !take(f)) {
		tell_failed(h->t, h->fn, name, error, 1, h->vfork_pid);
		return;
	}
	if (!f->count++) {
		f->t = h->t;
		f->fn = h->fn;
		f->vfork_pid = h->vfork_pid;
		f->name[0] = '\0';
		text_append(f->name, sizeof f->name, name);
	}
	f->error = error;
	give_back(f);
}
