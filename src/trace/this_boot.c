#include "trace/trace.h"

#include <stdio.h>

bool read_boot(char ret[BOOT_BYTES])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	bool known = file && fread(ret, 1, BOOT_BYTES - 1, file) == 8;

	ret[BOOT_BYTES - 1] = '\0';
	if (file)
		fclose(file);
	return known;
}

bool trace_is_of_this_boot(const struct trace *t)
{
	char boot[BOOT_BYTES];
	bool known = read_boot(boot);

	for (size_t i = 0; known && i < t->n; i++)
		if (t->events[i].boot.len)
			return str_eq(t->events[i].boot, str_of(boot));
	return false;
}
