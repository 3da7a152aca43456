/* What a launcher or client gives to its programs. */
#include "runtimes/runtime.h"

#include "base/pattern.h"

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

static bool any_matches(const char *patterns, const struct strs *args)
{
	for (size_t i = 1; i < args->n; i++)
		if (args->at[i].len && str_matches_any(args->at[i], patterns))
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
