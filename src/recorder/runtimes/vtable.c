#include "recorder/runtimes/vtable.h"

#include <stdint.h>

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/syscall.h"

static void **find(void **table, const void *function)
{
	enum { FIRST = 2, MOST = 16 }; /* behind offset and type */

	for (int i = FIRST; function && i < MOST; i++)
		if (table[i] == function)
			return &table[i];
	return NULL;
}

void vtable_add(struct vtable *slots, void **table, const char *symbol,
		void *original, void *ours)
{
	void **at = find(table, elf_symbol(symbol));

	if (at && slots->n < SLOTS)
		slots->all[slots->n++] = (struct slot){at, original, ours};
	else
		slots->missing++;
}

static bool protect(void **at, int protection)
{
	uintptr_t page = (uintptr_t)at & ~(uintptr_t)4095;

	return !SYS(mprotect, page, 4096, protection);
}

bool vtable_replace_one(const struct slot *s)
{
	int before = elf_protection(s->at);

	if (before < 0 || !protect(s->at, PROT_READ | PROT_WRITE))
		return false;
	*(void **)s->original = *s->at;
	__atomic_store_n(s->at, s->ours, __ATOMIC_RELEASE);
	protect(s->at, before);
	return true;
}

bool vtable_replace(struct vtable *slots)
{
	if (slots->missing)
		return false;
	for (size_t i = 0; i < slots->n; i++)
		if (!vtable_replace_one(&slots->all[i]))
			return false;
	return true;
}
