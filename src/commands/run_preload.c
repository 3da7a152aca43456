#include "commands/run_preload.h"

#include <stdbool.h>
#include <string.h>

#include "base/out.h"
#include "base/str.h"
#include "shared/sanitizer.h"

static const char separators[] = ": ";

/* The next path of a list, and *list behind it; empty after the last. */
static struct str next_path(const char **list)
{
	const char *at = *list + strspn(*list, separators);
	size_t n = strcspn(at, separators);

	*list = at + n;
	return (struct str){at, n};
}

static bool is_runtime(struct str path)
{
	struct str name = str_base(path);

	return sanitizer_is_runtime(name.at, name.len);
}

/* Where in the list that ends which must come before the recorder: its
 * runtimes, or all of it where the command's own runtime must
 * (src/recorder/process/preload_list.h). */
static const char *front_of(const char *list, const char *runtime,
			    bool *ret_has_runtime)
{
	const char *front = list, *at = list;
	struct str path;

	while ((path = next_path(&at)).len) {
		if (!*runtime && !is_runtime(path))
			continue;
		front = at;
		*ret_has_runtime |= str_eq(str_base(path), str_of(runtime));
	}
	return front;
}

static void add(struct out *o, const char *separator, struct str path)
{
	if (out_memory(o).len > strlen("LD_PRELOAD="))
		out_str(o, str_of(separator));
	out_str(o, path);
}

static void add_recorder(struct out *o, const char *library,
			 const char *runtime)
{
	if (*runtime)
		add(o, ":", str_of(runtime));
	add(o, *runtime ? ": :" : ":", str_of(library));
}

const char *run_preload(struct arena *arena, const char *list,
			const char *library, const char *runtime)
{
	struct out o = out_to_memory(arena);
	bool has_runtime = false;
	const char *front;
	struct str path;

	list = list ? list : "";
	front = front_of(list, runtime, &has_runtime);
	runtime = has_runtime ? "" : runtime;
	out_str(&o, STR("LD_PRELOAD="));
	if (front == list)
		add_recorder(&o, library, runtime);
	for (const char *at = list; (path = next_path(&at)).len;) {
		if (!str_eq(path, str_of(library)))
			add(&o, ":", path);
		if (at == front)
			add_recorder(&o, library, runtime);
	}
	out_str(&o, (struct str){"", 1});
	return out_memory(&o).at;
}
