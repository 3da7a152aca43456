/* What a launcher or client gives to its programs. */
#include "runtimes/runtime.h"

#include <fnmatch.h>
#include <stdio.h>

static const struct launch {
	enum leads leads;
	const char *needed, *keeping; /* patterns of arguments, or null */
	int64_t own_failure;	      /* 0: not known */
	bool detaches;
} launches[RUNTIME_COUNT] = {
#define LEADS(id, where) [RUNTIME_##id].leads = LEADS_TO_##where,
#define ARGUMENTS(id, must, must_not)                                          \
	[RUNTIME_##id].needed = must, [RUNTIME_##id].keeping = must_not,
#define OWN_FAILURE(id, status) [RUNTIME_##id].own_failure = status,
#define DETACHES(id)		[RUNTIME_##id].detaches = true,
#include "runtimes/runtimes.def"
};

static const struct launch *launch_of(const struct image *image)
{
	return &launches[runtime_of(image)->id];
}

enum leads runtime_leads(const struct image *image)
{
	return launch_of(image)->leads;
}

/* fnmatch wants a null byte at the end of the text: the first 4095 bytes of an
 * argument are compared. */
static bool matches(const char *patterns, struct str argument)
{
	char pattern[64], text[4096];

	snprintf(text, sizeof text, "%.*s", STR_FMT(argument));
	for (size_t n; *patterns; patterns += n + (patterns[n] == ' ')) {
		n = strcspn(patterns, " ");
		snprintf(pattern, sizeof pattern, "%.*s", (int)n, patterns);
		if (!fnmatch(pattern, text, 0))
			return true;
	}
	return false;
}

static bool any_matches(const char *patterns, const struct strs *args)
{
	for (size_t i = 1; i < args->n; i++)
		if (args->at[i].len && matches(patterns, args->at[i]))
			return true;
	return false;
}

bool runtime_starts_new_environment(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	const struct launch *l = launch_of(image);

	if (!l->needed)
		return true;
	return (!*l->needed || any_matches(l->needed, args)) &&
	       !any_matches(l->keeping, args);
}

bool runtime_failed_itself(const struct image *image)
{
	const struct launch *l = launch_of(image);

	return l->own_failure && image->status == l->own_failure;
}

bool runtime_waits(const struct image *image)
{
	return !launch_of(image)->detaches;
}
