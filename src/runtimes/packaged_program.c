/* Programs of packages: an interpreter runs a script that its user did not
 * write. */
#include "runtimes/runtime.h"

#include "base/path.h"
#include "model/place.h"
#include "shared/source_owner.h"

enum { MOST_LOOKS = 64 };

/* The first argument that is no option; len 0: none, or a module or text comes
 * before. */
static struct str script_of(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	size_t i = 1;

	while (i < args->n && args->at[i].len && *args->at[i].at == '-')
		if (str_is_listed(args->at[i++], "-m -c -e -p -r"))
			return (struct str){NULL, 0};
	return i < args->n ? args->at[i] : (struct str){NULL, 0};
}

/* A script that pip made looks like the user's own, but for what it runs. */
static bool is_entry(const struct image *image, struct str script)
{
	for (size_t i = 0; i < image->n_events && i < MOST_LOOKS; i++)
		if (is_entry_script(image->events[i], script))
			return true;
	return false;
}

/* "webpack" of node_modules/.bin/webpack, "pm2" of node_modules/pm2/lib/x.js */
static struct str name_of(struct str script, struct source_owner file)
{
	struct str package = {file.package, file.package_len};

	if (file.owner != SOURCE_LIBRARY || !package.len || *package.at == '.')
		return str_base(script);
	return package;
}

struct str runtime_packaged_program(const struct image *image)
{
	struct str script = {NULL, 0};
	struct source_owner file;
	bool is_packaged = false;

	if (runtime_interprets(image))
		script = script_of(image);
	if (!script.len)
		return script;
	file = find_source_owner(script.at, script.len);
	if (file.owner == SOURCE_TOOL)
		is_packaged = !path_is_below(script, image->cwd);
	else
		is_packaged =
			file.owner != SOURCE_OWN || is_entry(image, script);
	return is_packaged ? name_of(script, file) : (struct str){NULL, 0};
}
