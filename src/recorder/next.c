#include "recorder/next.h"

#include "recorder/loaded.h"

struct next next;

void next_find(void)
{
#define HOOK(function) \
	if (!next.function) \
		next.function = (__typeof__(next.function))loaded_after_us(#function);
#include "recorder/hooks.def"
#undef HOOK
}
