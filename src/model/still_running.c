#include "model/still_running.h"

#include <stdio.h>
#include <stdlib.h>

/* The first 15 bytes of the file's name; "": no process has this pid. */
static void read_comm(uint64_t pid, char name[17])
{
	char path[48];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%llu/comm", (unsigned long long)pid);
	f = fopen(path, "re");
	if (!f || !fgets(name, 17, f))
		*name = '\0';
	if (f)
		fclose(f);
	name[strcspn(name, "\n")] = '\0';
}

bool model_lives_here(const struct model *m, const struct image *image)
{
	struct str name = str_base(image->exe);
	char comm[17];

	if (!image->pid || m->trace->pack || model_has_ended(image) ||
	    !trace_is_of_this_boot(m->trace))
		return false;
	read_comm(image->pid, comm);
	name.len = name.len < 15 ? name.len : 15;
	return *comm && str_eq(name, str_of(comm));
}
