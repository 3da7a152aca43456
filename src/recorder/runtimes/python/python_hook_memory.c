#include "recorder/runtimes/python/python_hook_memory.h"

#include "recorder/runtimes/python/python_api.h"

static _Alignas(16) char entry[64];
static struct allocator before;

static void *give_entry(void *ctx, size_t size)
{
	(void)ctx;
	return size <= sizeof entry ? entry : before.malloc(before.ctx, size);
}

static void *pass_malloc(void *ctx, size_t size)
{
	(void)ctx;
	return before.malloc(before.ctx, size);
}

static void *pass_calloc(void *ctx, size_t count, size_t size)
{
	(void)ctx;
	return before.calloc(before.ctx, count, size);
}

static void *pass_realloc(void *ctx, void *at, size_t size)
{
	(void)ctx;
	return before.realloc(before.ctx, at, size);
}

static void pass_free(void *ctx, void *at)
{
	(void)ctx;
	if (at != entry)
		before.free(before.ctx, at);
}

/* Replaces the interpreter's malloc. Our allocator is still in place when an
 * interpreter begins after another has ended. */
static void replace(void *(*give)(void *, size_t))
{
	struct allocator ours = {NULL, give, pass_calloc, pass_realloc,
				 pass_free};
	struct allocator now;

	py.PyMem_GetAllocator(RAW_MEMORY, &now);
	if (now.free != pass_free)
		before = now;
	py.PyMem_SetAllocator(RAW_MEMORY, &ours);
}

void python_hook_memory_begin(void)
{
	replace(give_entry);
}

void python_hook_memory_restore(void)
{
	py.PyMem_SetAllocator(RAW_MEMORY, &before);
}

void python_hook_memory_end(void)
{
	replace(pass_malloc);
}
