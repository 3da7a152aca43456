#include "recorder/http_hooks/libc_real.h"

#include <errno.h>

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/host_errno.h"

struct libc_real libc_real __attribute__((section(".bss.seldom")));

void libc_real_find(void)
{
	static const struct wanted wanted[] = {
#define WANTED(function)                                                       \
	{#function, offsetof(struct libc_real, function) / sizeof(void *)},
		LIBC_FUNCTIONS(WANTED)
#undef WANTED
	};

	elf_after_us(wanted, sizeof wanted / sizeof *wanted,
		     (void **)&libc_real);
}

long libc_real_missing(void)
{
	host_set_errno(ENOSYS);
	return -1;
}
