#include "recorder/trace/unwind.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "keytrail/trace.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/lib/host_errno.h"
#include "recorder/state/process_globals.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"

/* Declarations of <libunwind.h> (1.5 and later), so that building the recorder
 * needs no libunwind. unwind_start() tests the declarations by a first walk. */
enum { RBX = 3, RBP = 6, RSP = 7, R12 = 12, RIP = 16, REGISTERS = 17 };
enum { NO_INFO = -10, BAD = -8 };
enum { CURSOR_WORDS = 127 + 33, REMOTE_TABLE = 2, CACHE_NONE = 0 };

struct walk {
	uintptr_t registers[REGISTERS];
	struct range {
		uintptr_t at;
		size_t size;
	} stack, module, tables; /* mapped for sure; the latter two change */
	uintptr_t page;		 /* was found readable last */
	bool ended;		 /* libunwind would go on by guessing */
};

struct table {
	void *next, *prev;
	uintptr_t from, to, gp;
	int32_t format, pad;
	uintptr_t load_offset;
	uintptr_t name, base, words, at;
};

struct accessors {
	int (*find_procedure)(void *space, uintptr_t ip, void *ret, int need,
			      struct walk *);
	void (*forget_procedure)(void *space, void *, struct walk *);
	int (*find_made_code)(void *space, uintptr_t *, struct walk *);
	int (*read_memory)(void *space, uintptr_t at, uintptr_t *ret, int write,
			   struct walk *);
	int (*read_register)(void *space, int, uintptr_t *ret, int write,
			     struct walk *);
	int (*read_float)(void *space, int, void *, int write, struct walk *);
	int (*resume)(void *space, void *cursor, struct walk *);
	int (*name_procedure)(void *space, uintptr_t, char *, size_t,
			      uintptr_t *, struct walk *);
	void *later_versions[8];
};

#define FUNCTIONS(F)                                                           \
	F(create_addr_space, void *, (struct accessors *, int order))          \
	F(set_caching_policy, int, (void *space, int policy))                  \
	F(init_remote, int, (void *cursor, void *space, struct walk *))        \
	F(step, int, (void *cursor))                                           \
	F(get_reg, int, (void *cursor, int, uintptr_t *ret))                   \
	F(is_signal_frame, int, (void *cursor))                                \
	F(dwarf_search_unwind_table, int,                                      \
	  (void *space, uintptr_t ip, struct table *, void *ret, int need,     \
	   struct walk *))

static struct {
#define MEMBER(name, type, arguments) type(*name) arguments;
	FUNCTIONS(MEMBER)
#undef MEMBER
} unw;

static void *_Atomic space;	 /* NULL: no stacks */
static _Atomic uint32_t walking; /* threads; a fork copies the count */

/* --- answers to libunwind ------------------------------------------------- */

/* Looks at the start of the word only: no word crosses the end of a page. */
static bool is_known(const struct walk *w, uintptr_t at)
{
	return at - w->stack.at < w->stack.size ||
	       at - w->module.at < w->module.size ||
	       at - w->tables.at < w->tables.size || (at & ~4095ul) == w->page;
}

/* Asks the kernel to read from the address: rt_sigprocmask reads the mask
 * first, and then refuses the command -1. libunwind blocks signals anyway, so a
 * seccomp filter meets no new system call. */
static bool is_readable(uintptr_t at)
{
	return SYS(rt_sigprocmask, -1, at, NULL, 8) != -EFAULT;
}

__attribute__((no_sanitize("address"))) static int
read_memory(void *unused, uintptr_t at, uintptr_t *ret, int write,
	    struct walk *w)
{
	(void)unused;
	if (write || w->ended || (at & 4095) > 4096 - sizeof at)
		return BAD;
	if (!is_known(w, at)) {
		if (!is_readable(at))
			return BAD;
		w->page = at & ~4095ul;
	}
	__builtin_memcpy(ret, (const void *)at, sizeof *ret);
	return 0;
}

static int read_register(void *unused, int which, uintptr_t *ret, int write,
			 struct walk *w)
{
	(void)unused;
	if (write || which < 0 || which >= REGISTERS)
		return BAD;
	*ret = w->registers[which];
	return 0;
}

/* Reads .eh_frame_hdr in the form written by every linker: addresses of
 * functions, sorted, relative to the header. The walk ends in a module without
 * such a header, where libunwind would guess at frame pointers. */
static int find_procedure(void *address_space, uintptr_t ip, void *ret,
			  int need, struct walk *w)
{
	static const uint8_t usual[] = {1, 0x1b, 0x03, 0x3b};
	struct table table = {.format = REMOTE_TABLE};
	const uint8_t *header = NULL;
	uint32_t count = 0;
	struct module m;
	int result;

	w->ended = true;
	if (!elf_module((const void *)ip, &m))
		return NO_INFO;
	w->module = (struct range){m.from, m.to - m.from};
	header = elf_part(&m, PT_GNU_EH_FRAME, &w->tables.size);
	w->tables.at = (uintptr_t)header;
	if (!header || w->tables.size < 12 ||
	    !bytes_equal((const char *)header, (const char *)usual, 4))
		return NO_INFO;
	__builtin_memcpy(&count, header + 8, sizeof count);
	if (count > (w->tables.size - 12) / 8)
		return NO_INFO;
	w->ended = false;
	table.from = m.from;
	table.to = m.to;
	table.base = (uintptr_t)header;
	table.at = table.base + 12;
	table.words = count; /* each entry is two halves of a word */
	result = unw.dwarf_search_unwind_table(address_space, ip, &table, ret,
					       need, w);
	w->ended = result < 0;
	return result;
}

static void forget_procedure(void *unused, void *procedure, struct walk *w)
{
	(void)unused, (void)procedure, (void)w;
}

static int find_made_code(void *unused, uintptr_t *ret, struct walk *w)
{
	(void)unused, (void)ret, (void)w;
	return NO_INFO;
}

static int read_float(void *unused, int which, void *ret, int write,
		      struct walk *w)
{
	(void)unused, (void)which, (void)ret, (void)write, (void)w;
	return BAD;
}

static int resume(void *unused, void *cursor, struct walk *w)
{
	(void)unused, (void)cursor, (void)w;
	return BAD;
}

static int name_procedure(void *unused, uintptr_t at, char *name, size_t size,
			  uintptr_t *offset, struct walk *w)
{
	(void)unused, (void)at, (void)name, (void)size, (void)offset, (void)w;
	return NO_INFO;
}

/* --- a walk ------------------------------------------------------------- */

/* The stack of the main thread is mapped from sp up to the data put there by
 * the kernel. Other mappings lie farther away. Of other stacks the end is
 * unknown. */
static struct range main_stack(uintptr_t sp)
{
	uintptr_t size = (uintptr_t)elf_random() - sp;

	return (struct range){sp, size < 64ul << 20 ? size : 0};
}

#define SAVE(name, which) "movq %%" name ", 8*" which "(%0)\n\t"

/* Walks outward from the frame of this very function. Only the registers saved
 * below have known values: callees have overwritten the others. */
static __attribute__((noinline)) size_t
walk(void *address_space, const void *caller, uintptr_t frames[UNWIND_FRAMES])
{
	uintptr_t cursor[CURSOR_WORDS], ip;
	struct walk w = {.page = 1};
	bool is_beyond = false, is_exact = false;
	size_t count = 0;

	__asm__ volatile(
		SAVE("rbx", "3") SAVE("rbp", "6") SAVE("rsp", "7")
			SAVE("r12", "12") SAVE("r13", "13") SAVE("r14", "14")
				SAVE("r15", "15") "leaq 0f(%%rip), %%rax\n\t"
						  "0:\n\t" SAVE("rax", "16")
		:
		: "r"(w.registers)
		: "rax", "memory");
	w.stack = main_stack(w.registers[RSP]);
	if (unw.init_remote(cursor, address_space, &w) < 0)
		return 0;
	for (int steps = 0; steps < UNWIND_FRAMES + 8 &&
			    count < UNWIND_FRAMES && unw.step(cursor) > 0;
	     steps++) {
		if (unw.get_reg(cursor, RIP, &ip) < 0 || !ip)
			break;
		if (is_beyond)
			frames[count++] = ip - !is_exact;
		is_beyond |= ip == (uintptr_t)caller;
		/* No call was made by code that a signal interrupted. */
		is_exact = unw.is_signal_frame(cursor) > 0;
	}
	__asm__ volatile("" ::"r"(&w) : "memory"); /* still in this frame */
	return count;
}

static bool is_on_signal_stack(void)
{
	stack_t now = {0};

	return SYS(sigaltstack, NULL, &now) || now.ss_flags & SS_ONSTACK;
}

/* Was this image forked while another thread was walking? libunwind's lock may
 * then be held in this image by no thread. `walking` stays above zero, so forks
 * of this image give up as well. */
static bool is_copied_amid(void)
{
	if (!atomic_exchange(&globals->life.knows_stacks, true) &&
	    atomic_load(&walking))
		space = NULL;
	return !space;
}

size_t unwind_callers(const void *caller, uintptr_t frames[UNWIND_FRAMES])
{
	void *address_space = space;
	size_t count;

	if (!address_space || vfork_child() || is_copied_amid() ||
	    is_on_signal_stack())
		return 0;
	atomic_fetch_add(&walking, 1);
	count = walk(address_space, caller, frames);
	atomic_fetch_sub(&walking, 1);
	return count;
}

void unwind_stop(void)
{
	space = NULL;
}

/* --- the start ---------------------------------------------------------- */

struct loader {
	void *(*dlopen)(const char *, int);
	void *(*dlsym)(void *, const char *);
	char *(*dlerror)(void);
};

static bool find_library(void)
{
	static const struct wanted wanted[] = {
		{"dlopen", 0}, {"dlsym", 1}, {"dlerror", 2}};
	struct loader loader = {0};
	void *library = NULL;
	bool found =
		elf_anywhere(wanted, ARRAY_LENGTH(wanted), (void **)&loader);

	if (found)
		library = loader.dlopen(KT_UNWINDER, RTLD_NOW | RTLD_LOCAL);
#define FIND(name, type, arguments)                                            \
	if (library &&                                                         \
	    !(*(void **)&unw.name = loader.dlsym(library, "_Ux86_64_" #name))) \
		library = NULL;
	FUNCTIONS(FIND)
#undef FIND
	if (found && !library)
		loader.dlerror(); /* hides the error from the host */
	return library;
}

static void *make_space(void)
{
	struct accessors accessors = {
		/* libunwind makes a copy */
		.find_procedure = find_procedure,
		.forget_procedure = forget_procedure,
		.find_made_code = find_made_code,
		.read_memory = read_memory,
		.read_register = read_register,
		.read_float = read_float,
		.resume = resume,
		.name_procedure = name_procedure,
	};
	void *made = unw.create_addr_space(&accessors, 0);
	uintptr_t frames[UNWIND_FRAMES];

	if (!made)
		return NULL;
	unw.set_caching_policy(made, CACHE_NONE);
	return walk(made, __builtin_return_address(0), frames) ? made : NULL;
}

/* libunwind first makes a pipe, for testing addresses. The pipe is of no use
 * here, and the host would find the descriptors. So the limit of descriptors is
 * 0 meanwhile. */
static void *make_space_without_descriptors(void)
{
	struct rlimit before, none;
	void *made;

	if (SYS(prlimit64, 0, RLIMIT_NOFILE, NULL, &before))
		return NULL;
	none = (struct rlimit){0, before.rlim_max};
	if (SYS(prlimit64, 0, RLIMIT_NOFILE, &none, NULL))
		return NULL;
	made = make_space();
	SYS(prlimit64, 0, RLIMIT_NOFILE, &before, NULL);
	return made;
}

void unwind_start(void)
{
	int error = host_errno();

	atomic_store(&globals->life.knows_stacks, true);
	if (find_library())
		space = make_space_without_descriptors();
	host_set_errno(error);
}
