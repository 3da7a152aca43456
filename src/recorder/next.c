#include "recorder/next.h"

#include "recorder/loaded.h"

struct next next;

void next_find(void)
{
	static const struct wanted wanted[] = {
#define HOOK(function) \
	{#function, offsetof(struct next, function) / sizeof(void *)},
#include "recorder/hooks.def"
#undef HOOK
	};

	loaded_after_us(wanted, sizeof wanted / sizeof *wanted, (void **)&next);
}
