#include "recorder/process/npm_script.h"

#include "recorder/lib/env_entry.h"
#include "recorder/lib/str.h"
#include "recorder/process/redact/redact.h"

static void put(struct event_line *l, char *const *envp, const char *name)
{
	size_t n = str_length(name);
	const char *entry = env_entry(envp, name, n);

	if (entry && str_length(entry) < PATH_BYTES / 2)
		redact_known(l, name, entry + n + 1);
}

void npm_script_put(struct event_line *l, char *const *envp)
{
	put(l, envp, "npm_lifecycle_event");
	put(l, envp, "npm_package_json");
}
