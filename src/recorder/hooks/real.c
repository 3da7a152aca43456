#include "recorder/hooks/real.h"

#include "recorder/lib/elf_objects.h"

struct real real;

void real_find(void)
{
	static const struct wanted wanted[] = {
#define HOOK(function, event)                                                  \
	{#function, offsetof(struct real, function) / sizeof(void *)},
#include "recorder/hooks/hooks.def"
#undef HOOK
	};

	elf_after_us(wanted, sizeof wanted / sizeof *wanted, (void **)&real);
}
